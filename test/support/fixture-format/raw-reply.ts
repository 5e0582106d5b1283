import type { Section } from "./case-file.ts";

/**
 * The bytes of a reply as a section, in the plainest form that keeps them:
 * none: as they are; `CRLF`: each line break is CR LF in the reply; `escaped`: `\r`, `\\` and `\xNN` stand for bytes, and
 * a backslash at the end of a line joins it to the next.
 */
export function formatReply(bytes: Buffer): Section {
	const text = bytes.toString();
	if (isPlain(text) && Buffer.from(text).equals(bytes)) return { form: undefined, text };
	const unix = text.replaceAll("\r\n", "\n");
	if (isPlain(unix) && Buffer.from(unix.replaceAll("\n", "\r\n")).equals(bytes)) return { form: "CRLF", text: unix };
	return { form: "escaped", text: escapeBytes(bytes) };
}

/** The bytes that a section of a reply stands for. */
export function parseReply({ form, text }: Section): Buffer {
	if (form === "escaped") return unescapeBytes(text);
	return Buffer.from(form === "CRLF" ? text.replaceAll("\n", "\r\n") : text);
}

/** Whether the text survives an editor and cannot be read as a header. */
function isPlain(text: string): boolean {
	// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that need the escaped form
	return !/[\x00-\x08\x0b-\x1f\x7f\ufeff]|^--- /m.test(text);
}

function escapeBytes(bytes: Buffer): string {
	const escaped = [...bytes.toString("latin1")].map((character) => {
		if (character === "\\") return "\\\\";
		if (character === "\r") return "\\r";
		if (/[\n\t\x20-\x7e]/.test(character)) return character;
		return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
	});
	// A lone CR ends a line of a stream too: break the line there, for the reader.
	return escaped
		.join("")
		.replace(/\\r(?!\n|\\r)/g, "\\r\\\n")
		.replace(/^-/gm, "\\x2d");
}

function unescapeBytes(text: string): Buffer {
	const plain = text.replace(/\\(?:x([0-9a-f]{2})|(.)|\n)/g, (_match, hex?: string, character?: string) => {
		if (hex) return String.fromCharCode(Number.parseInt(hex, 16));
		return character === "r" ? "\r" : (character ?? "");
	});
	return Buffer.from(plain, "latin1");
}
