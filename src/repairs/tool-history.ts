import {
	type ContentBlock,
	contentBlocks,
	isToolResult,
	isToolUse,
	type MessageParam,
	type MessageRequest,
	type ToolResultBlock,
	type ToolUseBlock,
} from "../protocol/messages.ts";
import { withoutReminders } from "../protocol/reminders.ts";

export function toolUses(message: MessageParam | undefined): ToolUseBlock[] {
	return message?.role === "assistant" ? contentBlocks(message.content).filter(isToolUse) : [];
}

export function toolResults(message: MessageParam | undefined): ToolResultBlock[] {
	return message?.role === "user" ? contentBlocks(message.content).filter(isToolResult) : [];
}

/** Whether a block is a text without a visible character. */
export function isEmptyText(block: ContentBlock): boolean {
	return block.type === "text" && (block.text ?? "").trim() === "";
}

/** One tool call with its result. */
export interface ToolRound {
	name: string;
	input: unknown;
	isError: boolean;
	/** Index of the message with the result. */
	messageIndex: number;
	result: ToolResultBlock;
	/** How many rounds in a row were the same, including this one. */
	run: number;
}

/** Tools that are meant to be called again with the same input. */
const POLLING_TOOLS = new Set(["BashOutput", "TaskOutput", "AgentOutputTool", "Monitor"]);
const SLEEP_COMMAND = /\bsleep\s+\d/;

/** All tool rounds of a conversation, in order. A prompt by the user restarts the count. */
export function toolRounds({ messages }: MessageRequest): ToolRound[] {
	const rounds: ToolRound[] = [];
	let last: ToolRound | undefined;
	let before: MessageParam | undefined;
	for (const [index, message] of messages.entries()) {
		if (isPrompt(message)) last = undefined;
		const results = new Map(toolResults(message).map((result) => [result.tool_use_id, result]));
		for (const { id, name, input } of toolUses(before)) {
			const result = results.get(id);
			if (!result) continue;
			const round = { name, input, isError: result.is_error === true, messageIndex: index, result };
			last = { ...round, run: last && isAgain(round, last) ? last.run + 1 : 1 };
			rounds.push(last);
		}
		before = message;
	}
	return rounds;
}

/** Whether a user turn has text other than Claude Code's own reminders. */
function isPrompt(message: MessageParam): boolean {
	if (message.role !== "user") return false;
	return contentBlocks(message.content).some(
		(block) => block.type === "text" && withoutReminders(block.text ?? "").trim() !== "",
	);
}

/** Whether call and result are the same. Texts are compared last, because a conversation has megabytes of them. */
function isAgain({ name, input, isError, result }: Omit<ToolRound, "run">, last: ToolRound): boolean {
	if (name !== last.name || isError !== last.isError || isPolling(name, input)) return false;
	return JSON.stringify(input) === JSON.stringify(last.input) && resultText(result) === resultText(last.result);
}

function isPolling(name: string, input: unknown): boolean {
	return POLLING_TOOLS.has(name) || SLEEP_COMMAND.test(JSON.stringify(input) ?? "");
}

function resultText(result: ToolResultBlock): string {
	const parts = contentBlocks(result.content).map((block) =>
		// Claude Code appends reminders to results, which differ each time.
		block.type === "text" ? withoutReminders(block.text ?? "") : JSON.stringify(block),
	);
	return parts.join("\n").trim();
}
