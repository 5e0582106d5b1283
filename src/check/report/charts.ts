import type { CallVerdict, LoopTurn } from "../loop/run-loop.ts";
import type { ProbeScore } from "../run/score.ts";

const BAR = { width: 200, height: 16 };

/** The marks of a probe as one bar: repaired in full, raw as a mark in it, the interval as a line. */
export function barOf({ name, raw, repaired }: ProbeScore): string {
	const { width, height } = BAR;
	const at = (share: number) => (1 + share * (width - 2)).toFixed(1);
	const colour = repaired.share === 1 ? "var(--good)" : "var(--bad)";
	const middle = height / 2;
	const label = `${name}: repaired ${repaired.passed} of ${repaired.runs}, raw ${raw.passed} of ${raw.runs}`;
	return (
		`<svg class="bar" viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">` +
		`<rect class="track" x="1" y="4" width="${width - 2}" height="${height - 8}"/>` +
		`<rect x="1" y="4" width="${(repaired.share * (width - 2)).toFixed(1)}" height="${height - 8}" fill="${colour}"/>` +
		`<line x1="${at(repaired.low)}" x2="${at(repaired.high)}" y1="${middle}" y2="${middle}" stroke="var(--ink)"/>` +
		`<line x1="${at(raw.share)}" x2="${at(raw.share)}" y1="0" y2="${height}" stroke="var(--raw)" stroke-width="2.5"/></svg>`
	);
}

const WIDTH = 960;
const COLOURS: Readonly<Record<CallVerdict, string>> = {
	right: "var(--good)",
	wrong: "var(--bad)",
	repeated: "var(--raw)",
	invalid: "var(--bad)",
	forgotten: "var(--accent)",
};
const HEIGHT = 120;

/** A column for each turn: its height the latency, its colour what its worst call was, a dot where it took a repair. */
export function chartOfLoop(turns: readonly LoopTurn[]): string {
	const longest = Math.max(1, ...turns.map(({ duration }) => duration));
	const step = (WIDTH - 60) / Math.max(1, turns.length);
	const columns = turns.map(({ turn, calls, duration, repairs, cached, error }) => {
		const height = Math.max(2, (duration / longest) * HEIGHT);
		const worst = calls.find((call) => call !== "right") ?? calls[0];
		const colour = error ? "var(--bad)" : worst ? COLOURS[worst] : "var(--faint)";
		const x = 50 + (turn - 1) * step;
		const told = [`turn ${turn}`, calls.join(", ") || "no call", `${Math.round(duration)} ms`, ...repairs];
		if (cached !== undefined) told.push(`${Math.round(cached * 100)} % cached`);
		const place = `x="${x.toFixed(1)}" y="${(HEIGHT - height + 12).toFixed(1)}"`;
		const size = `width="${Math.max(1, step - 1).toFixed(1)}" height="${height.toFixed(1)}"`;
		const dot = repairs.length > 0 ? `<circle cx="${(x + step / 2).toFixed(1)}" cy="5" r="3" fill="var(--raw)"/>` : "";
		return `<rect ${place} ${size} fill="${colour}"><title>${told.join("; ")}</title></rect>${dot}`;
	});
	const path = turns.map(({ turn, cached = 0 }) => {
		const x = 50 + (turn - 0.5) * step;
		return `${x.toFixed(1)},${(HEIGHT + 12 - cached * HEIGHT).toFixed(1)}`;
	});
	const lines =
		`<polyline points="${path.join(" ")}" fill="none" stroke="var(--accent)" opacity=".8"/>` +
		`<line class="axis" x1="50" x2="${WIDTH - 10}" y1="${HEIGHT + 12}" y2="${HEIGHT + 12}"/>`;
	const texts =
		`<text class="faint" x="45" y="20" text-anchor="end">${Math.round(longest)} ms</text>` +
		`<text class="faint" x="50" y="${HEIGHT + 28}">turn 1</text>` +
		`<text class="faint" x="${WIDTH - 10}" y="${HEIGHT + 28}" text-anchor="end">turn ${turns.length}</text>`;
	return `<svg class="loop" viewBox="0 0 ${WIDTH} ${HEIGHT + 34}" role="img" aria-label="Each turn of the loop">${columns.join("")}${lines}${texts}</svg>`;
}
