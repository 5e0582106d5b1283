import { jsonrepair } from "jsonrepair";
import { tryParseJson } from "../platform/json.ts";
import type { Json } from "../protocol/messages.ts";

/** Parses valid JSON; undefined for anything else. */
export function parseValidJson(text: string): Json | undefined {
	return tryParseJson(text) as Json | undefined;
}

/**
 * Parses a JSON object or list that is complete but damaged: trailing commas, single quotes, raw line breaks, Python
 * words, one closing brace too many. Undefined for text that was cut off: completing it would invent a value.
 */
export function parseDamagedJson(text: string): Json | undefined {
	const trimmed = text.trim();
	const valid = parseValidJson(trimmed);
	if (valid !== undefined || !/^[{[]/.test(trimmed)) return valid;
	const scan = new JsonEndScanner();
	const length = scan.push(trimmed);
	if (!scan.isComplete || !isRemainder(trimmed.slice(length), trimmed.slice(0, length))) return undefined;
	return parseValidJson(repaired(trimmed.slice(0, length)) ?? "");
}

/** Whether `rest` may follow a complete value: superfluous closing brackets, or the same value again. */
function isRemainder(rest: string, value: string): boolean {
	return /^[\s}\]]*$/.test(rest) || rest.trim() === value;
}

function repaired(text: string): string | undefined {
	try {
		return jsonrepair(text);
	} catch (error) {
		// jsonrepair throws when it cannot read the text.
		if (error instanceof Error) return undefined;
		throw error;
	}
}

/** Finds the end of a JSON object or list in text that arrives in pieces. It looks only at brackets and strings. */
export class JsonEndScanner {
	#depth = 0;
	#isInString = false;
	#isEscaped = false;
	/** The last bracket of the value was read. */
	isComplete = false;
	/** A `<` outside strings was found: it is markup, most likely. */
	isBroken = false;

	/** Reads more text and returns how many of its characters belong to the value. */
	push(text: string): number {
		for (let at = 0; at < text.length; at++) {
			if (this.isComplete) return at;
			const character = text.charAt(at);
			if (this.#isInString) this.#readString(character);
			else if (character === "<") {
				this.isBroken = true;
				return at;
			} else this.#readOutside(character);
		}
		return text.length;
	}

	/** Number of open brackets. */
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
