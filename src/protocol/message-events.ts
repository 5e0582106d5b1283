import { asObject, tryParseJson } from "../platform/json.ts";
import type { BlockDelta, MessageEvent } from "./events.ts";
import type { ContentBlock, Message } from "./messages.ts";

/** A whole Message as the events of a stream: the form in which a JSON reply enters the pipeline. */
export function* messageEvents(message: Message): Generator<MessageEvent> {
	yield { type: "message_start", message: { ...message, content: [], stop_reason: null, stop_sequence: null } };
	for (const [index, block] of message.content.entries()) {
		const [content_block, ...deltas] = split(block);
		yield { type: "content_block_start", index, content_block };
		for (const delta of deltas) yield { type: "content_block_delta", index, delta };
		yield { type: "content_block_stop", index };
	}
	const { stop_reason, stop_sequence, usage } = message;
	yield { type: "message_delta", delta: { stop_reason, stop_sequence }, usage };
	yield { type: "message_stop" };
}

/** The block for content_block_start, and the deltas with its content. Unknown blocks start whole. */
function split(block: ContentBlock): [ContentBlock, ...BlockDelta[]] {
	switch (block.type) {
		case "text": {
			const text = block.text ?? "";
			const citations = block.citations ?? [];
			return [
				{ ...block, text: "", ...(citations.length > 0 && { citations: [] }) },
				...citations.map((citation): BlockDelta => ({ type: "citations_delta", citation })),
				...(text === "" ? [] : [{ type: "text_delta", text } as const]),
			];
		}
		case "thinking": {
			const thinking = block.thinking ?? "";
			const signature = block.signature ?? "";
			return [
				{ type: "thinking", thinking: "", signature: "" },
				...(thinking === "" ? [] : [{ type: "thinking_delta", thinking } as const]),
				...(signature === "" ? [] : [{ type: "signature_delta", signature } as const]),
			];
		}
		case "tool_use":
		case "server_tool_use": {
			const partial_json = JSON.stringify(block.input ?? {});
			return [
				{ ...block, input: {} },
				...(partial_json === "{}" ? [] : [{ type: "input_json_delta", partial_json } as const]),
			];
		}
		default:
			return [block];
	}
}

/**
 * Collects the events of one reply to a Message, the answer to a non-streaming request. An input that is not valid JSON
 * becomes `{"__unparsedToolInput":{"raw","len"}}`, the form in which Claude Code itself keeps it (2.1.197 to 2.1.332).
 */
export class MessageCollector {
	#message: Message | undefined;
	readonly #json = new Map<number, string>();

	push(event: MessageEvent): void {
		switch (event.type) {
			case "message_start":
				this.#message = { ...event.message, content: [] };
				break;
			case "content_block_start":
				this.#content[event.index] = { ...event.content_block };
				break;
			case "content_block_delta":
				this.#apply(event.index, event.delta);
				break;
			case "content_block_stop":
				this.#close(event.index);
				break;
			case "message_delta": {
				if (!this.#message) break;
				Object.assign(this.#message, event.delta);
				this.#message.usage = { ...this.#message.usage, ...event.usage };
				break;
			}
		}
	}

	/** The message so far; undefined before message_start. */
	get message(): Message | undefined {
		return this.#message;
	}

	get #content(): ContentBlock[] {
		return this.#message?.content ?? [];
	}

	#apply(index: number, delta: BlockDelta): void {
		const block = asObject(this.#content[index]);
		switch (delta.type) {
			case "text_delta":
				block["text"] = `${block["text"] ?? ""}${delta.text}`;
				break;
			case "thinking_delta":
				block["thinking"] = `${block["thinking"] ?? ""}${delta.thinking}`;
				break;
			case "signature_delta":
				block["signature"] = delta.signature;
				break;
			case "citations_delta": {
				const cited = block["citations"];
				block["citations"] = [...(Array.isArray(cited) ? cited : []), delta.citation];
				break;
			}
			case "input_json_delta":
				this.#json.set(index, (this.#json.get(index) ?? "") + delta.partial_json);
		}
	}

	#close(index: number): void {
		const json = this.#json.get(index);
		if (json !== undefined) asObject(this.#content[index])["input"] = parseInput(json);
	}
}

/** The message that these events add up to; undefined before message_start. */
export function collectEvents(events: Iterable<MessageEvent>): Message | undefined {
	const collector = new MessageCollector();
	for (const event of events) collector.push(event);
	return collector.message;
}

function parseInput(json: string): unknown {
	if (json.trim() === "") return {};
	return tryParseJson(json) ?? { __unparsedToolInput: { raw: json, len: json.length } };
}
