import { JsonEndScanner } from "../../damaged-json.ts";
import { LiteralSet } from "./literals.ts";

/** A reader that pauses with `yield` when it needs more text. */
export type Reading<T> = Generator<undefined, T, undefined>;

/** The most white space that is skipped to look at what follows. */
const MAX_LOOK_AHEAD_CHARS = 256;
/** Limit for a tool name or a tag. */
const MAX_NAME_CHARS = 200;

/**
 * The text of one possible tool call, read while it arrives. The text that was read is kept in pieces, so that reading is
 * linear in the length of a value; `rewind` makes all of it unread.
 */
export class MarkupInput {
	/** The unread text. It is short while a reader waits. */
	#window = "";
	#read: string[] = [];
	/** The whole text from the opener on, until more text arrives. */
	#origin: string | undefined;
	#isEnded = false;

	constructor(text: string) {
		this.#window = text;
		this.#origin = text;
	}

	feed(text: string): void {
		this.#window += text;
		this.#origin = undefined;
	}

	/** No more text follows. */
	end(): void {
		this.#isEnded = true;
	}

	/** Everything was read, and no more text follows. */
	get isExhausted(): boolean {
		return this.#isEnded && this.#window === "";
	}

	/** The text that was read so far. */
	get markup(): string {
		return this.#read.join("");
	}

	/** Number of characters that were read so far. */
	get length(): number {
		return this.#read.reduce((sum, piece) => sum + piece.length, 0);
	}

	/** The unread text. */
	get rest(): string {
		return this.#window;
	}

	/** Starts again at the opener. */
	rewind(): void {
		this.#window = this.#origin ?? this.#read.join("") + this.#window;
		this.#read = [];
	}

	/** Reads `literal` if it comes next. */
	*literal(literal: string): Reading<boolean> {
		return (yield* this.oneOf([literal])) !== undefined;
	}

	/** Reads the longest of the literals that comes next. */
	*oneOf(literals: readonly string[]): Reading<string | undefined> {
		while (!this.#isEnded && literals.some((literal) => isOpen(literal, this.#window))) yield;
		const found = longest(literals.filter((literal) => this.#window.startsWith(literal)));
		if (found !== undefined) this.#take(found.length);
		return found;
	}

	/** Whether one of the literals comes next, after white space. Reads nothing. At the end of the text: `atEnd`. */
	*comes(literals: readonly string[], atEnd = false): Reading<boolean> {
		for (;;) {
			const next = this.#window.trimStart();
			if (literals.some((literal) => next.startsWith(literal))) return true;
			if (this.#isEnded) return next === "" && atEnd;
			if (
				this.#window.length - next.length > MAX_LOOK_AHEAD_CHARS ||
				!literals.some((literal) => isOpen(literal, next))
			) {
				return false;
			}
			yield;
		}
	}

	*space(): Reading<void> {
		for (;;) {
			const length = this.#window.length - this.#window.trimStart().length;
			if (length > 0) this.#take(length);
			if (this.#window !== "" || this.#isEnded) return;
			yield;
		}
	}

	/** The character that comes next, unread; "" at the end. */
	*peek(): Reading<string> {
		while (this.#window === "" && !this.#isEnded) yield;
		return this.#window[0] ?? "";
	}

	/** Reads up to and including the first of the terminators; `found` is "" when the text ended before any. */
	*until(terminators: readonly string[] | LiteralSet): Reading<{ text: string; found: string }> {
		const { pattern, maxLength } = terminators instanceof LiteralSet ? terminators : new LiteralSet(terminators);
		const overlap = Math.max(0, maxLength - 1);
		const pieces: string[] = [];
		for (;;) {
			const match = pattern.exec(this.#window);
			if (match) {
				pieces.push(this.#take(match.index));
				this.#take(match[0].length);
				return { text: pieces.join(""), found: match[0] };
			}
			const decided = this.#isEnded ? this.#window.length : Math.max(0, this.#window.length - overlap);
			if (decided > 0) pieces.push(this.#take(decided));
			if (this.#isEnded) return { text: pieces.join(""), found: "" };
			yield;
		}
	}

	/** Reads everything. */
	*toEnd(): Reading<string> {
		while (!this.#isEnded) yield;
		return this.#take(this.#window.length);
	}

	/** Makes the last characters unread. */
	unread(length: number): void {
		if (length === 0) return;
		const read = this.#read.join("");
		this.#window = read.slice(read.length - length) + this.#window;
		this.#read = [read.slice(0, read.length - length)];
	}

	/** Reads a name, up to white space or a character that names do not contain; "" when there is none. */
	*name(): Reading<string> {
		for (;;) {
			const head = this.#window.slice(0, MAX_NAME_CHARS);
			const end = head.search(/[\s<>{}()[\]"'|=,;]/);
			if (end >= 0) return this.#take(end);
			if (head.length === MAX_NAME_CHARS) return "";
			if (this.#isEnded) return this.#take(head.length);
			yield;
		}
	}

	/** Reads a tag from `<` to `>`; "" when there is none, or it is too long. */
	*tag(): Reading<string> {
		for (;;) {
			const head = this.#window.slice(0, MAX_NAME_CHARS);
			if (head !== "" && !head.startsWith("<")) return "";
			const end = head.indexOf(">");
			if (end >= 0) return this.#take(end + 1);
			if (this.#isEnded || head.length === MAX_NAME_CHARS) return "";
			yield;
		}
	}

	/**
	 * Reads a JSON object or list, valid or not, up to its last bracket. Undefined when the text ends, or continues with
	 * markup, before that bracket.
	 */
	*json(): Reading<string | undefined> {
		const first = yield* this.peek();
		if (first !== "{" && first !== "[") return undefined;
		const scan = new JsonEndScanner();
		const pieces: string[] = [];
		for (;;) {
			pieces.push(this.#take(scan.push(this.#window)));
			if (scan.isComplete) return pieces.join("");
			if (scan.isBroken || this.#isEnded) return undefined;
			yield;
		}
	}

	#take(length: number): string {
		const text = this.#window.slice(0, length);
		this.#window = this.#window.slice(length);
		if (text !== "") this.#read.push(text);
		return text;
	}
}

/** Whether more text could make `literal` come next. */
function isOpen(literal: string, text: string): boolean {
	return text.length < literal.length && literal.startsWith(text);
}

function longest(texts: readonly string[]): string | undefined {
	return texts.reduce<string | undefined>(
		(best, text) => (text.length > (best?.length ?? -1) ? text : best),
		undefined,
	);
}
