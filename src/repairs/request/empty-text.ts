import type { MessageParam } from "../../protocol/messages.ts";
import type { RequestRepair } from "../repair.ts";
import { isEmptyText } from "../tool-history.ts";

/**
 * Removes text blocks without a visible character, and turns with nothing else: providers answer "all messages must have
 * non-empty content". A tool result may be empty, because it still shows that the tool has run.
 */
export const emptyText: RequestRepair = {
	name: "empty-text",
	apply(request, { note }) {
		if (!request.messages.some(hasEmptyText)) return request;
		const messages = request.messages.flatMap((message, index) => {
			if (!hasEmptyText(message)) return [message];
			note({ kind: "empty-text", where: `request.messages[${index}]`, seen: "text without content", done: "left out" });
			if (typeof message.content === "string") return [];
			const content = message.content.filter((block) => !isEmptyText(block));
			return content.length === 0 ? [] : [{ ...message, content }];
		});
		return { ...request, messages };
	},
};

function hasEmptyText({ content }: MessageParam): boolean {
	if (typeof content === "string") return content.trim() === "";
	return content.length === 0 || content.some(isEmptyText);
}
