import {
	contentBlocks,
	isText,
	type MessageParam,
	type MessageRequest,
	type ToolResultBlock,
	type ToolUseBlock,
} from "../protocol/messages.ts";
import { withoutReminders } from "../protocol/reminders.ts";
import { asksToRepeat, callKey, isWaiting, resultKey } from "./same-call.ts";
import { toolResults, toolUses } from "./tool-history.ts";

/** One tool call with its result. */
export interface ToolRound {
	name: string;
	input: unknown;
	isError: boolean;
	/** Index of the message with the result. */
	messageIndex: number;
	result: ToolResultBlock;
	/** How often this call has returned this result while nothing new came in between, including this time. */
	run: number;
}

type Round = Omit<ToolRound, "run">;

/** The calls of one assistant turn that have a result. */
interface ToolTurn {
	rounds: Round[];
	/** The latest prompt of the user before it. */
	prompt: MessageParam | undefined;
}

/** The cycle that is looked for has at most a third as many turns. */
const WINDOW_TURNS = 24;

/** Tools with which a model keeps its own list. A list that changes is no progress while all else is repeated. */
const LIST_TOOLS = new Set(["TodoWrite", "TodoRead", "TaskCreate", "TaskUpdate", "TaskList", "TaskGet"]);

/** Three stages look at the same conversation, and comparing its results takes time. */
const KNOWN = new WeakMap<readonly MessageParam[], ToolRound[]>();

/** All tool rounds of a conversation, in order. A prompt by the user restarts the count. */
export function toolRounds({ messages }: MessageRequest): ToolRound[] {
	const rounds = KNOWN.get(messages) ?? countedRounds(messages);
	KNOWN.set(messages, rounds);
	return rounds;
}

function countedRounds(messages: readonly MessageParam[]): ToolRound[] {
	const turns = toolTurns(messages);
	const keyOf = roundKeys(turns);
	let recent: (string | undefined)[] = [];
	let prompt: MessageParam | undefined;
	return turns.flatMap((turn) => {
		if (turn.prompt !== prompt) recent = [];
		prompt = turn.prompt;
		const keys = turn.rounds.flatMap((round) => keyOf(round) ?? []);
		const isNew = keys.includes(NEW) || (prompt !== undefined && asksToRepeat(promptText(prompt)));
		if (keys.length > 0) recent.push(isNew ? undefined : [...new Set(keys)].sort().join("\n"));
		const run = keys.length > 0 ? runOf(recent) : 1;
		return turn.rounds.map((round) => ({ ...round, run }));
	});
}

/**
 * How often each turn of a window of the latest turns occurs in it, at least: 3 for A A A, for A B A B A B, and for these in
 * any other order. One turn that occurs only once is progress, so no window reaches beyond it.
 */
function runOf(recent: readonly (string | undefined)[]): number {
	const counts = new Map<string, number>();
	let run = 1;
	for (const key of recent.slice(-WINDOW_TURNS).reverse()) {
		if (key === undefined) break;
		counts.set(key, (counts.get(key) ?? 0) + 1);
		run = Math.max(run, Math.min(...counts.values()));
	}
	return run;
}

const NEW = "new";

/**
 * Gives the same key to calls that are the same and have the same result, `NEW` to a call that shows or does something new,
 * and nothing to a changed list. Results are compared only if the call is repeated: a conversation has megabytes of them.
 */
function roundKeys(turns: readonly ToolTurn[]): (round: Round) => string | undefined {
	const calls = new Map<Round, string>();
	const counts = new Map<string, number>();
	for (const round of turns.flatMap(({ rounds }) => rounds)) {
		const call = callKey(round);
		calls.set(round, call);
		counts.set(call, (counts.get(call) ?? 0) + 1);
	}
	let list: string | undefined;
	return (round) => {
		const call = calls.get(round) ?? "";
		if (LIST_TOOLS.has(round.name)) {
			const isChanged = call !== list;
			list = call;
			return isChanged ? undefined : call;
		}
		if (counts.get(call) === 1) return NEW;
		const text = resultText(round.result);
		return isWaiting(round, text) ? NEW : `${call} ${round.isError} ${resultKey(round, text)}`;
	};
}

function toolTurns(messages: readonly MessageParam[]): ToolTurn[] {
	const turns: ToolTurn[] = [];
	let calls: ToolUseBlock[] = [];
	let prompt: MessageParam | undefined;
	for (const [messageIndex, message] of messages.entries()) {
		if (promptText(message) !== "") prompt = message;
		const results = new Map(toolResults(message).map((result) => [result.tool_use_id, result]));
		const rounds = calls.flatMap(({ id, name, input }) => {
			const result = results.get(id);
			return result ? [{ name, input, isError: result.is_error === true, messageIndex, result }] : [];
		});
		if (rounds.length > 0) turns.push({ rounds, prompt });
		calls = toolUses(message);
	}
	return turns;
}

/** The text of a user turn other than Claude Code's own reminders. */
function promptText(message: MessageParam): string {
	if (message.role !== "user") return "";
	const texts = contentBlocks(message.content).filter(isText);
	return withoutReminders(texts.map(({ text }) => text).join("\n")).trim();
}

function resultText(result: ToolResultBlock): string {
	const parts = contentBlocks(result.content).map((block) =>
		// Claude Code appends reminders to results, which differ each time.
		isText(block) ? withoutReminders(block.text) : JSON.stringify(block),
	);
	return parts.join("\n").trim();
}
