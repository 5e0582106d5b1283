import {
	type ContentBlock,
	contentBlocks,
	isToolResult,
	type MessageParam,
	type ToolResultBlock,
} from "../../protocol/messages.ts";
import type { RequestRepair } from "../repair.ts";
import { isEmptyText, toolResults, toolUses } from "../tool-history.ts";

/**
 * Turns a tool result without a call, and a second result of one call, into text. As a result it would be refused ("tool
 * result's tool id not found"). Such results remain after a compaction.
 */
export const orphanToolResults: RequestRepair = {
	name: "orphan-tool-results",
	apply(request, { note }) {
		const { messages } = request;
		if (!messages.some((_message, index) => orphansOf(messages, index).size > 0)) return request;
		const repaired = messages.map((message, index) => {
			const orphans = orphansOf(messages, index);
			if (orphans.size === 0) return message;
			note({
				kind: "orphan-tool-result",
				where: `request.messages[${index}]`,
				seen: `${orphans.size} without a call`,
				done: "kept as text",
			});
			const blocks = contentBlocks(message.content);
			const results = blocks.filter((block) => isToolResult(block) && !orphans.has(block));
			const rest = blocks.filter((block) => !isToolResult(block) || orphans.has(block));
			return {
				...message,
				content: [
					...results,
					...rest.flatMap((block) => (isToolResult(block) && orphans.has(block) ? asText(block) : [block])),
				],
			};
		});
		return { ...request, messages: repaired };
	},
};

function orphansOf(messages: readonly MessageParam[], index: number): Set<ContentBlock> {
	const unanswered = new Set(toolUses(messages[index - 1]).map((use) => use.id));
	return new Set(toolResults(messages[index]).filter((result) => !unanswered.delete(result.tool_use_id)));
}

function asText(result: ToolResultBlock): ContentBlock[] {
	const head: ContentBlock = { type: "text", text: `[Result of tool call ${result.tool_use_id}]` };
	return [head, ...contentBlocks(result.content).filter((block) => !isEmptyText(block))];
}
