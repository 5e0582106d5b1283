import type { LiteralSet } from "./literals.ts";
import { MarkdownContext } from "./markdown-context.ts";

/** What a piece of text is, in order: a number of characters of text, or a control token. */
export type TokenPart = { kind: "text"; length: number } | { kind: "token"; token: string };

/**
 * Finds the control tokens of chat templates in one text that arrives in pieces; the result does not depend on the
 * pieces. Tokens in code and quotations are examples, and text.
 */
export class ControlTokenScanner {
	readonly #tokens: LiteralSet;
	readonly #context = new MarkdownContext();
	#held = "";

	constructor(tokens: LiteralSet) {
		this.#tokens = tokens;
	}

	/** True: all of it is text, and nothing is held back. True for nearly every delta. */
	skim(text: string): boolean {
		if (this.#held !== "" || this.#tokens.mayBeginIn(text)) return false;
		this.#context.push(text);
		return true;
	}

	push(text: string): TokenPart[] {
		this.#held += text;
		return this.#scan(this.#tokens.partialLength(this.#held));
	}

	end(): TokenPart[] {
		return this.#scan(0);
	}

	/** Decides everything but the last `heldBack` characters, which could become a token. */
	#scan(heldBack: number): TokenPart[] {
		const parts: TokenPart[] = [];
		const limit = this.#held.length - heldBack;
		let from = 0;
		const takeText = (to: number) => {
			this.#context.push(this.#held.slice(from, to));
			if (to > from) parts.push({ kind: "text", length: to - from });
			from = Math.max(from, to);
		};
		for (;;) {
			const match = this.#tokens.pattern.exec(this.#held.slice(from));
			if (!match || from + match.index >= limit) break;
			takeText(from + match.index);
			const [token] = match;
			if (this.#context.skipsOpener()) takeText(from + token.length);
			else {
				parts.push({ kind: "token", token });
				from += token.length;
			}
		}
		takeText(limit);
		this.#held = this.#held.slice(from);
		return parts;
	}
}

/** A whole text without its control tokens. */
export function withoutControlTokens(text: string, tokens: LiteralSet): string {
	if (!tokens.mayBeginIn(text)) return text;
	const scanner = new ControlTokenScanner(tokens);
	const pieces: string[] = [];
	let at = 0;
	for (const part of [...scanner.push(text), ...scanner.end()]) {
		const length = part.kind === "text" ? part.length : part.token.length;
		if (part.kind === "text") pieces.push(text.slice(at, at + length));
		at += length;
	}
	return pieces.join("");
}
