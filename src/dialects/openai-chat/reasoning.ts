import { asObject, type JsonObject } from "../../platform/json.ts";
import type { Quirks } from "../../profile/model/quirks.ts";
import type { Target } from "../../profile/model/target.ts";
import type { Note } from "../../protocol/divergence.ts";
import type { MessageWriter } from "../../protocol/message-writer.ts";
import { type ContentBlock, isThinking } from "../../protocol/messages.ts";
import { type ReasoningState, readSignature, writeSignature } from "../reasoning/signature.ts";
import { ReasoningWriter } from "../reasoning/writer.ts";
import type { AssistantMessage, ChatDelta } from "./wire.ts";

/** One entry of `reasoning_details`. */
type Detail = JsonObject;

/** Reads the reasoning of a reply under any vendor's field name, and keeps the details that have to go back unchanged. */
export class ReasoningReader {
	readonly #writer: ReasoningWriter;
	readonly #target: Target;
	#details: Detail[] = [];
	/** Everything read so far, for providers that send all of it again with each chunk. */
	#seen = "";
	#inText = false;

	constructor(writer: MessageWriter, target: Target, note: Note) {
		this.#writer = new ReasoningWriter(writer, note);
		this.#target = target;
	}

	read(delta: ChatDelta): void {
		const { reasoning_content, reasoning, reasoning_details } = delta;
		// chutes.ai and OpenRouter send the same text in both fields: the first that holds any counts.
		const text = filled(reasoning_content) ?? filled(reasoning);
		if (Array.isArray(reasoning_details)) this.#readDetails(reasoning_details.map(asObject), text);
		else if (text !== undefined) this.readText(text);
	}

	#readDetails(details: readonly Detail[], plain: string | undefined): void {
		for (const detail of details) this.#keep(detail);
		const text = plain ?? filled(details.map(detailText).join(""));
		if (text !== undefined) this.readText(text);
	}

	readText(text: string): void {
		// MiniMax-M3 sends all of its reasoning again with every chunk of the answer.
		const isWhole = this.#seen.length > 16 && text.startsWith(this.#seen);
		const added = isWhole ? text.slice(this.#seen.length) : text;
		this.#seen += added;
		this.#writer.thinking(added);
	}

	/** Call this before each piece of the answer's text. */
	beforeText(): void {
		if (this.#inText) return;
		this.#sign();
		this.#inText = true;
		this.#writer.beforeItem(true);
	}

	/** Call this before a tool call. */
	beforeCall(): void {
		this.#inText = false;
		this.#writer.beforeItem(false);
		this.#sign();
	}

	/** The reply is over. */
	end(): void {
		this.#sign();
		this.#writer.end();
	}

	/** Closes the thinking block with the details that have to go back. */
	#sign(): void {
		if (this.#details.length === 0) return;
		const state: ReasoningState = { details: this.#details };
		this.#details = [];
		this.#writer.sign(writeSignature(state, this.#target));
	}

	/** Joins the pieces of one text to one entry, which is the form in a whole reply. */
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
	/** Text before the turn's own, for models that keep their reasoning in the content. */
	contentPrefix: string;
	/** The provider requires reasoning that is lost; a placeholder replaces it. */
	isLost: boolean;
}

/**
 * The reasoning of an assistant turn in the field where the provider expects it. It is sent with every turn that has
 * any, always the same: reasoning that comes and goes would break the provider's prefix cache.
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
