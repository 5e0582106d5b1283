// The results as tables for docs/resilience.md.
import { chance } from "./provider.mjs";

const RESAMPLES = 2000;
/** With fewer blocks there is nothing to resample. */
const MIN_BLOCKS = 6;

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

export function markdown([head, ...rows]) {
	return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const worstBack = ({ backAfterMs = [0] }) => Math.max(...backAfterMs);

/** Direct → through cc-any, as means of all runs. */
function pair(runs, value, text) {
	return ["direct", "ccAny"].map((arm) => text(mean(runs.map((run) => value(run[arm]))))).join(" → ");
}

/** The pooled share of the direct answers, its bound, and that of the worst and the best run. */
function shareOf(runs) {
	const share = ({ direct, ccAny }) => ccAny.answersPerMinute / direct.answersPerMinute;
	const pooled = (arm) => mean(runs.map((run) => run[arm].answersPerMinute));
	const [low, high] = [Math.min(...runs.map(share)), Math.max(...runs.map(share))];
	const text = (pooled("ccAny") / pooled("direct")).toFixed(2);
	const bound = lowerBound(runs);
	return [
		text,
		bound === undefined ? "" : `, ≥ ${bound.toFixed(2)}`,
		runs.length > 1 ? ` (${low.toFixed(2)} to ${high.toFixed(2)})` : "",
	].join("");
}

/** With 95 % confidence the share is at least this: a bootstrap over blocks of time, which both arms went through together. */
function lowerBound(runs) {
	const blocks = runs.flatMap(({ direct, ccAny }) =>
		direct.answersOfBlocks.map((answers, index) => [answers, ccAny.answersOfBlocks[index]]),
	);
	if (blocks.length < MIN_BLOCKS) return undefined;
	const shares = Array.from({ length: RESAMPLES }, (_, round) => {
		const drawn = blocks.map((_, index) => blocks[Math.floor(blocks.length * chance(`${round} ${index}`))]);
		const sum = (arm) => drawn.reduce((total, block) => total + block[arm], 0);
		return sum(1) / sum(0);
	});
	return shares.sort((a, b) => a - b)[Math.floor(RESAMPLES * 0.05)];
}
