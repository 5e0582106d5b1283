import type { MessageEvent } from "../../src/anthropic/events.ts";
import type { ContentBlock, StopReason } from "../../src/anthropic/messages.ts";
import { replay } from "../../src/anthropic/replay.ts";

/** A whole reply in one word per block: `text("…")`, `thinking("…")`, `call("Bash", {…})`. */
export const text = (content: string): ContentBlock => ({ type: "text", text: content });
export const thinking = (content: string): ContentBlock => ({ type: "thinking", thinking: content, signature: "" });
export const call = (name: string, input: unknown, id = `toolu_${name}`): ContentBlock => ({
	type: "tool_use",
	id,
	name,
	input,
});

/** The events of a reply; every text delta is cut into pieces of `size` characters (0: whole). */
export function reply(content: ContentBlock[], stop_reason: StopReason = "end_turn", size = 0): MessageEvent[] {
	const usage = { input_tokens: 10, output_tokens: 5 };
	const message = {
		id: "msg_1",
		type: "message" as const,
		role: "assistant" as const,
		model: "test-model",
		content,
		stop_reason,
		stop_sequence: null,
		usage,
	};
	return [...replay(message)].flatMap((event) => cut(event, size));
}

function cut(event: MessageEvent, size: number): MessageEvent[] {
	if (size === 0 || event.type !== "content_block_delta" || event.delta.type !== "text_delta") return [event];
	const pieces = event.delta.text.match(new RegExp(`[\\s\\S]{1,${size}}`, "g")) ?? [];
	return pieces.map((piece) => ({ ...event, delta: { type: "text_delta", text: piece } }));
}
