// The results as a table for docs/resilience.md.
const MARKS = ["<!-- bench resilience -->", "<!-- /bench -->"];

/** The document with its table replaced. */
export function withTable(document, results) {
	const [before, rest = ""] = document.split(MARKS[0]);
	const after = rest.split(MARKS[1])[1] ?? "";
	return `${before}${MARKS[0]}\n\n${tableOf(results)}\n\n${MARKS[1]}${after}`;
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
