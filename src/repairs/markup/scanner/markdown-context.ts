/** Characters before an opener that make it a quotation. */
const QUOTES = new Set(['"', "'", "“", "”", "‘", "「", "«"]);
/** An indented code block: a leaked call begins at the margin. */
const INDENTED = /^( {4}|\t)\s*$/;
/** Characters of a line's beginning that are kept: enough for a fence and its language. */
const HEAD = 100;

/** Characters that wait to be read, at most: most texts are never asked about, and a long piece is read faster. */
const WAITING = 2000;

/**
 * Where in a Markdown text a position stands: in a fenced block, in inline code, in a block quote, behind a quotation
 * mark. Fed with decided text, in pieces, which it reads when it is asked; keeps no more than the beginning of the line.
 */
export class MarkdownContext {
	/** Fed and not yet read. */
	#waiting = "";
	#fence = "";
	#head = "";
	#isLong = false;
	#last = "";
	/** Length of the backtick run that opened inline code, 0 outside. */
	#code = 0;
	/** Backticks just read: the run may go on. */
	#run = 0;
	#isBlank = true;
	#isQuoting = false;

	push(text: string): void {
		this.#waiting += text;
		if (this.#waiting.length > WAITING) this.#read();
	}

	/** Only white space so far. */
	get isBlank(): boolean {
		if (this.#isBlank) this.#read();
		return this.#isBlank;
	}

	/** Nothing but white space stands before, on this line. */
	get isLineStart(): boolean {
		this.#read();
		return this.#head.trim() === "";
	}

	/**
	 * Whether an opener that stands here is an example. A quotation that begins with one goes on to the end of its
	 * paragraph: what it quotes may hold further openers.
	 */
	skipsOpener(): boolean {
		this.#read();
		if (this.#fence !== "" || fenceOf(this.#head) !== "" || /^\s*>/.test(this.#head)) return true;
		const isIndented = !this.#isBlank && INDENTED.test(this.#head);
		this.#isQuoting ||= isIndented || QUOTES.has(this.#last);
		return this.#isQuoting || this.#codeAfterRun() > 0;
	}

	#read(): void {
		const text = this.#waiting;
		this.#waiting = "";
		let from = 0;
		for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", from)) {
			this.#extend(text.slice(from, at));
			this.#endLine();
			from = at + 1;
		}
		this.#extend(text.slice(from));
	}

	#extend(part: string): void {
		if (part === "") return;
		if (this.#head.length < HEAD) this.#head += part.slice(0, HEAD - this.#head.length);
		else this.#isLong = true;
		this.#last = part.at(-1) as string;
		if (this.#isBlank) this.#isBlank = part.trim() === "";
		if (this.#run > 0 || part.includes("`")) this.#followCode(part);
	}

	#followCode(part: string): void {
		for (const character of part) {
			if (character === "`") {
				this.#run++;
				continue;
			}
			this.#code = this.#codeAfterRun();
			this.#run = 0;
		}
	}

	/** Inline code ends with a run as long as the one that opened it. */
	#codeAfterRun(): number {
		if (this.#run === 0) return this.#code;
		if (this.#code === 0) return this.#run;
		return this.#run === this.#code ? 0 : this.#code;
	}

	#endLine(): void {
		const mark = fenceOf(this.#head);
		if (this.#fence === "") this.#fence = mark;
		else if (mark.startsWith(this.#fence) && !this.#isLong && /^[\s>]*[`~]+\s*$/.test(this.#head)) this.#fence = "";
		if (this.#head.trim() === "") this.#isQuoting = false;
		this.#head = "";
		this.#last = "";
		this.#isLong = false;
		this.#code = 0;
		this.#run = 0;
	}
}

/** The fence that a line begins, or "". A backtick fence has no backtick in its language. */
function fenceOf(line: string): string {
	const [, mark = "", rest = ""] = /^[\s>]*(?:[-*+]\s+|\d+[.)]\s+)?(`{3,}|~{3,})(.*)/.exec(line) ?? [];
	return mark.startsWith("`") && rest.includes("`") ? "" : mark;
}
