import xterm from "@xterm/headless";

/** What a terminal shows, from a moment of the recording on. */
export interface Frame {
	atMs: number;
	rows: readonly Row[];
}

/** One line: texts with their style and the column where they begin. */
type Row = readonly { column: number; text: string; style: string }[];

const [CELL_WIDTH, LINE_HEIGHT, MARGIN] = [8.4, 18, 14] as const;
const BACKGROUND = "#16161e";
const FOREGROUND = "#d8d8e0";
/** The sixteen named colors; programs that know true color use few of them. */
const NAMED = "000 c33 3a3 b83 46c a3a 3aa ccc 777 e66 6d6 ec6 79e d7d 6dd fff".split(" ").map((hex) => `#${hex}`);

/** The frames of a recording: what was printed, piece by piece, with its time. Equal screens are one frame. */
export async function framesOf(
	printed: readonly { atMs: number; text: string }[],
	size: { cols: number; rows: number },
): Promise<Frame[]> {
	const terminal = new xterm.Terminal({ ...size, allowProposedApi: true });
	const frames: Frame[] = [];
	let last = "";
	for (const { atMs, text } of printed) {
		await new Promise<void>((resolve) => terminal.write(text, resolve));
		const rows = Array.from({ length: size.rows }, (_value, row) => readRow(terminal, row));
		const screen = JSON.stringify(rows);
		if (screen !== last) frames.push({ atMs, rows });
		last = screen;
	}
	terminal.dispose();
	return frames;
}

function readRow(terminal: xterm.Terminal, row: number): Row {
	const { active } = terminal.buffer;
	const line = active.getLine(active.viewportY + row);
	const runs: { column: number; text: string; style: string }[] = [];
	for (let column = 0; column < terminal.cols; column++) {
		const cell = line?.getCell(column);
		if (!cell || cell.getWidth() === 0) continue;
		const style = styleOf(cell);
		const run = runs.at(-1);
		if (run?.style === style) run.text += cell.getChars() || " ";
		else runs.push({ column, text: cell.getChars() || " ", style });
	}
	return runs.filter(({ text }) => text.trim() !== "").map((run) => ({ ...run, text: run.text.trimEnd() }));
}

function styleOf(cell: xterm.IBufferCell): string {
	const color = cell.isFgDefault() ? FOREGROUND : colorOf(cell.getFgColor(), Boolean(cell.isFgRGB()));
	return [`fill:${color}`, cell.isBold() ? "font-weight:bold" : "", cell.isDim() ? "opacity:.6" : ""]
		.filter(Boolean)
		.join(";");
}

function colorOf(color: number, isRgb: boolean): string {
	if (isRgb) return `#${color.toString(16).padStart(6, "0")}`;
	if (color < 16) return NAMED[color] ?? FOREGROUND;
	if (color >= 232) return `rgb(${Array(3).fill(8 + (color - 232) * 10)})`;
	const level = (step: number) => (step === 0 ? 0 : 55 + step * 40);
	const cube = color - 16;
	return `rgb(${[Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map(level)})`;
}

/** An SVG that plays the frames without end. Rows that several frames share are written once. */
export function svgOf(frames: readonly Frame[], { title, holdMs }: { title: string; holdMs: number }): string {
	const ids = new Map<string, string>();
	const groups = frames.map(({ rows }, index) => {
		const uses = rows.flatMap((row, line) => {
			if (row.length === 0) return [];
			const text = drawRow(row);
			if (!ids.has(text)) ids.set(text, `r${ids.size}`);
			return [`<use href="#${ids.get(text)}" y="${MARGIN + (line + 0.8) * LINE_HEIGHT}"/>`];
		});
		return `<g class="f" id="f${index}">${uses.join("")}</g>`;
	});
	const lines = Math.max(...frames.map(({ rows }) => lastLine(rows)));
	/** For readers who want no motion: the last full screen. */
	const still = frames.findLastIndex(({ rows }) => lastLine(rows) === lines);
	const end = (frames.at(-1)?.atMs ?? 0) + holdMs;
	const width = Math.ceil(2 * MARGIN + columnsOf(frames) * CELL_WIDTH);
	const height = 2 * MARGIN + lines * LINE_HEIGHT;
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
<title>${escapeXml(title)}</title>
<style>
text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;white-space:pre}
.f{visibility:hidden}
${frames.map(({ atMs }, index) => animation(index, atMs / end, (frames[index + 1]?.atMs ?? end) / end, end)).join("\n")}
@media (prefers-reduced-motion:reduce){.f{animation:none}#f${still}{visibility:visible}}
</style>
<defs>${[...ids].map(([text, id]) => `<text id="${id}">${text}</text>`).join("\n")}</defs>
<rect width="100%" height="100%" rx="8" fill="${BACKGROUND}"/>
${groups.join("\n")}
</svg>
`;
}

function drawRow(row: Row): string {
	return row
		.map(({ column, text, style }) => {
			const x = (MARGIN + column * CELL_WIDTH).toFixed(1);
			return `<tspan x="${x}" textLength="${([...text].length * CELL_WIDTH).toFixed(1)}" style="${style}">${escapeXml(text)}</tspan>`;
		})
		.join("");
}

function animation(index: number, from: number, to: number, endMs: number): string {
	const [on, off] = [from, to].map((share) => `${(share * 100).toFixed(2)}%`);
	const visible = index === 0 ? "0%{visibility:visible}" : `${on}{visibility:visible}`;
	return `@keyframes k${index}{${visible}${off}{visibility:hidden}}#f${index}{animation:k${index} ${endMs}ms step-end infinite}`;
}

function columnsOf(frames: readonly Frame[]): number {
	const ends = frames.flatMap(({ rows }) => rows.flat().map(({ column, text }) => column + [...text].length));
	return Math.max(...ends);
}

function lastLine(rows: readonly Row[]): number {
	return rows.findLastIndex((row) => row.length > 0) + 1;
}

function escapeXml(text: string): string {
	return text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
}
