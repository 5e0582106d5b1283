import {
	type ContentBlock,
	contentBlocks,
	isToolResult,
	type MessageParam,
	type ToolResultBlock,
} from "../../protocol/messages.ts";
import type { RequestRepair } from "../repair.ts";
import { toolUses } from "../tool-history.ts";

/**
 * Moves every tool result to the beginning of the user turn after its call: providers refuse "tool call result does not
 * follow tool call". A system message may come between a call and its results.
 */
export const misplacedToolResults: RequestRepair = {
	name: "misplaced-tool-results",
	apply(request, { note }) {
		const moved = movedResults(request.messages);
		const messages: MessageParam[] = [];
		let isChanged = false;
		const change = (message: MessageParam, index: number) => {
			isChanged = true;
			note({
				kind: "misplaced-tool-result",
				where: `request.messages[${index}]`,
				seen: "tool result out of place",
				done: "moved after its call",
			});
			if (message.content.length > 0) messages.push(message);
		};
		for (const [index, message] of request.messages.entries()) {
			const arrived = moved.to.get(index - 1) ?? [];
			if (message.role === "user") {
				const content = resultsFirst(message, arrived, moved.all);
				if (content) change({ ...message, content }, index);
				else messages.push(message);
			} else {
				if (arrived.length > 0) change({ role: "user", content: arrived }, index);
				messages.push(message);
			}
		}
		return isChanged ? { ...request, messages } : request;
	},
};

/** The results that are not in the turn after their call, by the index of the turn with the call. */
function movedResults(messages: readonly MessageParam[]): {
	to: Map<number, ToolResultBlock[]>;
	all: Set<ContentBlock>;
} {
	const home = new Map<string, number>();
	const to = new Map<number, ToolResultBlock[]>();
	const all = new Set<ContentBlock>();
	for (const [index, message] of messages.entries()) {
		for (const use of toolUses(message)) home.set(use.id, index);
		if (message.role !== "user") continue;
		for (const result of contentBlocks(message.content).filter(isToolResult)) {
			const turn = home.get(result.tool_use_id);
			if (turn === undefined || turn === index - 1) continue;
			all.add(result);
			to.set(turn, [...(to.get(turn) ?? []), result]);
		}
	}
	return { to, all };
}

/** The turn with its results first; undefined when it is already correct. */
function resultsFirst(
	message: MessageParam,
	arrived: readonly ToolResultBlock[],
	moved: ReadonlySet<ContentBlock>,
): ContentBlock[] | undefined {
	const blocks = contentBlocks(message.content);
	const kept = blocks.filter((block) => !moved.has(block));
	const firstOther = kept.findIndex((block) => !isToolResult(block));
	const isOrdered = firstOther === -1 || !kept.slice(firstOther).some(isToolResult);
	if (isOrdered && arrived.length === 0 && kept.length === blocks.length) return undefined;
	return [...kept.filter(isToolResult), ...arrived, ...kept.filter((block) => !isToolResult(block))];
}
