import { chartOfLoop, chartOfProbes } from "./charts.ts";
import { outcomeText } from "./claude/task.ts";
import { countVerdicts, degradesAt } from "./loop/degradation.ts";
import type { LoopResult } from "./loop/run-loop.ts";
import { gradeText } from "./markdown.ts";
import { type CheckReport, expenseText, figuresText, interval, percent } from "./report.ts";
import type { ProbeScore } from "./score.ts";

const STYLE = `
:root{color-scheme:light dark;--ink:#1b1f24;--faint:#656d76;--line:#d8dee4;--paper:#fff;--card:#f6f8fa;
--good:#1a7f37;--bad:#cf222e;--raw:#9a6700;--accent:#0969da}
@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--faint:#8d96a0;--line:#30363d;--paper:#0d1117;--card:#161b22;
--good:#3fb950;--bad:#f85149;--raw:#d29922;--accent:#58a6ff}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:68rem;padding:2rem 1rem;background:var(--paper);color:var(--ink);
font:15px/1.5 system-ui,sans-serif}
h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem}
p{margin:.25rem 0}.faint{color:var(--faint)}
header{display:flex;gap:1.5rem;align-items:center;padding:1rem 1.25rem;background:var(--card);
border:1px solid var(--line);border-radius:8px;margin-top:1.5rem}
.grade{font-size:3rem;font-weight:700;line-height:1}
table{border-collapse:collapse;width:100%;font-size:.875rem}
th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}
td.n,th.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
td.detail{color:var(--faint);overflow-wrap:anywhere}
.bad{color:var(--bad)}.good{color:var(--good)}
svg{display:block;width:100%;height:auto}svg text{fill:var(--ink);font:12px system-ui,sans-serif}
svg .axis{stroke:var(--line)}svg .faint{fill:var(--faint)}
figure{margin:.5rem 0;overflow-x:auto}figcaption{color:var(--faint);font-size:.875rem}
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
<p class="faint">Raw: as the provider sent it. Repaired: as Claude Code gets it from cc-any. Whiskers: 95 % confidence
(Wilson). ${escaped(gradeText())}</p>
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
<p>${percent(score.repaired)} with cc-any, ${percent(score.raw)} raw</p>
<p class="faint">${escaped(`${new Date(startedAt).toISOString()}, ${endpoint}, ${runs} runs, cc-any ${version}`)}</p>
<p class="faint">${escaped(expenseText(expense))}${stopped ? `; stopped early: ${escaped(stopped)}` : ""}</p>
</div></header>
<figure>${chartOfProbes(score.probes)}</figure>
${findings(report)}
${report.loops.map(loopSection).join("\n")}
${claudeSection(report)}
<h2>Probes</h2>
<table><tr><th>probe<th>claim<th class="n">weight<th class="n">raw<th class="n">repaired<th class="n">95 %<th>seen</tr>
${score.probes.map(row).join("\n")}
</table>`;
}

function row({ name, claim, weight, raw, repaired, skipped, detail, figures }: ProbeScore): string {
	const head = `<tr><td>${name}<td>${escaped(claim)}<td class="n">${weight}`;
	if (skipped !== undefined || repaired.runs === 0) {
		return `${head}<td class="n">–<td class="n">–<td><td class="detail">not run: ${escaped(detail)}</tr>`;
	}
	const mark = (share: number) => `<td class="n ${share === 1 ? "good" : "bad"}">${percent(share)}`;
	const shown = [figuresText(figures), detail].filter(Boolean).join("; ");
	const cells = `${mark(raw.share)}${mark(repaired.share)}<td class="n">${interval(repaired)}`;
	return `${head}${cells}<td class="detail">${escaped(shown)}</tr>`;
}

function findings({ score }: CheckReport): string {
	if (score.findings.length === 0) return "<p>No finding: every claim held in every run, and nothing was repaired.</p>";
	const rows = score.findings.map(({ name, type, seen, runs, failed, probes }) => {
		const result = failed > 0 ? `<td class="bad">${failed} failed` : '<td class="good">made good';
		return `<tr><td>${escaped(name)}<td>${type}<td class="n">${seen} of ${runs}${result}<td>${probes.join(", ")}</tr>`;
	});
	return `<h2>Findings</h2><table><tr><th>name<th>type<th class="n">seen<th>result<th>probes</tr>${rows.join("\n")}</table>`;
}

function claudeSection({ claude = [] }: CheckReport): string {
	if (claude.length === 0) return "";
	const rows = claude.map((outcome) => {
		const mark = outcome.passed ? '<td class="good">done' : '<td class="bad">failed';
		return `<tr><td>${outcome.task}${mark}<td class="detail">${escaped(outcomeText(outcome))}</tr>`;
	});
	return `<h2>Real Claude Code</h2><table><tr><th>task<th>outcome<th>seen</tr>${rows.join("\n")}</table>`;
}

function loopSection(loop: LoopResult): string {
	const counts = Object.entries(countVerdicts(loop.turns)).map(([name, count]) => `${count} ${name}`);
	const from = degradesAt(loop.turns);
	const degraded = from === undefined ? "no degradation seen" : `degrades from turn ${from} on`;
	const text = `${loop.made} of ${loop.demanded} calls, ${loop.end}; ${counts.join(", ")}; ${degraded}`;
	return `<h2>Agent loop</h2><figure>${chartOfLoop(loop.turns)}<figcaption>${escaped(text)}</figcaption></figure>`;
}
