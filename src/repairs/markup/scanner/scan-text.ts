import type { GrammarTable } from "./grammar-table.ts";
import { MarkdownContext } from "./markdown-context.ts";
import type { MarkupCall, MarkupGrammar, ToolTable } from "./markup-grammar.ts";
import { MarkupInput, type Reading } from "./markup-input.ts";

/** What a piece of text is, in order: a number of characters of text, or the markup of calls. */
export type Scanned = { text: number } | { calls: MarkupCall[]; grammar: string; markup: string };

/** After this many long candidates without a call, a text is no longer searched. This bounds the work. */
const MAX_FAILURES = 32;
const LONG_CANDIDATE_CHARS = 2000;

interface Candidate {
	input: MarkupInput;
	reading: Reading<MarkupCall[] | undefined>;
	grammar: MarkupGrammar;
	/** Grammars with the same opener, tried when this one finds no call. */
	others: MarkupGrammar[];
	found?: MarkupCall[];
}

/**
 * Finds leaked tool calls in one text that arrives in pieces; the result does not depend on the pieces. A suffix that
 * could become an opener is held back. After an opener everything is held until the call is complete, or turns out not to
 * be a call. Openers in fenced code, quotations and block quotes do not count.
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

	/** True: all of it is text, and nothing is held back. True for nearly every delta. */
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

	/** Some text is undecided. */
	get isWaiting(): boolean {
		return this.#candidate !== undefined || this.#held !== "";
	}

	/**
	 * Ends the text. `isCut`: the reply was cut off, so an incomplete call is text. Otherwise the grammar's rules for a
	 * missing end apply.
	 */
	end(isCut: boolean): Scanned[] {
		const out: Scanned[] = [];
		while (this.isWaiting) {
			if (this.#candidate && isCut && !this.#candidate.found) this.#giveBack(this.#candidate, out);
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
		const candidate = this.#candidate;
		if (!candidate) return false;
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
			candidate.reading = readStrayClosers(input, this.#grammars);
			return true;
		}
		if (input.length > LONG_CANDIDATE_CHARS) this.#failures++;
		input.rewind();
		if (candidate.others.length > 0) this.#begin(input, candidate.others);
		else this.#giveBack(candidate, out);
		return true;
	}

	/** There is no call: the first character of the opener is text, and the rest is scanned again. */
	#giveBack({ input }: Candidate, out: Scanned[]): void {
		if (input.length > LONG_CANDIDATE_CHARS) this.#failures++;
		input.rewind();
		const text = input.rest;
		this.#candidate = undefined;
		this.#context.push(text.slice(0, 1));
		emitText(out, 1);
		this.#held = text.slice(1);
	}
}

/** Reads closing tags after a call, unless the next call begins with one. White space before anything else stays unread. */
function* readStrayClosers(input: MarkupInput, { strayClosers, closingOpeners }: GrammarTable): Reading<undefined> {
	while (!(yield* input.comes(closingOpeners)) && (yield* input.comes(strayClosers))) {
		yield* input.space();
		yield* input.oneOf(strayClosers);
	}
	return undefined;
}

function emitText(out: Scanned[], length: number): void {
	if (length === 0) return;
	const last = out.at(-1);
	if (last && "text" in last) last.text += length;
	else out.push({ text: length });
}
