import { type ContentBlock, contentBlocks, isToolResult, isToolUse } from "../../protocol/messages.ts";
import type { RequestRepair } from "../repair.ts";

/**
 * Gives a tool call whose id was used before (`call_0` in every turn), and its result, another id. The new id depends on
 * the old one and its count, so the turn is sent the same in every later request.
 */
export const repeatedToolIds: RequestRepair = {
	name: "repeated-tool-ids",
	apply(request, { note }) {
		const uses = request.messages.flatMap((message) => contentBlocks(message.content).filter(isToolUse));
		if (new Set(uses.map((use) => use.id)).size === uses.length) return request;
		const counts = new Map<string, number>();
		const current = new Map<string, string[]>();
		const rename = (block: ContentBlock, where: string): ContentBlock => {
			if (isToolUse(block)) {
				const count = (counts.get(block.id) ?? 0) + 1;
				counts.set(block.id, count);
				const id = count === 1 ? block.id : `${block.id}_${count}`;
				current.set(block.id, [...(current.get(block.id) ?? []), id]);
				if (count === 1) return block;
				note({
					kind: "repeated-tool-id",
					where,
					seen: block.id,
					done: `sent as ${id}`,
					data: { toolCalls: [block.id, id] },
				});
				return { ...block, id };
			}
			if (!isToolResult(block)) return block;
			// Results of calls with the same id come in the order of the calls.
			const waiting = current.get(block.tool_use_id);
			const id = waiting && waiting.length > 0 ? waiting.shift() : undefined;
			return id === undefined || id === block.tool_use_id ? block : { ...block, tool_use_id: id };
		};
		const messages = request.messages.map((message, index) => {
			if (typeof message.content === "string") return message;
			return { ...message, content: message.content.map((block) => rename(block, `request.messages[${index}]`)) };
		});
		return { ...request, messages };
	},
};
