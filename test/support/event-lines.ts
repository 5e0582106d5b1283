import type { BlockDelta, MessageEvent } from "../../src/protocol/events.ts";
import { messageEvents } from "../../src/protocol/message-events.ts";
import type { ContentBlock, StopReason } from "../../src/protocol/messages.ts";

/** A whole reply in one word per block: `text("…")`, `thinking("…")`, `call("Bash", {…})`. */
export const text = (content: string): ContentBlock => ({ type: "text", text: content });
export const thinking = (content: string): ContentBlock => ({ type: "thinking", thinking: content, signature: "" });
export const call = (name: string, input: unknown, id = `toolu_${name}`): ContentBlock => ({
	type: "tool_use",
	id,
	name,
	input,
});

/** How long the next piece of a delta is. */
export type Cutter = (rest: string) => number;

/** The events of a reply; every delta is cut into pieces of `size` characters (0: whole), or as a cutter says. */
export function reply(
	content: ContentBlock[],
	stop_reason: StopReason = "end_turn",
	size: number | Cutter = 0,
): MessageEvent[] {
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
	const cutter = typeof size === "number" ? () => (size === 0 ? Number.POSITIVE_INFINITY : size) : size;
	return [...messageEvents(message)].flatMap((event) => cut(event, cutter));
}

function cut(event: MessageEvent, cutter: Cutter): MessageEvent[] {
	if (event.type !== "content_block_delta") return [event];
	const { delta } = event;
	if (delta.type === "text_delta") {
		return pieces(delta.text, cutter).map((text) => ({ ...event, delta: { ...delta, text } satisfies BlockDelta }));
	}
	if (delta.type === "thinking_delta") {
		return pieces(delta.thinking, cutter).map((thinking) => ({ ...event, delta: { ...delta, thinking } }));
	}
	if (delta.type !== "input_json_delta") return [event];
	return pieces(delta.partial_json, cutter).map((partial_json) => ({ ...event, delta: { ...delta, partial_json } }));
}

function pieces(whole: string, cutter: Cutter): string[] {
	const cuts: string[] = [];
	for (let rest = whole; rest !== ""; ) {
		const length = Math.max(1, Math.min(rest.length, cutter(rest)));
		cuts.push(rest.slice(0, length));
		rest = rest.slice(length);
	}
	return cuts;
}
