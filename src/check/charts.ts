import type { CallVerdict, LoopTurn } from "./loop/run-loop.ts";
import type { ProbeScore } from "./score.ts";

const WIDTH = 960;
const LABELS = 170;
const ROW = 20;
const SCALE = WIDTH - LABELS - 30;

/** A bar for each probe: repaired in full, raw as a mark in it, the interval as whiskers. */
export function chartOfProbes(probes: readonly ProbeScore[]): string {
	const shown = probes.filter(({ repaired }) => repaired.runs > 0);
	const height = shown.length * ROW + 30;
	const at = (share: number) => (LABELS + share * SCALE).toFixed(1);
	const axis = [0, 0.25, 0.5, 0.75, 1].map((share) => {
		const x = at(share);
		const line = `<line class="axis" x1="${x}" x2="${x}" y1="0" y2="${height - 20}"/>`;
		return `${line}<text class="faint" x="${x}" y="${height - 5}" text-anchor="middle">${share * 100} %</text>`;
	});
	const bars = shown.map(({ name, raw, repaired }, index) => {
		const y = index * ROW;
		const colour = repaired.share === 1 ? "var(--good)" : "var(--bad)";
		const width = (repaired.share * SCALE).toFixed(1);
		return (
			`<text x="${LABELS - 8}" y="${y + 14}" text-anchor="end">${name}</text>` +
			`<rect x="${LABELS}" y="${y + 4}" width="${width}" height="12" fill="${colour}" opacity=".55"/>` +
			`<line x1="${at(repaired.low)}" x2="${at(repaired.high)}" y1="${y + 10}" y2="${y + 10}" stroke="var(--ink)"/>` +
			`<line x1="${at(raw.share)}" x2="${at(raw.share)}" y1="${y + 2}" y2="${y + 18}" stroke="var(--raw)" stroke-width="3"/>`
		);
	});
	const label = "Pass rate of each probe: bar repaired, mark raw";
	return `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${label}">${axis.join("")}${bars.join("")}</svg>
<figcaption>Bar: after cc-any's repairs. Mark: raw. Line: 95 % confidence of the bar.</figcaption>`;
}

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
	return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT + 34}" role="img" aria-label="Each turn of the loop">${columns.join("")}${lines}${texts}</svg>
<p class="faint">Column: latency, green right, red wrong or invalid, amber repeated, blue forgotten. Blue line: share from
the cache. Dot: a repair.</p>`;
}
