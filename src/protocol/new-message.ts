import type { ContentBlock, Message } from "./messages.ts";

/** A complete assistant message by cc-any itself, without usage. */
export function newMessage(model: string, content: ContentBlock[], mintId: (prefix: string) => string): Message {
	return {
		id: mintId("msg_"),
		type: "message",
		role: "assistant",
		model,
		content,
		stop_reason: "end_turn",
		stop_sequence: null,
		usage: { input_tokens: 0, output_tokens: 0 },
	};
}
