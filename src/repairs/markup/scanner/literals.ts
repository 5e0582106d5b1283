/** Literal texts to find in text that arrives in pieces. */
export class LiteralSet {
	/** The first literal in a text; the longest where several begin. */
	readonly pattern: RegExp;
	readonly maxLength: number;
	readonly #firstCharacters: readonly string[];
	/** Every proper prefix of a literal. */
	readonly #prefixes = new Set<string>();

	constructor(literals: readonly string[]) {
		const longestFirst = [...literals].sort((a, b) => b.length - a.length);
		// Without literals, a pattern that never matches: an empty one would match everywhere.
		this.pattern = new RegExp(longestFirst.map(escapePattern).join("|") || "(?!)");
		this.maxLength = longestFirst[0]?.length ?? 0;
		this.#firstCharacters = [...new Set(literals.map((literal) => literal.charAt(0)))];
		for (const literal of literals) {
			for (let length = 1; length < literal.length; length++) this.#prefixes.add(literal.slice(0, length));
		}
	}

	/** A quick test that is false for nearly every text: whether a literal could begin anywhere in it. */
	mayBeginIn(text: string): boolean {
		return this.#firstCharacters.some((character) => text.includes(character));
	}

	/** Length of the longest suffix of `text` that more text could complete to a literal. */
	partialLength(text: string): number {
		for (let at = Math.max(0, text.length - this.maxLength + 1); at < text.length; at++) {
			if (this.#prefixes.has(text.charAt(at)) && this.#prefixes.has(text.slice(at))) return text.length - at;
		}
		return 0;
	}
}

function escapePattern(text: string): string {
	return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
