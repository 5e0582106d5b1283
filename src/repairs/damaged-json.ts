import { jsonrepair } from "jsonrepair";
import { tryParseJson } from "../platform/json.ts";

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

/** Finds the end of a JSON object or list in text that comes in pieces. Looks at brackets and strings only. */
export class JsonScan {
	#depth = 0;
	#isInString = false;
	#isEscaped = false;
	/** The value's last bracket was read. */
	isComplete = false;
	/** A character came that JSON does not have outside strings: markup, most likely. */
	isBroken = false;

	/** Reads on; returns how many characters belong to the value. What follows its end is not looked at. */
	push(text: string): number {
		for (let at = 0; at < text.length; at++) {
			if (this.isComplete) return at;
			const character = text[at] as string;
			if (this.#isInString) this.#readString(character);
			else if (character === "<") {
				this.isBroken = true;
				return at;
			} else this.#readOutside(character);
		}
		return text.length;
	}

	/** Brackets that are open. */
	get depth(): number {
		return this.#depth;
	}

	get isInString(): boolean {
		return this.#isInString;
	}

	#readString(character: string): void {
		if (this.#isEscaped) this.#isEscaped = false;
		else if (character === "\\") this.#isEscaped = true;
		else if (character === '"') this.#isInString = false;
	}

	#readOutside(character: string): void {
		if (character === '"') this.#isInString = true;
		else if (character === "{" || character === "[") this.#depth++;
		else if (character === "}" || character === "]") this.isComplete = --this.#depth <= 0;
	}
}
