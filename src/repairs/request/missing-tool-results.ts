import {
	type ContentBlock,
	contentBlocks,
	isToolResult,
	type MessageParam,
	type ToolResultBlock,
} from "../../protocol/messages.ts";
import type { RequestRepair } from "../repair.ts";
import { toolResults, toolUses } from "../tool-history.ts";

/**
 * Adds a result to a tool call without one, as after an interruption: every provider refuses such a call. The result says
 * that the outcome is unknown.
 */
export const missingToolResults: RequestRepair = {
	name: "missing-tool-results",
	apply(request, { note }) {
		const { messages } = request;
		if (!messages.some((_message, index) => unansweredCalls(messages, index).length > 0)) return request;
		const repaired: MessageParam[] = [];
		for (const [index, message] of messages.entries()) {
			const answers = unansweredCalls(messages, index - 1).map(answer);
			if (answers.length === 0) repaired.push(message);
			else if (message.role === "user")
				repaired.push({ ...message, content: insert(contentBlocks(message.content), answers) });
			else repaired.push({ role: "user", content: answers }, message);
			const open = unansweredCalls(messages, index);
			if (open.length === 0) continue;
			note({
				kind: "missing-tool-result",
				where: `request.messages[${index}]`,
				seen: open.join(", "),
				done: "answered as interrupted",
				data: { toolCalls: open },
			});
			if (index === messages.length - 1) repaired.push({ role: "user", content: open.map(answer) });
		}
		return { ...request, messages: repaired };
	},
};

function unansweredCalls(messages: readonly MessageParam[], index: number): string[] {
	const answered = new Set(toolResults(messages[index + 1]).map((result) => result.tool_use_id));
	return toolUses(messages[index]).flatMap((use) => (answered.has(use.id) ? [] : [use.id]));
}

function answer(id: string): ToolResultBlock {
	const content = "No result of this tool call was recorded: it was interrupted, and may or may not have taken effect.";
	return { type: "tool_result", tool_use_id: id, content, is_error: true };
}

/** After the existing results, before the rest of the turn. */
function insert(blocks: readonly ContentBlock[], answers: readonly ToolResultBlock[]): ContentBlock[] {
	return [...blocks.filter(isToolResult), ...answers, ...blocks.filter((block) => !isToolResult(block))];
}
