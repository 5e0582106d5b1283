import { findTool, type MarkupCall, type MarkupGrammar, type ToolTable } from "./grammar.ts";

/** What a scan yields, in order: text that is text, and calls that were text. */
export type Scanned = { text: string } | { call: MarkupCall; grammar: string; markup: string };

/** Characters before an opener that make it a quotation. */
const QUOTES = new Set(["`", '"', "'", "“", "‘", "「", "«"]);

/**
 * Finds leaked tool calls in one text, fed in pieces of any size. A suffix that could become an opener is held back;
 * after an opener everything is held until the call is complete or turns out to be none, and then given back unchanged.
 * Fenced code, quoted openers and block quotes are never read.
 */
export class TextScanner {
	readonly #grammars: readonly MarkupGrammar[];
	readonly #tools: ToolTable;
	readonly #openers: readonly string[];
	readonly #longestOpener: number;
	/** Not yet decided. Begins with an opener when `#candidates` is set. */
	#held = "";
	#candidates: readonly MarkupGrammar[] | undefined;
	/** Where the next look for a closer begins, so that no text is searched twice. */
	#searched = 0;
	/** The line that the decided text ends in, as far as it tells about fences and quotations. */
	#line = "";
	#fence = "";
	/** A call was just read: an orphan `</tool_call>` that follows belongs to it. */
	#afterCall = false;

	constructor(grammars: readonly MarkupGrammar[], tools: ToolTable) {
		this.#grammars = grammars;
		this.#tools = tools;
		this.#openers = [...new Set(grammars.flatMap(({ openers }) => openers))];
		this.#longestOpener = Math.max(...this.#openers.map((opener) => opener.length));
	}

	push(text: string): Scanned[] {
		this.#held += text;
		return this.#scan(false);
	}

	/** The text is over: whatever is held is decided. */
	end(): Scanned[] {
		return this.#scan(true);
	}

	#scan(atEnd: boolean): Scanned[] {
		const out: Scanned[] = [];
		while (this.#held !== "") {
			const progress = this.#candidates ? this.#readCandidate(out, atEnd) : this.#findOpener(out, atEnd);
			if (!progress) break;
		}
		return out;
	}

	/** Decides text up to the next opener. False: more text is needed. */
	#findOpener(out: Scanned[], atEnd: boolean): boolean {
		if (this.#afterCall && !this.#dropOrphanCloser(atEnd)) return false;
		for (let at = this.#nextOpener(0); at >= 0; at = this.#nextOpener(at + 1)) {
			const opener = this.#openerAt(at);
			const grammars = this.#grammars.filter(({ openers }) => openers.some((text) => text === opener));
			const line = this.#lineAt(at);
			const usable = grammars.filter(({ fenced }) => fenced || !(this.#fenceAt(at) || isQuoted(line)));
			if (usable.length === 0) continue;
			this.#emitText(out, at);
			this.#candidates = usable;
			this.#searched = opener.length;
			return true;
		}
		const keep = atEnd ? 0 : this.#partialOpener();
		const decided = this.#held.length - keep;
		if (decided > 0) this.#emitText(out, decided);
		return false;
	}

	/** Tries to read a call at the start of what is held. False: more text is needed. */
	#readCandidate(out: Scanned[], atEnd: boolean): boolean {
		const candidates = this.#candidates ?? [];
		const closers = candidates.flatMap((grammar) => grammar.closers);
		const from = Math.max(0, this.#searched - Math.max(...closers.map((closer) => closer.length)));
		const closed = closers.some((closer) => this.#held.indexOf(closer, from) >= 0);
		this.#searched = this.#held.length;
		if (!closed && !atEnd) return false;
		for (const grammar of candidates) {
			const match = grammar.read(this.#held, atEnd, this.#tools);
			if (!match?.calls.every(({ name }) => findTool(name, this.#tools))) continue;
			const markup = this.#held.slice(0, match.length);
			for (const call of match.calls) out.push({ call, grammar: grammar.name, markup });
			this.#held = this.#held.slice(match.length);
			this.#candidates = undefined;
			this.#afterCall = true;
			return true;
		}
		const isDecided = atEnd || candidates.every((grammar) => grammar.read(this.#held, true, this.#tools) === undefined);
		if (!isDecided && !this.#offersNothing(candidates)) return false;
		// No call: the opener is text, and what follows is looked at again.
		this.#candidates = undefined;
		this.#emitText(out, 1);
		return true;
	}

	/** A complete call of a tool that was not offered is text, at once. */
	#offersNothing(candidates: readonly MarkupGrammar[]): boolean {
		const matches = candidates.map((grammar) => grammar.read(this.#held, false, this.#tools));
		return matches.some((match) => match !== undefined);
	}

	#emitText(out: Scanned[], length: number): void {
		if (length === 0) return;
		const text = this.#held.slice(0, length);
		this.#held = this.#held.slice(length);
		this.#follow(text);
		const last = out.at(-1);
		if (last && "text" in last) last.text += text;
		else out.push({ text });
	}

	#nextOpener(from: number): number {
		const positions = this.#openers.map((opener) => this.#held.indexOf(opener, from)).filter((at) => at >= 0);
		return positions.length === 0 ? -1 : Math.min(...positions);
	}

	#openerAt(at: number): string {
		const found = this.#openers.filter((opener) => this.#held.startsWith(opener, at));
		return found.reduce((longest, opener) => (opener.length > longest.length ? opener : longest), "");
	}

	/** Length of the longest suffix of what is held that an opener begins with. */
	#partialOpener(): number {
		const longest = Math.min(this.#held.length, this.#longestOpener - 1);
		for (let length = longest; length > 0; length--) {
			const suffix = this.#held.slice(-length);
			if (this.#openers.some((opener) => opener.startsWith(suffix))) return length;
		}
		return 0;
	}

	/** False: more text is needed to tell. */
	#dropOrphanCloser(atEnd: boolean): boolean {
		const closer = "</tool_call>";
		const trimmed = this.#held.trimStart();
		if (trimmed.startsWith(closer)) {
			this.#held = trimmed.slice(closer.length);
		} else if (!atEnd && closer.startsWith(trimmed)) {
			return false;
		}
		this.#afterCall = false;
		return true;
	}

	/** Follows lines and fences through text that was decided. */
	#follow(text: string): void {
		const lines = (this.#line + text).split("\n");
		this.#line = lines.pop() ?? "";
		for (const line of lines) this.#fence = fenceAfter(this.#fence, line);
	}

	#lineAt(at: number): string {
		const before = this.#line + this.#held.slice(0, at);
		return before.slice(before.lastIndexOf("\n") + 1);
	}

	#fenceAt(at: number): string {
		const lines = (this.#line + this.#held.slice(0, at)).split("\n").slice(0, -1);
		return lines.reduce(fenceAfter, this.#fence);
	}
}

/** The fence that is open after a line, or "" when none is. */
function fenceAfter(open: string, line: string): string {
	const mark = /^\s{0,3}(`{3,}|~{3,})/.exec(line)?.[1];
	if (mark === undefined) return open;
	if (open === "") return mark;
	return mark.startsWith(open) && line.trim() === mark ? "" : open;
}

/** Inside inline code, directly after a quotation mark, or in a block quote. */
function isQuoted(lineBefore: string): boolean {
	if (/^\s*>/.test(lineBefore) || QUOTES.has(lineBefore.at(-1) ?? "")) return true;
	return (lineBefore.split("`").length - 1) % 2 === 1;
}
