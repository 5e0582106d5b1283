import type { MessageEvent } from "../../../src/protocol/events.ts";
import type { ContentBlock } from "../../../src/protocol/messages.ts";

/**
 * Stream events as lines that can be read side by side:
 *
 *     message_start chatcmpl-1 test-model {"input_tokens":5,"output_tokens":0}
 *     0 start text
 *     0 text "Hello "
 *     0 stop
 *     1 start tool_use call_1 Read
 *     1 input {"file_path":"a"}
 *     1 stop
 *     message_delta tool_use {"output_tokens":10}
 *     message_stop
 *
 * The text of a delta is a JSON string where quotes are needed to see its ends. An event that has other fields than these forms
 * show is a line of JSON. So `parseEvents(formatEvents(events))` gives the same events, to the order of the keys.
 */
export function formatEvents(events: readonly MessageEvent[]): string {
	return events.map((event) => `${formatEvent(event)}\n`).join("");
}

export function parseEvents(text: string): MessageEvent[] {
	return text.split("\n").filter(Boolean).map(parseEvent);
}

function formatEvent(event: MessageEvent): string {
	const json = JSON.stringify(event);
	const line = shortForm(event);
	return line !== undefined && JSON.stringify(parseEvent(line)) === json ? line : json;
}

const DELTAS = {
	text: { type: "text_delta", field: "text" },
	thinking: { type: "thinking_delta", field: "thinking" },
	input: { type: "input_json_delta", field: "partial_json" },
	signature: { type: "signature_delta", field: "signature" },
} as const;

type Fields = Record<string, unknown>;

function shortForm(event: MessageEvent): string | undefined {
	switch (event.type) {
		case "message_start":
			if (/\s/.test(event.message.id + event.message.model)) return undefined;
			return `message_start ${event.message.id} ${event.message.model} ${JSON.stringify(event.message.usage)}`;
		case "content_block_start":
			return `${event.index} start ${shortBlock(event.content_block)}`;
		case "content_block_delta":
			return shortDelta(event.index, event.delta);
		case "content_block_stop":
			return `${event.index} stop`;
		case "message_delta":
			return `message_delta ${event.delta.stop_reason} ${JSON.stringify(event.usage)}`;
		case "message_stop":
		case "ping":
			return event.type;
		default:
			return undefined;
	}
}

function shortBlock(block: ContentBlock): string {
	return "id" in block && block.type === "tool_use" ? `tool_use ${block.id} ${block.name}` : block.type;
}

function shortDelta(index: number, delta: Fields): string | undefined {
	for (const [kind, { type, field }] of Object.entries(DELTAS)) {
		if (delta["type"] === type) return `${index} ${kind} ${quoteIfNeeded(String(delta[field]))}`;
	}
	return undefined;
}

/** As it is where its ends can be seen; otherwise as a JSON string. */
function quoteIfNeeded(text: string): string {
	return /^[!#-~](?:[ -~]*[!-~])?$/.test(text) ? text : JSON.stringify(text);
}

function parseEvent(line: string): MessageEvent {
	if (line.startsWith("{")) return JSON.parse(line);
	const [first = "", second = "", third = ""] = line.split(" ", 3);
	const rest = line.slice(first.length + second.length + 2);
	if (first === "message_start") return messageStart(second, third, JSON.parse(rest.slice(third.length + 1)));
	if (first === "message_delta") return messageDelta(second, JSON.parse(rest));
	if (!/^\d+$/.test(first)) return { type: first } as MessageEvent;
	return blockEvent(Number(first), second, rest);
}

function messageStart(id: string, model: string, usage: unknown): MessageEvent {
	const head = { id, type: "message", role: "assistant", model, content: [] };
	return { type: "message_start", message: { ...head, stop_reason: null, stop_sequence: null, usage } } as MessageEvent;
}

function messageDelta(reason: string, usage: unknown): MessageEvent {
	const delta = { stop_reason: reason === "null" ? null : reason, stop_sequence: null };
	return { type: "message_delta", delta, usage } as MessageEvent;
}

function blockEvent(index: number, kind: string, rest: string): MessageEvent {
	if (kind === "stop") return { type: "content_block_stop", index };
	if (kind === "start") return { type: "content_block_start", index, content_block: parseBlock(rest) } as MessageEvent;
	const { type, field } = DELTAS[kind as keyof typeof DELTAS];
	const text = rest.startsWith('"') ? JSON.parse(rest) : rest;
	return { type: "content_block_delta", index, delta: { type, [field]: text } } as unknown as MessageEvent;
}

function parseBlock(text: string): Fields {
	const [type, id, name] = text.split(" ");
	if (type === "tool_use") return { type, id, name, input: {} };
	return type === "thinking" ? { type, thinking: "", signature: "" } : { type, text: "" };
}
