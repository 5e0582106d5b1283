import type { Json } from "../../../protocol/messages.ts";

const CONSTANTS: Readonly<Record<string, Json>> = {
	True: true,
	False: false,
	None: null,
	true: true,
	false: false,
	null: null,
};
const ESCAPES: Readonly<Record<string, string>> = {
	n: "\n",
	t: "\t",
	r: "\r",
	b: "\b",
	f: "\f",
	v: "\v",
	"0": "\0",
	"\n": "",
};

/** Reads Python literals: strings in all their quotes, numbers, lists, dicts, tuples, True, False and None. */
export class PythonReader {
	readonly #text: string;
	#at = 0;

	constructor(text: string) {
		this.#text = text;
	}

	get isAtEnd(): boolean {
		this.#skipSpace();
		return this.#at >= this.#text.length;
	}

	comes(literal: string): boolean {
		this.#skipSpace();
		return this.#text.startsWith(literal, this.#at);
	}

	take(literal: string): boolean {
		const comes = this.comes(literal);
		if (comes) this.#at += literal.length;
		return comes;
	}

	/** The next identifier, dotted or not; "" when there is none. */
	name(): string {
		this.#skipSpace();
		return this.#match(/[A-Za-z_][\w.-]*/y)?.[0] ?? "";
	}

	/** The next literal; undefined when there is none. */
	value(): Json | undefined {
		this.#skipSpace();
		const string = this.#match(/([rRbBfFuU]{0,2})("""|'''|"|')/y);
		if (string) return this.#string(string[2] ?? "", /r/i.test(string[1] ?? ""));
		if (this.take("[")) return this.#list("]");
		if (this.take("(")) return this.#list(")");
		if (this.take("{")) return this.#dict();
		const number = this.#match(/[-+]?(?:\d[\d_]*(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d+)?/y);
		if (number) return Number(number[0].replaceAll("_", ""));
		return CONSTANTS[this.name()];
	}

	#string(quote: string, isRaw: boolean): string | undefined {
		const pieces: string[] = [];
		const special = new RegExp(`\\\\|${quote}`, "g");
		for (;;) {
			special.lastIndex = this.#at;
			const match = special.exec(this.#text);
			if (!match) return undefined;
			pieces.push(this.#text.slice(this.#at, match.index));
			this.#at = match.index + match[0].length;
			if (match[0] === quote) return pieces.join("");
			pieces.push(this.#escape(isRaw));
		}
	}

	/** The characters after a backslash. */
	#escape(isRaw: boolean): string {
		const code = isRaw ? null : this.#match(/x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})/y);
		if (code) return String.fromCodePoint(Number.parseInt(code[1] ?? code[2] ?? code[3] ?? "", 16));
		const character = this.#text[this.#at++] ?? "";
		if (isRaw) return `\\${character}`;
		const known = ESCAPES[character];
		if (known !== undefined) return known;
		return /["'\\]/.test(character) ? character : `\\${character}`;
	}

	#list(close: string): Json[] | undefined {
		const items: Json[] = [];
		while (!this.take(close)) {
			const item = this.value();
			if (item === undefined) return undefined;
			items.push(item);
			if (!this.take(",") && !this.comes(close)) return undefined;
		}
		return items;
	}

	#dict(): Json | undefined {
		const entries: [string, Json][] = [];
		while (!this.take("}")) {
			const key = this.value();
			if (typeof key !== "string" || !this.take(":")) return undefined;
			const value = this.value();
			if (value === undefined) return undefined;
			entries.push([key, value]);
			if (!this.take(",") && !this.comes("}")) return undefined;
		}
		return Object.fromEntries(entries);
	}

	#skipSpace(): void {
		this.#match(/\s*(?:#[^\n]*\n\s*)*(?:#[^\n]*)?/y);
	}

	#match(pattern: RegExp): RegExpExecArray | null {
		pattern.lastIndex = this.#at;
		const match = pattern.exec(this.#text);
		if (match) this.#at += match[0].length;
		return match;
	}
}
