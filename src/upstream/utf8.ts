import { isAscii } from "node:buffer";

/**
 * Text as UTF-8, and back. Where all of it is ASCII its bytes are the same in latin1, which Node copies instead of
 * converting: a fifth of the time, and most of what is sent here is ASCII (docs/performance.md).
 */
export function toUtf8(text: string): Buffer {
	return Buffer.from(text, Buffer.byteLength(text) === text.length ? "latin1" : "utf8");
}

export function fromUtf8(bytes: Buffer): string {
	return bytes.toString(isAscii(bytes) ? "latin1" : "utf8");
}
