import type { Quirks } from "../../profile/model/quirks.ts";
import type { Target } from "../../profile/model/target.ts";
import { excerpt, type Note } from "../../protocol/divergence.ts";
import type { MessageWriter } from "../../protocol/message-writer.ts";
import { type ContentBlock, isThinking } from "../../protocol/messages.ts";
import { type ReasoningState, readSignature, writeSignature } from "../reasoning/signature.ts";
import type { AssistantMessage, ChatDelta } from "./wire.ts";

type Detail = { [field: string]: unknown };

/**
 * Reads the reasoning of a reply, whatever the vendor calls it, and keeps what has to go back unchanged.
 *
 * What comes after the answer has begun waits for the next tool call, and is left out when none follows: a thinking
 * block there would cut the answer in two, or be the last block, and `claude -p` prints the last block alone
 * (measured with 2.1.197 and 2.1.332: a reply of text and thinking prints nothing).
 */
export class ReasoningReader {
	readonly #writer: MessageWriter;
	readonly #target: Target;
	readonly #note: Note;
	#details: Detail[] = [];
	/** Everything read so far, for providers that send all of it again with each chunk. */
	#seen = "";
	#inText = false;
	#held = "";

	constructor(writer: MessageWriter, target: Target, note: Note) {
		this.#writer = writer;
		this.#target = target;
		this.#note = note;
	}

	read(delta: ChatDelta): void {
		const { reasoning_content, reasoning, reasoning_details } = delta;
		// The same text often stands in two of the fields (chutes.ai, OpenRouter): the first that holds any counts.
		const text = filled(reasoning_content) ?? filled(reasoning);
		if (Array.isArray(reasoning_details)) this.#readDetails(reasoning_details as Detail[], text);
		else if (text !== undefined) this.readText(text);
	}

	#readDetails(details: readonly Detail[], plain: string | undefined): void {
		for (const detail of details) this.#keep(detail);
		const text = plain ?? filled(details.map(detailText).join(""));
		if (text !== undefined) this.readText(text);
	}

	readText(text: string): void {
		// MiniMax-M3 goes on to send the whole of its reasoning with every chunk of the answer.
		const isWhole = this.#seen.length > 16 && text.startsWith(this.#seen);
		const fresh = isWhole ? text.slice(this.#seen.length) : text;
		this.#seen += fresh;
		if (this.#inText) this.#held += fresh;
		else this.#writer.thinking(fresh);
	}

	/** A piece of the answer's text comes next. */
	beforeText(): void {
		if (!this.#inText) this.#sign();
		this.#inText = true;
	}

	/** A tool call comes next. */
	beforeCall(): void {
		this.#inText = false;
		this.#writer.thinking(this.#held);
		this.#held = "";
		this.#sign();
	}

	/** The reply is over. */
	end(): void {
		if (!this.#inText) this.#sign();
		else if (this.#held !== "" || this.#details.length > 0) {
			const seen = excerpt(this.#held) || "encrypted reasoning";
			this.#note({ kind: "reasoning-after-text", where: "response", seen, done: "left out" });
		}
	}

	/** Closes the thinking block with what must go back. */
	#sign(): void {
		if (this.#details.length === 0) return;
		const state: ReasoningState = { details: this.#details };
		this.#details = [];
		this.#writer.signature(writeSignature(state, this.#target));
	}

	/** Pieces of one text become one entry again, as the provider sends them back in a whole reply. */
	#keep(detail: Detail): void {
		const last = this.#details.at(-1);
		const field = textField(detail);
		if (!last || field === undefined || last["type"] !== detail["type"] || last["index"] !== detail["index"]) {
			this.#details.push({ ...detail });
			return;
		}
		Object.assign(last, detail, { [field]: `${last[field] ?? ""}${detail[field] ?? ""}` });
	}
}

function filled(field: unknown): string | undefined {
	return typeof field === "string" && field !== "" ? field : undefined;
}

function textField(detail: Detail): "text" | "summary" | undefined {
	if (typeof detail["text"] === "string") return "text";
	return typeof detail["summary"] === "string" ? "summary" : undefined;
}

function detailText(detail: Detail): string {
	const field = textField(detail);
	return field ? String(detail[field]) : "";
}

export interface ReasoningFields {
	fields: Pick<AssistantMessage, "reasoning_content" | "reasoning" | "reasoning_details">;
	/** What goes before the text of the turn, for models that keep their reasoning in the content. */
	contentPrefix: string;
	/** The provider demands a reasoning that is lost; a placeholder stands in. */
	isLost: boolean;
}

/**
 * The reasoning of an assistant turn, in the field where the provider wants it back. It is sent back for every turn
 * that has one, with the turn unchanged: what comes and goes would break the provider's prefix cache.
 */
export function reasoningFields(blocks: readonly ContentBlock[], target: Target): ReasoningFields {
	const { quirks } = target;
	const none = { fields: {}, contentPrefix: "", isLost: false };
	const field = quirks.reasoningField;
	if (field === "none") return none;
	const thinking = blocks.filter(isThinking);
	const text = thinking.map((block) => block.thinking ?? "").join("");
	if (field === "think-tags") return text === "" ? none : { ...none, contentPrefix: `<think>\n${text}\n</think>\n\n` };
	const details = thinking.flatMap((block) => readSignature(block.signature, target)?.details ?? []);
	if (field === "reasoning_details" && details.length > 0) return { ...none, fields: { [field]: details } };
	const isLost = text === "" && isRequired(blocks, quirks);
	if (text === "" && !isLost) return none;
	const value = isLost ? quirks.reasoningPlaceholder : text;
	const fields = { [field]: field === "reasoning_details" ? [{ type: "reasoning.text", text: value }] : value };
	return { ...none, fields, isLost };
}

function isRequired(blocks: readonly ContentBlock[], { reasoningRequired }: Quirks): boolean {
	if (reasoningRequired === "tool-calls") return blocks.some((block) => block.type === "tool_use");
	return reasoningRequired === "always";
}

/** `extra_content` of the turn's tool calls, by tool-use id. */
export function toolExtras(blocks: readonly ContentBlock[], target: Target): Record<string, unknown> {
	const extras = blocks.map((block) =>
		block.type === "thinking" ? readSignature(block.signature, target)?.extraContent : undefined,
	);
	return Object.assign({}, ...extras);
}
