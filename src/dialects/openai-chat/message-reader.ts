import { asObject, isObject } from "../../platform/json.ts";
import type { MessageWriter } from "../../protocol/message-writer.ts";
import type { DecodeContext } from "../dialect.ts";
import { writeSignature } from "../reasoning/signature.ts";
import { ReasoningReader } from "./reasoning.ts";
import { ToolCallReader } from "./tool-calls.ts";
import type { ChatDelta, ToolCallDelta } from "./wire.ts";

/** Reads what a choice says: reasoning, text and tool calls, in the pieces of a stream or whole. */
export class ChatMessageReader {
	readonly #writer: MessageWriter;
	readonly #context: DecodeContext;
	readonly #reasoning: ReasoningReader;
	readonly #calls: ToolCallReader;
	/** White space before the first word, held until that arrives; undefined from then on. */
	#space: string | undefined = "";
	/** A text was read. */
	hasText = false;

	constructor(writer: MessageWriter, context: DecodeContext) {
		this.#writer = writer;
		this.#context = context;
		this.#reasoning = new ReasoningReader(writer, context.target, context.note);
		this.#calls = new ToolCallReader(writer, context.toolNames);
	}

	/** `isWhole`: this is a message and not a piece of one, so each of its calls is whole too. */
	read(delta: ChatDelta, isWhole = false): void {
		this.#reasoning.read(delta);
		this.#readContent(delta.content);
		if (typeof delta.refusal === "string") this.#text(delta.refusal);
		const calls = delta.tool_calls ?? (delta.function_call && [{ index: 0, function: delta.function_call }]);
		if (Array.isArray(calls))
			this.#calls.read(calls.filter(isObject), { isWhole, beforeNew: (call) => this.#beforeCall(call) });
	}

	/** The reply is over. */
	end(): void {
		this.#calls.end();
		if (this.#space) {
			const seen = JSON.stringify(this.#space);
			this.#context.note({ kind: "white-space", where: "response", seen, done: "left out" });
		}
		this.#reasoning.end();
	}

	/** A text, or typed parts (Mistral's reasoning models). */
	#readContent(content: unknown): void {
		if (typeof content === "string") this.#text(content);
		else if (Array.isArray(content)) for (const part of content) this.#readPart(part);
		else if (isObject(content)) this.#readPart(content);
	}

	#readPart(part: unknown): void {
		if (typeof part === "string") this.#text(part);
		if (!isObject(part)) return;
		if (part["type"] === "thinking") this.#reasoning.readText(partText(part["thinking"]));
		else if (typeof part["refusal"] === "string") this.#text(part["refusal"]);
		// Structured output that a gateway has parsed.
		else if (part["type"] === undefined && !("text" in part)) this.#text(JSON.stringify(part));
		else this.#text(partText(part["text"]));
	}

	#text(text: string): void {
		if (text === "") return;
		// Chat templates leave line breaks before the reasoning and before a call. Alone they are not an answer.
		if (this.#space !== undefined && text.trim() === "") {
			this.#space += text;
			return;
		}
		const whole = (this.#space ?? "") + text;
		this.#space = undefined;
		this.hasText = true;
		this.#reasoning.beforeText();
		this.#writer.text(whole);
	}

	#beforeCall(delta: ToolCallDelta): void {
		this.#reasoning.beforeCall();
		if (delta.extra_content === undefined || typeof delta.id !== "string") return;
		// A thought signature has to go back with its call: a thinking block before the call carries it.
		this.#calls.closeLast();
		const state = { extraContent: { [delta.id]: delta.extra_content } };
		this.#writer.signature(writeSignature(state, this.#context.target));
	}
}

function partText(value: unknown): string {
	if (typeof value === "string") return value;
	if (!Array.isArray(value)) return "";
	return value.map((part) => asObject(part)["text"] ?? "").join("");
}
