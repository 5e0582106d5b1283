import { outcomeText } from "../claude/task.ts";
import { type CallVerdict, countVerdicts, degradesAt, type LoopResult, type LoopTurn } from "../loop/run-loop.ts";
import type { ProbeScore } from "../run/score.ts";
import { compareOverall, compareReports, SIGNIFICANCE_NOTE, shareText } from "./compare.ts";
import { gradeText } from "./markdown.ts";
import { type CheckReport, expenseText, figuresText, interval, sharePercent } from "./report.ts";

const STYLE = `
:root{color-scheme:light dark;--ink:#1b1f24;--faint:#656d76;--line:#d8dee4;--paper:#fff;--card:#f6f8fa;
--good:#1a7f37;--bad:#cf222e;--raw:#9a6700;--accent:#0969da}
@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--faint:#8d96a0;--line:#30363d;--paper:#0d1117;--card:#161b22;
--good:#3fb950;--bad:#f85149;--raw:#d29922;--accent:#58a6ff}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:60rem;padding:2rem 1rem;background:var(--paper);color:var(--ink);
font:15px/1.5 system-ui,sans-serif}
h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem}
p{margin:.25rem 0}header+p{margin-top:1rem}.faint{color:var(--faint)}
header{display:flex;gap:1.5rem;align-items:center;padding:1rem 1.25rem;background:var(--card);
border:1px solid var(--line);border-radius:8px;margin-top:2rem;overflow-wrap:anywhere}
.grade{font-size:3rem;font-weight:700;line-height:1}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.875rem}
th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}
th:first-child,td:first-child{padding-left:0}
td.n,th.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
td.c{width:200px}
td:first-child{white-space:nowrap}small{white-space:normal}th small,td small{display:block;color:var(--faint);font-size:.8125rem;line-height:1.35;overflow-wrap:anywhere}
.bad,td small.bad{color:var(--bad)}.good{color:var(--good)}
svg text{fill:var(--ink);font:12px system-ui,sans-serif}
svg .axis{stroke:var(--line)}svg .faint{fill:var(--faint)}svg .track{fill:var(--line);opacity:.5}
.bar{display:block;width:200px;height:16px;margin-top:.2rem}.bar rect+rect{opacity:.55}
.loop{display:block;width:100%;min-width:44rem;height:auto}
figure{margin:.5rem 0}figcaption{color:var(--faint);font-size:.875rem}
@media(max-width:44rem){.wide{display:none}td.c{width:64px}.bar{width:64px}
th,td{padding:.3rem .35rem}small{max-width:8.5rem}header{gap:1rem;padding:.75rem}}
`;

/** Reports as one page that needs nothing else: no script, no font, no network. */
export function reportAsHtml(reports: readonly CheckReport[]): string {
	const title = `cc-any check: ${reports.map(({ profile }) => profile).join(", ")}`;
	const policy = "default-src 'none'; style-src 'unsafe-inline'";
	return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${escaped(title)}</title><style>${STYLE}</style></head>
<body><h1>${escaped(title)}</h1>
<p class="faint">Raw (the mark): as the provider sent it. Repaired (the bar): as Claude Code gets it from cc-any. Line: 95 %
confidence of the bar (Wilson). ${escaped(gradeText())}</p>
${reports.length > 1 ? sideBySide(reports) : ""}
${reports.map(section).join("\n")}
</body></html>
`;
}

/** Text of a provider is text, never markup. */
export function escaped(text: string): string {
	return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function section(report: CheckReport): string {
	const { profile, model, endpoint, startedAt, runs, score, expense, version, stopped } = report;
	return `<header><div class="grade">${score.grade}</div><div>
<strong>${escaped(`${profile} · ${model}`)}</strong>
<p>${sharePercent(score.repaired)} with cc-any, ${sharePercent(score.raw)} raw</p>
<p class="faint">${escaped(`${new Date(startedAt).toISOString()}, ${endpoint}, ${runs} runs, cc-any ${version}`)}</p>
<p class="faint">${escaped(expenseText(expense))}${stopped ? `; stopped early: ${escaped(stopped)}` : ""}</p>
</div></header>
${findings(report)}
<h2>Probes</h2>
<table class="probes"><tr><th>probe<th>0 to 100 %<th class="n">raw<th class="n">repaired<th class="n wide">95 %<th class="n wide">weight</tr>
${score.probes.map(row).join("\n")}
</table>
${report.loops.map(loopSection).join("\n")}
${claudeSection(report)}`;
}

function sideBySide(reports: readonly CheckReport[]): string {
	const names = reports.map(
		({ profile, model }) => `<th class="n">${escaped(profile)}<small>${escaped(model)}</small>`,
	);
	const rows = compareReports(reports).map(({ name, cells }) => {
		const marks = cells.map((cell) => `<td class="n ${cell.share === 1 ? "good" : "bad"}">${shareText(cell)}`);
		return `<tr><td>${name}${marks.join("")}</tr>`;
	});
	const marks = compareOverall(reports).map(([name, ...texts]) => {
		return `<tr><th>${name}${texts.map((text) => `<th class="n">${text}`).join("")}</tr>`;
	});
	return `<h2>Side by side</h2><div class="scroll"><table><tr><th>probe${names.join("")}</tr>${[...marks, ...rows].join("\n")}</table></div>
<p class="faint">${escaped(SIGNIFICANCE_NOTE)}</p>`;
}

function row(probe: ProbeScore): string {
	const { name, claim, weight, raw, repaired, skipped, detail, figures } = probe;
	const head = `<tr><td>${name}<small>${escaped(claim)}</small>`;
	if (skipped !== undefined || repaired.runs === 0) {
		const none = '<td class="n">–';
		return `${head}<small>not run: ${escaped(detail)}</small><td class="c">${none}${none}<td class="n wide"><td class="n wide">${weight}</tr>`;
	}
	const isFull = repaired.share === 1;
	const seen = [figuresText(figures), isFull ? "" : detail].filter(Boolean).join("; ");
	const note = seen === "" ? "" : `<small${isFull ? "" : ' class="bad"'}>${escaped(seen)}</small>`;
	const mark = (share: number) => `<td class="n ${share === 1 ? "good" : "bad"}">${sharePercent(share)}`;
	const cells = `<td class="c">${barOf(probe)}${mark(raw.share)}${mark(repaired.share)}`;
	return `${head}${note}${cells}<td class="n wide">${interval(repaired)}<td class="n wide">${weight}</tr>`;
}

function findings({ score }: CheckReport): string {
	if (score.findings.length === 0) return "<p>No finding: every claim held in every run, and nothing was repaired.</p>";
	const rows = score.findings.map(({ name, type, seen, runs, failed, probes }) => {
		const result = failed > 0 ? `<td class="bad">${failed} failed` : '<td class="good">repaired';
		return `<tr><td>${escaped(name)}<td class="wide">${type}<td class="n">${seen} of ${runs}${result}<td>${probes.join(", ")}</tr>`;
	});
	const head = '<tr><th>name<th class="wide">type<th class="n">seen<th>result<th>probes</tr>';
	return `<h2>Findings</h2><div class="scroll"><table>${head}${rows.join("\n")}</table></div>`;
}

function claudeSection({ claude = [] }: CheckReport): string {
	if (claude.length === 0) return "";
	const rows = claude.map((outcome) => {
		const mark = outcome.passed ? '<td class="good">done' : '<td class="bad">failed';
		return `<tr><td>${outcome.task}${mark}<td class="faint">${escaped(outcomeText(outcome))}</tr>`;
	});
	return `<h2>Real Claude Code</h2><table><tr><th>task<th>outcome<th>seen</tr>${rows.join("\n")}</table>`;
}

const LOOP_LEGEND =
	"Column: latency; green right, red wrong or invalid, amber repeated, blue forgotten. Blue line: share from the cache. Dot: a repair.";

function loopSection(loop: LoopResult): string {
	const counts = Object.entries(countVerdicts(loop.turns)).map(([name, count]) => `${count} ${name}`);
	const from = degradesAt(loop.turns);
	const degraded = from === undefined ? "no degradation seen" : `degrades from turn ${from} on`;
	const text = `${loop.made} of ${loop.demanded} calls, ${loop.end}; ${counts.join(", ")}; ${degraded}`;
	const chart = `<div class="scroll">${chartOfLoop(loop.turns)}</div>`;
	return `<h2>Agent loop</h2><figure>${chart}<figcaption>${escaped(text)}. ${LOOP_LEGEND}</figcaption></figure>`;
}

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

/** A column for each turn: its height the latency, its colour what its worst call was, a dot if it took a repair. */
export function chartOfLoop(turns: readonly LoopTurn[]): string {
	const longest = Math.max(1, ...turns.map(({ duration }) => duration));
	const step = (WIDTH - 60) / Math.max(1, turns.length);
	const columns = turns.map(({ turn, calls, duration, repairs, cached, error }) => {
		const height = Math.max(2, (duration / longest) * HEIGHT);
		const worst = calls.find((call) => call !== "right") ?? calls[0];
		const colour = error ? "var(--bad)" : worst ? COLOURS[worst] : "var(--faint)";
		const x = 50 + (turn - 1) * step;
		const facts = [`turn ${turn}`, calls.join(", ") || "no call", `${Math.round(duration)} ms`, ...repairs];
		if (cached !== undefined) facts.push(`${Math.round(cached * 100)} % cached`);
		const place = `x="${x.toFixed(1)}" y="${(HEIGHT - height + 12).toFixed(1)}"`;
		const size = `width="${Math.max(1, step - 1).toFixed(1)}" height="${height.toFixed(1)}"`;
		const dot = repairs.length > 0 ? `<circle cx="${(x + step / 2).toFixed(1)}" cy="5" r="3" fill="var(--raw)"/>` : "";
		return `<rect ${place} ${size} fill="${colour}"><title>${facts.join("; ")}</title></rect>${dot}`;
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
