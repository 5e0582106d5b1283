import { excerpt, type Note } from "../../protocol/divergence.ts";
import type { MessageWriter } from "../../protocol/message-writer.ts";

type Held = { thinking: string } | { signature: string };

/**
 * Writes the reasoning of a reply. What comes after the answer has begun waits for the next item, and is left out when
 * none follows: `claude -p` prints the last block alone, which must not be a thinking block (measured).
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

	/** What has to go back with the reasoning so far: it closes the thinking block. */
	sign(signature: string): void {
		if (this.#afterText) this.#held.push({ signature });
		else this.#writer.signature(signature);
	}

	/** A message, a call or a search begins. */
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
