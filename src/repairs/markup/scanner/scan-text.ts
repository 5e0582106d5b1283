import type { GrammarTable } from "./grammar-table.ts";
import { MarkdownContext } from "./markdown-context.ts";
import type { MarkupCall, MarkupGrammar, ToolTable } from "./markup-grammar.ts";
import { MarkupInput, type Reading } from "./markup-input.ts";

/** What a scan decides, in order: so many characters are text, or are the markup of calls. */
export type Scanned = { text: number } | { calls: MarkupCall[]; grammar: string; markup: string };

/** Long candidates that may turn out to be no call before a text is no longer read: bounds the work. */
const MAX_FAILURES = 32;
const LONG = 2000;

interface Candidate {
	input: MarkupInput;
	reading: Reading<MarkupCall[] | undefined>;
	grammar: MarkupGrammar;
	/** Grammars with the same opener, tried when this one finds no call. */
	others: MarkupGrammar[];
	found?: MarkupCall[];
}

/**
 * Finds leaked tool calls in one text, fed in pieces of any size; the result does not depend on the pieces. A suffix
 * that could become an opener is held back; after an opener everything is held until the call is complete or turns out
 * to be none, and is then text. Fenced code, quoted openers and block quotes are never read.
 */
export class TextScanner {
	readonly #grammars: GrammarTable;
	readonly #tools: ToolTable;
	readonly #context = new MarkdownContext();
	/** Not yet decided, outside a candidate. */
	#held = "";
	#candidate: Candidate | undefined;
	#failures = 0;

	constructor(grammars: GrammarTable, tools: ToolTable) {
		this.#grammars = grammars;
		this.#tools = tools;
	}

	/** True: the text is text, and nothing is held. So it is with nearly every delta of nearly every reply. */
	skim(text: string): boolean {
		if (this.isWaiting || this.#grammars.mayHoldOpener(text, this.#context.isBlank)) return false;
		this.#context.push(text);
		return true;
	}

	push(text: string): Scanned[] {
		if (this.skim(text)) return [{ text: text.length }];
		const out: Scanned[] = [];
		this.#feed(text);
		this.#scan(out, false);
		return out;
	}

	/** Text is held that only the end can decide. */
	get isWaiting(): boolean {
		return this.#candidate !== undefined || this.#held !== "";
	}

	/**
	 * The text is over. `isCut`: the reply was cut off, so that what is not complete is text; otherwise a family's own
	 * rules for a missing end apply.
	 */
	end(isCut: boolean): Scanned[] {
		const out: Scanned[] = [];
		while (this.isWaiting) {
			if (this.#candidate && isCut && !this.#candidate.found) this.#giveBack(out);
			else this.#candidate?.input.end();
			this.#scan(out, true);
		}
		return out;
	}

	#feed(text: string): void {
		if (this.#candidate) this.#candidate.input.feed(text);
		else this.#held += text;
	}

	#scan(out: Scanned[], isOver: boolean): void {
		for (;;) {
			if (!this.#candidate && !this.#findOpener(out, isOver)) return;
			if (!this.#readCandidate(out)) return;
		}
	}

	/** Decides text up to the next opener and begins its candidate. False: no opener, more text is needed. */
	#findOpener(out: Scanned[], isOver: boolean): boolean {
		const keep = isOver ? 0 : this.#grammars.partialLength(this.#held, this.#context.isBlank);
		const decided = this.#held.length - keep;
		let from = 0;
		for (const { at, grammars } of this.#failures > MAX_FAILURES ? [] : this.#grammars.findOpeners(this.#held)) {
			if (at >= decided) break;
			this.#context.push(this.#held.slice(from, at));
			from = at;
			const isAtStart = this.#context.isBlank;
			const candidates = grammars.filter((grammar) => isAtStart || !grammar.wholeMessage);
			if (candidates.length === 0 || this.#context.skipsOpener()) continue;
			emitText(out, at);
			const input = new MarkupInput(this.#held.slice(at));
			this.#held = "";
			this.#begin(input, candidates);
			return true;
		}
		this.#context.push(this.#held.slice(from, decided));
		emitText(out, decided);
		this.#held = this.#held.slice(decided);
		return false;
	}

	#begin(input: MarkupInput, [grammar, ...others]: MarkupGrammar[]): void {
		if (!grammar) return;
		this.#candidate = { input, grammar, others, reading: grammar.read(input, this.#tools) };
	}

	/** Reads on. False: more text is needed. */
	#readCandidate(out: Scanned[]): boolean {
		const candidate = this.#candidate as Candidate;
		const step = candidate.reading.next();
		if (!step.done) return false;
		const { input, grammar } = candidate;
		if (candidate.found) {
			out.push({ calls: candidate.found, grammar: grammar.name, markup: input.markup });
			this.#candidate = undefined;
			this.#held = input.rest;
			return true;
		}
		if (step.value && step.value.length > 0) {
			candidate.found = step.value;
			candidate.reading = readStrayClosers(input, this.#grammars.strayClosers);
			return true;
		}
		if (input.length > LONG) this.#failures++;
		input.rewind();
		if (candidate.others.length > 0) this.#begin(input, candidate.others);
		else this.#giveBack(out);
		return true;
	}

	/** No call: the opener's first character is text, and what follows is looked at again. */
	#giveBack(out: Scanned[]): void {
		const input = (this.#candidate as Candidate).input;
		if (input.length > LONG) this.#failures++;
		input.rewind();
		const text = input.rest;
		this.#candidate = undefined;
		this.#context.push(text.slice(0, 1));
		emitText(out, 1);
		this.#held = text.slice(1);
	}
}

/** Reads closing tags after a call. White space before anything else stays unread. */
function* readStrayClosers(input: MarkupInput, closers: readonly string[]): Reading<undefined> {
	while (yield* input.comes(closers)) {
		yield* input.space();
		yield* input.oneOf(closers);
	}
	return undefined;
}

function emitText(out: Scanned[], length: number): void {
	if (length === 0) return;
	const last = out.at(-1);
	if (last && "text" in last) last.text += length;
	else out.push({ text: length });
}
