import type { Frame } from "../../protocol/sse-frames.ts";

/** A frame that said nothing but this text. */
export interface Sample {
	frame: Frame;
	text: string;
}

/** A part of a read: stream text for the parser, or frames in a row that differ in their texts alone, made into one. */
export type Segment = string | { frame: Frame; texts: string[] };

interface Around {
	before: string;
	behind: string;
}

/**
 * Fields that are another in each frame and mean nothing to a reader: OpenAI's count of events, and its padding against
 * those who listen in (platform.openai.com/docs/api-reference/responses-streaming).
 */
const VARYING = /("sequence_number":)\d+|("obfuscation":")[^"\\]*/g;
const HOLE = "\u0000";
/** What such a field may hold, and the characters that it may take: a search must not go through all that follows. */
const VALUE = /^[^",{}]*$/;
const WIDEST = 100;

/** Characters of a read in which two frames of the form have to stand. */
const SEARCHED = 5000;

/** What may stand between the data of two frames. */
const BETWEEN = /(\r?\n)\1((?:event: ?([^\r\n]*)\1)?data: ?)/y;

/** What no plain JSON string holds. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they make a string invalid JSON, as the parser would say.
const SPECIAL = /["\\\u0000-\u001f]/;

/**
 * The form of frames that differ in one text only, as nearly all of a stream do. It is learned from two of them, and
 * finds further ones without a parser: the same characters stand between two texts each time. Such frames in a row are
 * one frame with a longer text, which is decoded once (docs/performance.md).
 */
export class FrameForm {
	readonly #event: string | undefined;
	readonly #before: string;
	readonly #behind: string;
	/** A varying field stands in it. */
	readonly #varies: boolean;
	/**
	 * What stands from the end of one text to the beginning of the next, in pieces between which fields vary; known once
	 * two such frames have come in one read.
	 */
	#separator: readonly string[] | undefined;
	#blankLine = "";
	#lineStart = "";

	/** Undefined where the two are not of one form. */
	static of(first: Sample, second: Sample): FrameForm | undefined {
		if (first.text === second.text || first.frame.event !== second.frame.event) return undefined;
		const [one, other] = [around(first), around(second)];
		if (!one || !other) return undefined;
		const isSame = one.before === other.before && one.behind === other.behind;
		const varies = !isSame && fixed(one.before) === fixed(other.before) && fixed(one.behind) === fixed(other.behind);
		return isSame || varies ? new FrameForm(second.frame.event, other, varies) : undefined;
	}

	private constructor(event: string | undefined, { before, behind }: Around, varies: boolean) {
		this.#event = event;
		this.#before = before;
		this.#behind = behind;
		this.#varies = varies;
	}

	/** Whether a frame is of this form; one with fields that vary is never known to be. */
	fits({ event, data }: Frame): boolean {
		return event === this.#event && data.startsWith(this.#before) && data.endsWith(this.#behind);
	}

	/** The parts of a read, in order; undefined where it does not hold three frames of this form in a row. */
	split(stream: string): Segment[] | undefined {
		this.#separator ??= this.#findSeparator(stream);
		if (this.#separator === undefined) return undefined;
		const parts = cut(stream, this.#separator);
		if (parts.length < 4) return undefined;
		const [head, pieces, tail] = [parts[0], parts.slice(1, -1), parts.at(-1)];
		return [
			`${head}${this.#behind}${this.#blankLine}`,
			...this.#segments(pieces),
			`${this.#lineStart}${this.#before}${tail}`,
		];
	}

	/** A piece is the inside of a JSON string, or holds frames of another kind: those are left to the parser, and empty ones. */
	#segments(pieces: string[]): Segment[] {
		const joined = pieces.join("");
		if (!SPECIAL.test(joined) && !pieces.includes("")) return [this.#joinedFrame(joined, pieces)];
		const texts = pieces.map(unescaped);
		const segments: Segment[] = [];
		for (let from = 0; from < pieces.length; ) {
			const other = texts.indexOf(undefined, from);
			const to = other < 0 ? pieces.length : other;
			const run = texts.slice(from, to) as string[];
			if (run.length > 0) segments.push(this.#joinedFrame(pieces.slice(from, to).join(""), run));
			if (other >= 0)
				segments.push(`${this.#lineStart}${this.#before}${pieces[other]}${this.#behind}${this.#blankLine}`);
			from = to + 1;
		}
		return segments;
	}

	#joinedFrame(joined: string, texts: string[]): Segment {
		return { frame: { event: this.#event, data: this.#before + joined + this.#behind }, texts };
	}

	/** Line ends, the `event:` line and the space behind `data:` are the server's own. */
	#findSeparator(stream: string): string[] | undefined {
		const read = (text: string) => (this.#varies ? fixed(text) : text);
		const [text, before, behind] = [read(stream.slice(0, SEARCHED)), read(this.#before), read(this.#behind)];
		for (let at = text.indexOf(behind); at >= 0; at = text.indexOf(behind, at + 1)) {
			BETWEEN.lastIndex = at + behind.length;
			const [between = "", lineEnd = "", lineStart = "", event] = BETWEEN.exec(text) ?? [];
			if (between === "" || event !== this.#event || !text.startsWith(before, BETWEEN.lastIndex)) continue;
			this.#blankLine = lineEnd + lineEnd;
			this.#lineStart = lineStart;
			return (behind + between + before).split(HOLE);
		}
		return undefined;
	}
}

/** The text between separators: half of the time of `split`, where a separator is long. */
function cut(text: string, [first = "", ...others]: readonly string[]): string[] {
	const parts: string[] = [];
	let from = 0;
	for (let at = text.indexOf(first); at >= 0; at = text.indexOf(first, Math.max(at + 1, from))) {
		const end = endOf(text, at + first.length, others);
		if (end === undefined) continue;
		parts.push(text.slice(from, at));
		from = end;
	}
	parts.push(text.slice(from));
	return parts;
}

/** Where a separator ends whose first piece ends at `start`; undefined: it is none. */
function endOf(text: string, start: number, pieces: readonly string[]): number | undefined {
	let end = start;
	for (const piece of pieces) {
		const near = text.slice(end, end + WIDEST + piece.length);
		const width = near.indexOf(piece);
		if (width < 0 || !VALUE.test(near.slice(0, width))) return undefined;
		end += width + piece.length;
	}
	return end;
}

/** What stands before and behind the text of a frame; undefined where it is not written there once, as JSON writes it. */
function around({ frame: { data }, text }: Sample): Around | undefined {
	const written = JSON.stringify(text);
	const at = data.indexOf(`:${written}`) + 2;
	if (at < 2 || data.indexOf(`:${written}`, at) >= 0) return undefined;
	return { before: data.slice(0, at), behind: data.slice(at + written.length - 2) };
}

function fixed(text: string): string {
	return text.replace(VARYING, `$1$2${HOLE}`);
}

/** The text of a JSON string without its quotes; undefined where it is none, or empty. */
function unescaped(piece: string): string | undefined {
	if (piece === "") return undefined;
	try {
		return JSON.parse(`"${piece}"`);
	} catch (error) {
		if (error instanceof SyntaxError) return undefined;
		throw error;
	}
}
