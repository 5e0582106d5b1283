import type { Failure } from "../../src/upstream/failures/classify.ts";
import type { Limit } from "../../src/upstream/failures/limits.ts";
import type { Refusal } from "../../src/upstream/failures/refusal.ts";

/** A row of test/fixtures/failures/wordings.json. */
export interface WordingRow {
	server: string;
	version?: string;
	kind: string;
	/** The HTTP status, where the source gives it. */
	status?: number;
	/** The error body or the message, as it was sent. */
	sample: string;
	/** The output limit of the request, where the reading depends on it. */
	maxTokens?: number;
	/** The time of the reply, where it names the time of a reset; milliseconds since 1970. */
	now?: number;
	expect: Pick<Failure, "class" | "limit" | "refusal" | "retryAfter">;
	evidence: string;
	source: string;
}

/** Evidence of literal messages. Rows with other evidence are tested, but not shown. */
const SEEN = new Set(["report", "recording", "public-file", "server-source"]);

const SECTIONS: readonly (readonly [kind: string, title: string, about: string])[] = [
	[
		"output-too-large",
		"The output limit is too high",
		"The prompt fits, but not beside the output that was asked for, or the model gives less than that. `total` is the sum of\nboth, where a server states only that.",
	],
	[
		"prompt-too-long",
		"The prompt does not fit",
		"Claude Code gets `prompt is too long: N tokens > M maximum`, with these numbers where both are stated.",
	],
	["cannot-afford", "The credit covers less output", "HTTP 402, with the number of tokens that it covers."],
	["balance", "The credit does not cover the prompt", "Less output would not help."],
	[
		"refused",
		"Something in the request is refused",
		"A path in the body, a value with the accepted ones, a tool, or a part of the conversation.",
	],
	[
		"rejected",
		"The request is refused as it is",
		"No other form of it would be accepted: the message is shown at once.",
	],
	["reasoning", "Earlier reasoning", "It is missing from the history, or it is not accepted back."],
	["content-filter", "The content is refused", "The message is shown at once."],
	["model", "The model is not served", "Not under this name, not any more, or not to this account."],
	["access", "The account may not do this", "The key, the region, terms that nobody has accepted."],
	["rate-limit", "A rate limit", "With the seconds to wait, where stated."],
	["quota", "A plan that is used up", "With the seconds until its reset, where stated."],
];

/** The page docs/error-wordings.md for the rows of the fixture. */
export function errorWordingsPage(rows: readonly WordingRow[]): string {
	const seen = rows.filter(({ evidence }) => SEEN.has(evidence));
	const servers = new Set(seen.map(({ server }) => server));
	const sections = SECTIONS.map(([kind, title, about]) => {
		const own = seen
			.filter((row) => row.kind === kind)
			.sort((one, other) => one.server.localeCompare(other.server, "en"));
		return `## ${title}\n\n${about}\n\n${own.map(lineOf).join("\n")}\n`;
	});
	return `# What providers say when they refuse a request

How cc-any reads the errors of ${servers.size} servers: ${seen.length} texts that they sent, each with the place where it was reported or\nrecorded.
The numbers decide the kind, not the words: the same sentence is about the output where the prompt is smaller than the
window, and about the prompt where it is not. Other wordings of these kinds are read by the same rules.

This page is made from \`test/fixtures/failures/wordings.json\` by \`npm run docs\`.

${sections.join("\n")}`;
}

function lineOf({ server, version, status, sample, expect, source }: WordingRow): string {
	const name = version === undefined ? server : `${server}, ${version}`;
	const http = status === undefined ? "" : `, HTTP ${status}`;
	return `- **${plain(name)}**${http}: ${code(shortened(sample))} ${readingOf(expect)} (${sourceOf(source)})`;
}

function readingOf({ class: failureClass, limit, refusal, retryAfter }: WordingRow["expect"]): string {
	const facts = limit ? limitFacts(limit) : refusal ? refusalFacts(refusal) : waitFacts(failureClass, retryAfter);
	return facts.length === 0 ? "no numbers" : facts.join(", ");
}

function limitFacts(limit: Limit): string[] {
	const { kind: _kind, ...numbers } = limit;
	return Object.entries(numbers).map(([name, value]) => (value === true ? name : `${name} ${value}`));
}

function refusalFacts({ paths, value, allowed, minimum, maximum, part, tool }: Refusal): string[] {
	return [
		...paths.map((path) => code(path.join("."))),
		...(part === undefined ? [] : [part]),
		...(tool === undefined ? [] : [`tool ${code(tool)}`]),
		...(value === undefined ? [] : [`not ${code(value)}`]),
		...(allowed === undefined ? [] : [`allowed: ${allowed.map(code).join(" ")}`]),
		...(minimum === undefined ? [] : [`at least ${minimum}`]),
		...(maximum === undefined ? [] : [`at most ${maximum}`]),
	];
}

function waitFacts(failureClass: string, retryAfter: number | undefined): string[] {
	return [failureClass, ...(retryAfter === undefined ? [] : [`${retryAfter} s`])];
}

const MAX_SAMPLE_CHARS = 260;

function shortened(sample: string): string {
	const line = sample.replace(/\s+/g, " ").trim();
	return line.length <= MAX_SAMPLE_CHARS ? line : `${line.slice(0, MAX_SAMPLE_CHARS)}…`;
}

/** Inline code that may hold backticks. */
function code(text: string): string {
	const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
	const fence = "`".repeat(longest + 1);
	const pad = /^`|`$/.test(text) ? " " : "";
	return `${fence}${pad}${text}${pad}${fence}`;
}

function plain(text: string): string {
	return text.replace(/[*_[\]<>]/g, "\\$&");
}

function sourceOf(source: string): string {
	const [url = "", ...rest] = source.split(" ");
	const title = url.includes("/search?") ? "public code" : url.replace("https://github.com/", "").split("/blob/")[0];
	return `[${title}](${url})${rest.length > 0 ? ` ${rest.join(" ")}` : ""}`;
}
