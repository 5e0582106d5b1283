import { excerpt, type Note } from "../../protocol/divergence.ts";
import type { MessageWriter } from "../../protocol/message-writer.ts";

type Held = { thinking: string } | { signature: string };

/**
 * Writes the reasoning of a reply. Reasoning that arrives after the answer has begun is held until the next item, and
 * dropped when none follows: `claude -p` prints only the last block, which must not be a thinking block (measured with
 * 2.1.197 and 2.1.332: a reply of text and thinking prints nothing).
 */
export class ReasoningWriter {
	readonly #writer: MessageWriter;
	readonly #note: Note;
	#held: Held[] = [];
	#afterText = false;

	constructor(writer: MessageWriter, note: Note) {
		this.#writer = writer;
		this.#note = note;
	}

	thinking(text: string): void {
		if (this.#afterText && text !== "") this.#held.push({ thinking: text });
		else this.#writer.thinking(text);
	}

	/** Attaches the state that has to go back with the reasoning so far, and closes the thinking block. */
	sign(signature: string): void {
		if (this.#afterText) this.#held.push({ signature });
		else this.#writer.signature(signature);
	}

	/** Call this before a message, a tool call or a search begins. */
	beforeItem(isMessage: boolean): void {
		for (const held of this.#held.splice(0)) {
			if ("thinking" in held) this.#writer.thinking(held.thinking);
			else this.#writer.signature(held.signature);
		}
		this.#afterText = isMessage;
	}

	/** The reply is over. */
	end(): void {
		if (this.#held.length === 0) return;
		const text = this.#held.map((held) => ("thinking" in held ? held.thinking : "")).join("");
		const seen = excerpt(text) || "encrypted reasoning";
		this.#note({ kind: "reasoning-after-text", where: "response", seen, done: "left out" });
	}
}
