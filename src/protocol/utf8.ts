import { isAscii, isUtf8, transcode } from "node:buffer";

/** A shorter text is left to Node, which writes it with its headers in one go. */
const SHORT = 16_000;
/** Characters, or bytes, from which on a text is worth a buffer of its own. */
const LONG = 100_000;

/** What to hand to a socket for a text: itself, or its UTF-8. */
export function toWrite(text: string): string | Buffer {
	return text.length < SHORT ? text : toUtf8(text);
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

/**
 * Text from UTF-8. What is all ASCII is copied; what is not goes by way of UTF-16 where it is long, which takes 2.5 ms of
 * 1.8 MB where V8's own reader takes 6.5 on Node 20 and 22 (docs/performance.md). Damaged bytes are left to V8.
 */
export function fromUtf8(bytes: Buffer): string {
	if (isAscii(bytes)) return bytes.toString("latin1");
	if (bytes.length < LONG || !isUtf8(bytes)) return bytes.toString("utf8");
	return transcode(bytes, "utf8", "utf16le").toString("utf16le");
}
