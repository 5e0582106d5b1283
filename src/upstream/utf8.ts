import { isAscii } from "node:buffer";

/** A shorter text is left to Node, which writes it with its headers in one go. */
const SHORT = 16_000;
/** Characters from which on a text is worth a buffer of its own. */
const LONG = 100_000;

/** What to hand to a socket for a text: itself, or its UTF-8. */
export function toWrite(text: string | Buffer): string | Buffer {
	return typeof text !== "string" || text.length < SHORT ? text : toUtf8(text);
}

/**
 * Text as UTF-8. What is all ASCII has the same bytes in latin1, which Node copies instead of converting; a long text is
 * written once into a buffer that is surely large enough, instead of being measured twice before. Each takes a third of
 * the time (docs/performance.md).
 */
function toUtf8(text: string): Buffer {
	if (text.length < LONG) return Buffer.from(text, Buffer.byteLength(text) === text.length ? "latin1" : "utf8");
	const bytes = Buffer.allocUnsafeSlow(text.length * 3); // the most that a UTF-16 unit can take
	return bytes.subarray(0, bytes.write(text));
}

/** Text from UTF-8, copied where it is all ASCII. */
export function fromUtf8(bytes: Buffer): string {
	return bytes.toString(isAscii(bytes) ? "latin1" : "utf8");
}
