import { isObject } from "../platform/json.ts";
import { withoutTimesAndPids } from "./times-and-pids.ts";

/** A tool call, as far as it matters for whether it is the same as another one. */
export interface Call {
	name: string;
	input: unknown;
	isError: boolean;
}

/** Fields in which a model explains a call. They change nothing about what the tool does. */
const EXPLANATIONS = new Set(
	"description explanation reason reasoning rationale justification purpose thought thoughts intent why goal".split(
		" ",
	),
);

/** Fields that choose a part of a result. */
const PAGING = new Set(
	"offset limit page pages page_size per_page cursor skip start end start_line end_line line_count head_limit view_range".split(
		" ",
	),
);

/** The same in a command: `sed -n '1,200p'`, `head -50`, `tail -n +100`, `?page=2`, `--limit 20`, `LIMIT 10 OFFSET 20`. */
const PAGING_IN_COMMAND = [
	/\bsed -n ['"]?\d+,\d+p['"]?/g,
	/\b(?:head|tail) (?:-[nc] ?)?[-+]?\d+/g,
	/\b(?:page|offset|limit|skip|start|cursor|per_page)[=: ]\d+/gi,
];

/** A comment in a command. A quote in it could be the end of a string, so such a comment is kept. */
const SHELL_COMMENT = /(^|\s)#[^\n'"#]{0,200}$/gm;
const ECHO = /\becho (["'])([^"'\n]*)\1 *(?:&& *|; *|\n)/g;

/** The prompt asks for the same thing again and again: `run it 10 times`, `check every 5 minutes`. */
const REPETITION_ASKED =
	/\b(?:run|rerun|repeat|call|execute|do|try|test|check|measure)\b[^.\n]{0,80}\b(?:\d+|two|three|five|ten|twenty|several|many) ?(?:x|times)\b|\bkeep (?:checking|polling|running|trying|watching)\b|\bevery \d+ ?(?:s|m|h)|\bpoll\b/i;

export function asksToRepeat(prompt: string): boolean {
	return REPETITION_ASKED.test(prompt);
}

/** Equal for calls that do the same, however they are explained and whatever part of a result they choose. */
export function callKey({ name, input, isError }: Call): string {
	if (!isObject(input)) return `${name} ${JSON.stringify(input)}`;
	// After an error, another part is a change worth a try. A page (WebFetch) is the same whatever is asked about it.
	const isPart = (field: string) => !isError && PAGING.has(field);
	const isExplanation = (field: string) => EXPLANATIONS.has(field) || (field === "prompt" && "url" in input);
	const fields = Object.entries(input);
	const bare = fields.filter(([field]) => !isExplanation(field));
	// A tool for thinking has nothing but its explanation.
	const kept = (bare.length > 0 ? bare : fields).filter(([field]) => !isPart(field));
	const essential = kept.map(([field, value]) => [field, field === "command" ? commandKey(value) : value]);
	return `${name} ${JSON.stringify(essential)}`;
}

function commandKey(command: unknown): unknown {
	if (typeof command !== "string") return command;
	const bare = command.replace(SHELL_COMMENT, "$1").replace(ECHO, "");
	// A command that only prints, or is only a comment, is all that there is to compare.
	const essential = bare.trim() === "" ? command : bare;
	const unpaged = PAGING_IN_COMMAND.reduce((text, pattern) => text.replace(pattern, "PART"), essential);
	return unpaged.replace(/\s+/g, " ").trim();
}

/** The result of these is a time, or they are run to measure one. */
const MEASURING = /\b(?:time|bench\w*|hyperfine|perf|date)\b/;
/** They show process ids in a column if nothing names them. */
const LISTS_PROCESSES = /\b(?:ps|lsof|pgrep|pidof|netstat|ss)\b/;

/** Equal for results that differ only in times, process ids and the text that the command itself printed. */
export function resultKey({ input }: Call, result: string): string {
	const command = commandOf(input);
	if (MEASURING.test(command)) return result;
	const printed = [...command.matchAll(ECHO)].map(([, , text]) => text);
	const lines = result.split("\n").filter((line) => printed.length === 0 || !printed.includes(line.trim()));
	const text = withoutTimesAndPids(lines.join("\n"));
	return LISTS_PROCESSES.test(command) ? text.replace(/\b\d{2,}\b/g, "N") : text;
}

const WAITING_TOOLS = new Set(["BashOutput", "TaskOutput", "AgentOutputTool", "Monitor"]);
/** `mcp__browser__wait_for`, `mcp__jobs__poll`. */
const WAITING_NAME = /^mcp__.*_(?:wait|sleep|poll)(?:_|$)/i;
/** A step that is repeated with the same input gets somewhere: a key is pressed again, a debugger goes on. */
const STEP_NAME = /^mcp__.*_(?:click|press|key|scroll|swipe|step|tick|continue|undo|redo)(?:_|$)/i;
const WAITING_COMMAND =
	/\b(?:sleep\s+[\d.$]|start-sleep\b|wait\b|watch\s|until\s.*\bdo\b|tail\s+-[fF]|ps\s+-p\b|kill\s+-0\b)|--watch\b/i;

const UNFINISHED =
	/\b(?:in[ _-]?progress|pending|queued|(?<!command )running|starting|initiali[sz]ing|building|compiling|bundling|installing|downloading|uploading|deploying|provisioning|processing|waiting|ContainerCreating|not (?:yet )?(?:ready|finished|done|complete))\b|^\s*\[\s*\d+%\]|^\s*\[\d+\/\d+\]/im;
const FINISHED =
	/\b(?:error|fail\w*|fatal|denied|refused|not found|cannot|can't|unable|invalid|exception|already|no such|missing|unknown|pass(?:ed|ing)|succe\w+|finished in|done in|built|ok)\b/i;
/** A status is short; a file that is read may have any word in it. */
const STATUS_CHARS = 1500;
const ACKNOWLEDGEMENT_CHARS = 200;

/** Whether a call waits for something, or asks whether it has happened: meant to be made again with the same input. */
export function isWaiting({ name, input, isError }: Call, result: string): boolean {
	const command = commandOf(input);
	if (WAITING_TOOLS.has(name) || WAITING_NAME.test(name) || WAITING_COMMAND.test(command)) return true;
	if (isError || FINISHED.test(result)) return false;
	if (STEP_NAME.test(name)) return result.length < ACKNOWLEDGEMENT_CHARS;
	const asksForStatus = command !== "" || name.startsWith("mcp__") || name === "WebFetch";
	return asksForStatus && result.length < STATUS_CHARS && UNFINISHED.test(result);
}

function commandOf(input: unknown): string {
	const command = isObject(input) ? input["command"] : undefined;
	return typeof command === "string" ? command : "";
}
