import type { MessageWriter } from "../../anthropic/message-writer.ts";
import type { ReasoningState } from "../reasoning-signature.ts";
import { writeSignature } from "../reasoning-signature.ts";
import type { Delta } from "./wire.ts";

type Detail = { [field: string]: unknown };

/** Reads the reasoning of a reply, whatever the vendor calls it, and keeps what has to go back unchanged. */
export class ReasoningReader {
	readonly #writer: MessageWriter;
	#details: Detail[] = [];
	/** Everything shown so far, for providers that send all of it again with each chunk. */
	#shown = "";

	constructor(writer: MessageWriter) {
		this.#writer = writer;
	}

	/** Reads what a delta holds of it; true when there was text to show. */
	read(delta: Delta): boolean {
		const details = Array.isArray(delta.reasoning_details) ? (delta.reasoning_details as Detail[]) : [];
		for (const detail of details) this.#keep(detail);
		// The same text often stands in two of the fields (chutes.ai, OpenRouter): the first that holds any counts.
		const fields = [delta.reasoning_content, delta.reasoning, details.map(detailText).join("")];
		const text = fields.find((field): field is string => typeof field === "string" && field !== "");
		if (text === undefined) return false;
		this.#show(text);
		return true;
	}

	/** Reasoning that stands among the parts of a content list (Mistral). */
	show(text: string): void {
		this.#show(text);
	}

	/** The reasoning has ended, at least for now: closes its block with what must go back. */
	end(): void {
		if (this.#details.length === 0) return;
		const state: ReasoningState = { details: this.#details };
		this.#details = [];
		this.#writer.signature(writeSignature(state));
	}

	#show(text: string): void {
		// MiniMax-M3 goes on to send the whole of its reasoning with every chunk of the answer.
		if (this.#shown.length > 16 && text.startsWith(this.#shown)) {
			const rest = text.slice(this.#shown.length);
			this.#shown = text;
			this.#writer.thinking(rest);
			return;
		}
		this.#shown += text;
		this.#writer.thinking(text);
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

function textField(detail: Detail): "text" | "summary" | undefined {
	if (typeof detail["text"] === "string") return "text";
	return typeof detail["summary"] === "string" ? "summary" : undefined;
}

function detailText(detail: Detail): string {
	const field = textField(detail);
	return field ? String(detail[field]) : "";
}
