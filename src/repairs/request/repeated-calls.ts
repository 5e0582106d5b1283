import { type ContentBlock, contentBlocks, isToolResult, type MessageParam } from "../../protocol/messages.ts";
import type { RequestRepair } from "../repair.ts";
import { type ToolRound, toolRounds } from "../tool-rounds.ts";

/**
 * Adds a line to the result when a model repeats the same call with the same result, to tell it so. It depends only on the
 * history, so the turn is sent the same in every later request.
 */
export const repeatedCalls: RequestRepair = {
	name: "repeated-calls",
	apply(request, { target, note }) {
		const { repeatReminder } = target.quirks;
		if (repeatReminder === 0) return request;
		const repeated = toolRounds(request).filter(({ run }) => run >= repeatReminder);
		if (repeated.length === 0) return request;
		const byMessage = new Map<number, ToolRound[]>();
		for (const round of repeated) {
			byMessage.set(round.messageIndex, [...(byMessage.get(round.messageIndex) ?? []), round]);
		}
		const messages = request.messages.map((message, index) => {
			const rounds = byMessage.get(index);
			return rounds ? remind(message, rounds) : message;
		});
		const latest = repeated.at(-1);
		// Earlier rounds were noted when they were the latest.
		if (latest?.messageIndex === request.messages.length - 1) {
			const seen = `${latest.name}: the same call and result, ${latest.run} times with nothing new between them`;
			note({ kind: "repeated-call", where: `request.messages[${latest.messageIndex}]`, seen, done: "reminder added" });
		}
		return { ...request, messages };
	},
};

function remind(message: MessageParam, rounds: readonly ToolRound[]): MessageParam {
	const content = contentBlocks(message.content).map((block): ContentBlock => {
		const round = rounds.find(({ result }) => result === block);
		if (!round || !isToolResult(block)) return block;
		const reminder = { type: "text" as const, text: reminderOf(round) };
		return { ...block, content: [...contentBlocks(block.content).filter(hasText), reminder] };
	});
	return { ...message, content };
}

function hasText(block: ContentBlock): boolean {
	return block.type !== "text" || block.text !== "";
}

function reminderOf({ run }: ToolRound): string {
	return `[cc-any: this same call has now returned this same result ${run} times, with nothing new between them. Calling it again will not change it: do something else, or say what is missing.]`;
}
