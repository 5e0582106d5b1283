import { contentBlocks, isText, type MessageRequest } from "./messages.ts";

/**
 * How the last text of a compaction request begins: the first was measured with Claude Code 2.1.197 to 2.1.332, the second
 * is in the code of 1.0.100, 2.0.76 and 2.1.80.
 */
const COMPACTION =
	/^\s*(?:CRITICAL: Respond with TEXT ONLY|Your task is to create a detailed summary of (?:this|the|the RECENT portion of the) conversation\b)/;

/** Whether Claude Code asks for a summary that replaces the conversation. Tools are offered, and must not be called. */
export function isCompaction({ messages }: MessageRequest): boolean {
	// System messages may follow the user's turn.
	const turn = messages.findLast(({ role }) => role === "user");
	const last = contentBlocks(turn?.content).findLast(isText);
	return COMPACTION.test(last?.text ?? "");
}
