import { jsonrepair } from "jsonrepair";
import { tryParseJson } from "../platform/json.ts";
import { JsonScan } from "./json-scan.ts";

/**
 * Parses a JSON object or list that is complete but damaged: trailing commas, single quotes, raw line breaks, Python
 * words, a closing brace too many. Undefined for text that was cut off: completing it would make up a value.
 */
export function parseDamagedJson(text: string): unknown {
	const trimmed = text.trim();
	const valid = tryParseJson(trimmed);
	if (valid !== undefined || !/^[{[]/.test(trimmed)) return valid;
	const scan = new JsonScan();
	const length = scan.push(trimmed);
	if (!scan.isComplete || !isRemainder(trimmed.slice(length), trimmed.slice(0, length))) return undefined;
	return tryParseJson(repaired(trimmed.slice(0, length)) ?? "");
}

/** What may follow a complete value: closing brackets too many, or the same value once more. */
function isRemainder(rest: string, value: string): boolean {
	return /^[\s}\]]*$/.test(rest) || rest.trim() === value;
}

function repaired(text: string): string | undefined {
	try {
		return jsonrepair(text);
	} catch (error) {
		// The library's own error class is no Error of ours, and means only that it could not read the text.
		if (error instanceof Error) return undefined;
		throw error;
	}
}
