import { asObject, tryParseJson } from "../platform/json.ts";
import type { BlockDelta, MessageEvent } from "./events.ts";
import type { ContentBlock, Message } from "./messages.ts";

/**
 * Adds the events of one reply up to a Message: what a non-streaming request is answered with. Never a second
 * translation. An input that is not valid JSON becomes `{"__unparsedToolInput":{"raw","len"}}`, the form in which
 * Claude Code itself keeps such an input (measured), never `{}`.
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

function parseInput(json: string): unknown {
	if (json.trim() === "") return {};
	return tryParseJson(json) ?? { __unparsedToolInput: { raw: json, len: json.length } };
}
