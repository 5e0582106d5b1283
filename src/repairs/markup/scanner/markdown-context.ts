/** Characters before an opener that make it a quotation. */
const QUOTES = new Set(['"', "'", "“", "”", "‘", "「", "«"]);
/** An indented code block: a leaked call begins at the margin. */
const INDENTED = /^( {4}|\t)\s*$/;
/** Enough of a line's beginning for a fence and its language. */
const MAX_HEAD_CHARS = 100;

/** Most texts are never asked about, so text is buffered and read in long pieces. */
const MAX_UNREAD_CHARS = 2000;

/**
 * Knows whether the current position in a Markdown text is in a fenced block, in inline code, in a block quote or after a
 * quotation mark. Gets the text in pieces and keeps only the beginning of the line.
 */
export class MarkdownContext {
	/** Text that was pushed and not read yet. */
	#unread = "";
	#fence = "";
	#head = "";
	#isLong = false;
	#last = "";
	/** Length of the backtick run that opened inline code, 0 outside. */
	#code = 0;
	/** Length of the backtick run that ends here and may continue. */
	#run = 0;
	#isBlank = true;
	#isQuoting = false;

	push(text: string): void {
		this.#unread += text;
		if (this.#unread.length > MAX_UNREAD_CHARS) this.#read();
	}

	/** Only white space so far. */
	get isBlank(): boolean {
		if (this.#isBlank) this.#read();
		return this.#isBlank;
	}

	/** Only white space so far on this line. */
	get isLineStart(): boolean {
		this.#read();
		return this.#head.trim() === "";
	}

	/**
	 * Whether an opener at this position is an example. A quotation that begins with an opener extends to the end of its
	 * paragraph, because it may contain further openers.
	 */
	skipsOpener(): boolean {
		this.#read();
		if (this.#fence !== "" || fenceOf(this.#head) !== "" || /^\s*>/.test(this.#head)) return true;
		const isIndented = !this.#isBlank && INDENTED.test(this.#head);
		this.#isQuoting ||= isIndented || QUOTES.has(this.#last);
		return this.#isQuoting || this.#codeAfterRun() > 0;
	}

	#read(): void {
		const text = this.#unread;
		this.#unread = "";
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
		const space = MAX_HEAD_CHARS - this.#head.length;
		this.#head += part.slice(0, space);
		if (part.length > space) this.#isLong = true;
		this.#last = part.charAt(part.length - 1);
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

/** The fence at the beginning of a line, or "". A backtick fence has no backtick in its language. */
function fenceOf(line: string): string {
	const [, mark = "", rest = ""] = /^[\s>]*(?:[-*+]\s+|\d+[.)]\s+)?(`{3,}|~{3,})(.*)/.exec(line) ?? [];
	return mark.startsWith("`") && rest.includes("`") ? "" : mark;
}
