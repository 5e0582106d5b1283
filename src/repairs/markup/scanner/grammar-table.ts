import { LiteralSet } from "./literals.ts";
import type { MarkupGrammar, ToolTable } from "./markup-grammar.ts";

/** All grammars, prepared for the search. */
export class GrammarTable {
	readonly grammars: readonly MarkupGrammar[];
	/** Closing tags that may follow any call. */
	readonly strayClosers: readonly string[];
	/** Openers that begin with such a tag. */
	readonly closingOpeners: readonly string[];
	/** All tokens, and those that have nothing to do with calls. */
	readonly #allTokens: LiteralSet;
	readonly #templateTokens: LiteralSet;
	readonly #byOpener = new Map<string, MarkupGrammar[]>();
	/** The openers that count anywhere, and all of them: some count only at the beginning of a message. */
	readonly #openers: LiteralSet;
	readonly #allOpeners: LiteralSet;
	readonly #openerPattern: RegExp;

	/** Grammars that share an opener are tried in the given order. */
	constructor(grammars: readonly MarkupGrammar[]) {
		this.grammars = grammars;
		for (const grammar of grammars) {
			for (const opener of grammar.openers) {
				this.#byOpener.set(opener, [...(this.#byOpener.get(opener) ?? []), grammar]);
			}
		}
		this.strayClosers = [...new Set(grammars.flatMap(({ closers = [] }) => closers))];
		this.closingOpeners = [...this.#byOpener.keys()].filter((opener) =>
			this.strayClosers.some((closer) => opener.startsWith(closer)),
		);
		const templateTokens = grammars.flatMap(({ controlTokens = [] }) => controlTokens);
		this.#templateTokens = new LiteralSet(templateTokens);
		this.#allTokens = new LiteralSet([...templateTokens, ...grammars.flatMap(({ callTokens = [] }) => callTokens)]);
		const isAnywhere = ({ wholeMessage }: MarkupGrammar) => !wholeMessage;
		this.#openers = new LiteralSet(grammars.filter(isAnywhere).flatMap(({ openers }) => openers));
		this.#allOpeners = new LiteralSet([...this.#byOpener.keys()]);
		this.#openerPattern = new RegExp(this.#allOpeners.pattern, "g");
	}

	/** The tokens to remove. Without offered tools the markup of calls is text. */
	controlTokens(tools: ToolTable): LiteralSet {
		return tools.size > 0 ? this.#allTokens : this.#templateTokens;
	}

	/** A quick test that is false for nearly every text. */
	mayHoldOpener(text: string, isMessageStart: boolean): boolean {
		return this.#openersAt(isMessageStart).mayBeginIn(text);
	}

	/** The openers in a text, in order, with the grammars that begin with each. */
	*findOpeners(text: string): Generator<{ at: number; grammars: readonly MarkupGrammar[] }> {
		for (const match of text.matchAll(this.#openerPattern)) {
			yield { at: match.index, grammars: this.#byOpener.get(match[0]) ?? [] };
		}
	}

	/** Length of the longest suffix that could become an opener. */
	partialLength(text: string, isMessageStart: boolean): number {
		return this.#openersAt(isMessageStart).partialLength(text);
	}

	#openersAt(isMessageStart: boolean): LiteralSet {
		return isMessageStart ? this.#allOpeners : this.#openers;
	}
}
