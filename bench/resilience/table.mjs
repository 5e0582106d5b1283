// The results as tables for docs/resilience.md.

/** The document with the table of this name replaced. */
export function withTable(document, name, table) {
	const marks = [`<!-- bench ${name} -->`, "<!-- /bench -->"];
	const [before, rest = ""] = document.split(marks[0]);
	const after = rest.slice(rest.indexOf(marks[1]));
	return `${before}${marks[0]}\n\n${table}\n\n${after}`;
}

export function tableOf({ cells }) {
	const head = ["", "answers a minute", "of direct", "p95", "errors", "requests", "all answered again"];
	const rows = cells.map(({ name, runs }) => [
		name,
		pair(
			runs,
			({ answersPerMinute }) => answersPerMinute,
			(value) => value.toFixed(0),
		),
		shareOf(runs),
		pair(
			runs,
			({ p95Ms }) => p95Ms,
			(value) => `${(value / 1000).toFixed(1)} s`,
		),
		pair(
			runs,
			({ errors }) => errors,
			(value) => value.toFixed(0),
		),
		pair(
			runs,
			({ requests }) => requests,
			(value) => value.toFixed(0),
		),
		runs.some(({ direct }) => direct.backAfterMs)
			? pair(runs, worstBack, (value) => `${(value / 1000).toFixed(1)} s`)
			: "",
	]);
	return markdown([head, ...rows]);
}

/** The outcomes of the soak, then the process of cc-any every ten minutes. */
export function soakTableOf({ direct, ccAny, samples }) {
	const counts = [
		["answers a minute", "answersPerMinute"],
		["p95 in ms", "p95Ms"],
		["errors that a client received", "errors"],
		["given up after ten retries, or at once", "givenUp"],
		["hung", "hung"],
		["broken", "broken"],
		["cancelled by the client", "cancelled"],
		["answered without the refused field", "answeredWithoutField"],
		["requests at the provider", "requests"],
	];
	const rows = counts.map(([text, name]) => [text, direct[name], ccAny[name]]);
	const share = ["answers, of direct", "", (ccAny.answersPerMinute / direct.answersPerMinute).toFixed(3)];
	const shown = samples.filter(({ minute, isIdle }) => minute === 1 || minute % 10 === 0 || isIdle);
	const vitals = ["rssMB", "heapMB", "files", "sockets", "handles"];
	return [
		markdown([["", "direct", "through cc-any"], ...rows, share]),
		markdown([
			["minute", "memory (RSS)", "heap", "open files", "of which sockets", "handles"],
			...shown.map((sample) => [
				sample.isIdle ? "idle at the end" : sample.minute,
				...vitals.map((name) => sample[name]),
			]),
		]),
	].join("\n\n");
}

function markdown([head, ...rows]) {
	return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const worstBack = ({ backAfterMs = [0] }) => Math.max(...backAfterMs);

/** Direct → through cc-any, as means of all runs. */
function pair(runs, value, text) {
	return ["direct", "ccAny"].map((arm) => text(mean(runs.map((run) => value(run[arm]))))).join(" → ");
}

/** The pooled share of the direct answers, and that of the worst and the best run. */
function shareOf(runs) {
	const share = ({ direct, ccAny }) => ccAny.answersPerMinute / direct.answersPerMinute;
	const pooled = (arm) => mean(runs.map((run) => run[arm].answersPerMinute));
	const [low, high] = [Math.min(...runs.map(share)), Math.max(...runs.map(share))];
	const text = (pooled("ccAny") / pooled("direct")).toFixed(2);
	return runs.length > 1 ? `${text} (${low.toFixed(2)} to ${high.toFixed(2)})` : text;
}
