import { readFileSync } from "node:fs";

/**
 * The text of a file as editors and shells write it: UTF-8, or UTF-16 with its mark, which `>` of Windows PowerShell
 * writes. Without the mark.
 */
export function readText(file: string): string {
	const bytes = readFileSync(file);
	const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
	return bytes.toString(isUtf16 ? "utf16le" : "utf8").replace(/^\uFEFF/, "");
}
