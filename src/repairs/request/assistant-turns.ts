import { contentBlocks, type MessageParam } from "../../protocol/messages.ts";
import type { RequestRepair } from "../repair.ts";

/**
 * Joins consecutive assistant messages, which are one turn in the Messages API. Chat servers require all tool results
 * directly after the message with the calls.
 */
export const assistantTurns: RequestRepair = {
	name: "assistant-turns",
	apply(request, { note }) {
		const follows = (message: MessageParam, index: number) =>
			message.role === "assistant" && request.messages[index - 1]?.role === "assistant";
		if (!request.messages.some(follows)) return request;
		const messages: MessageParam[] = [];
		for (const [index, message] of request.messages.entries()) {
			const last = messages.at(-1);
			if (!last || !follows(message, index)) {
				messages.push(message);
				continue;
			}
			const content = [...contentBlocks(last.content), ...contentBlocks(message.content)];
			messages[messages.length - 1] = { role: "assistant", content };
			note({
				kind: "assistant-turns",
				where: `request.messages[${index}]`,
				seen: "two assistant messages in a row",
				done: "joined",
			});
		}
		return { ...request, messages };
	},
};
