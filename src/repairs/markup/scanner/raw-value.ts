import type { MarkupInput, Reading } from "./markup-input.ts";

/** A text that may end a value. */
export interface Closer {
	text: string;
	/** One of these must come next, white space aside, or nothing at all; otherwise the text belongs to the value. */
	before?: readonly string[];
	/** The text belongs to what follows and stays unread. */
	isNext?: boolean;
}

/**
 * A value that is written as it is, up to a closer. Bodies are no XML: `a & b` and `<x>` are what they are, and a file
 * that itself holds the closing tag is only cut where the call goes on behind it.
 */
export function* readRawValue(input: MarkupInput, closers: readonly Closer[]): Reading<string> {
	const texts = closers.map(({ text }) => text);
	const pieces: string[] = [];
	let rejected = -1;
	for (;;) {
		const { text, found } = yield* input.until(texts);
		pieces.push(text);
		if (found === "") break;
		const closer = closers.find((one) => one.text === found) as Closer;
		if (!closer.before || (yield* input.comes(closer.before, true))) {
			if (closer.isNext) input.unread(found.length);
			return pieces.join("");
		}
		rejected = pieces.length;
		pieces.push(found);
	}
	if (rejected < 0) return pieces.join("");
	// The call was never finished behind a closer: what follows the last one is text again.
	const after = pieces.slice(rejected + 1).join("");
	input.unread(after.length);
	return pieces.slice(0, rejected).join("");
}
