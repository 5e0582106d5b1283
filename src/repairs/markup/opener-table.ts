import { escapePattern } from "./any-of.ts";
import type { MarkupGrammar } from "./grammar.ts";

/** The openers of all grammars, prepared for the search. Made once. */
export class OpenerTable {
	readonly #byOpener = new Map<string, MarkupGrammar[]>();
	/** Every beginning of an opener that is not the whole of it. */
	readonly #prefixes = new Set<string>();
	readonly #longest: number;
	readonly #pattern: RegExp;
	/** Characters with which an opener begins, anywhere, and where a message begins. */
	readonly #first: RegExp;
	readonly #firstOfMessage: RegExp;

	constructor(grammars: readonly MarkupGrammar[]) {
		for (const grammar of grammars) {
			for (const opener of grammar.openers) {
				this.#byOpener.set(opener, [...(this.#byOpener.get(opener) ?? []), grammar]);
				for (let length = 1; length < opener.length; length++) this.#prefixes.add(opener.slice(0, length));
			}
		}
		const openers = [...this.#byOpener.keys()].sort((a, b) => b.length - a.length);
		this.#longest = openers[0]?.length ?? 0;
		this.#pattern = new RegExp(openers.map(escapePattern).join("|"), "g");
		const first = (isWhole: boolean) => {
			const found = grammars.filter((grammar) => isWhole || !grammar.wholeMessage);
			return new RegExp(
				`[${found.flatMap(({ openers }) => openers.map((text) => escapePattern(text[0] ?? ""))).join("")}]`,
			);
		};
		this.#first = first(false);
		this.#firstOfMessage = first(true);
	}

	mayHoldOpener(text: string, isMessageStart: boolean): boolean {
		return (isMessageStart ? this.#firstOfMessage : this.#first).test(text);
	}

	grammarsOf(opener: string): MarkupGrammar[] {
		return this.#byOpener.get(opener) ?? [];
	}

	*find(text: string): Generator<{ at: number; opener: string }> {
		for (const match of text.matchAll(this.#pattern)) yield { at: match.index, opener: match[0] };
	}

	/** Length of the longest suffix that could become an opener. */
	partialLength(text: string, isMessageStart: boolean): number {
		for (let at = Math.max(0, text.length - this.#longest + 1); at < text.length; at++) {
			const first = text[at] as string;
			if (!this.#prefixes.has(first) || !(isMessageStart || this.#first.test(first))) continue;
			if (this.#prefixes.has(text.slice(at))) return text.length - at;
		}
		return 0;
	}
}
