import { jsonrepair } from "jsonrepair";
import { tryParseJson } from "../platform/json.ts";
import type { Json } from "../protocol/messages.ts";

/** Parses valid JSON; undefined for anything else. */
export function parseValidJson(text: string): Json | undefined {
	return tryParseJson(text) as Json | undefined;
}

/**
 * The repair's time grows with the length times the number of quotes: 400 kB with 110,000 quotes took 19 s. This is about
 * 0.3 s.
 */
const MAX_REPAIR_WORK = 1_500_000_000;

/**
 * Parses a JSON object or list that is complete but damaged: trailing commas, single quotes, raw line breaks, Python
 * words, backslashes that escape nothing, one closing brace too many, a fence, an empty object before or after it, tokens of a
 * chat template after it. Undefined for text that was cut off,
 * because completing it would invent a value, and for text whose repair would take too long.
 */
export function parseDamagedJson(text: string): Json | undefined {
	const trimmed = unwrapped(text);
	const valid = parseValidJson(trimmed);
	if (valid !== undefined || !/^[{[]/.test(trimmed)) return valid;
	const scan = new JsonEndScanner();
	const length = scan.push(trimmed);
	if (!scan.isComplete || !isRemainder(trimmed.slice(length), trimmed.slice(0, length))) return undefined;
	return parseValidJson(repaired(trimmed.slice(0, length)) ?? "");
}

/**
 * The text with the closing brackets that are missing at its end. Undefined if none is missing, or if it ends within
 * a text or after a comma or colon. Only for a reply that was not cut off.
 */
export function closeBrackets(text: string): string | undefined {
	const trimmed = unwrapped(text);
	const scan = new JsonEndScanner();
	scan.push(trimmed);
	const isAtValue = !scan.isInString && /(["}\]]|true|false|null|\d)$/.test(trimmed);
	return scan.openBrackets === "" || scan.isBroken || !isAtValue ? undefined : trimmed + scan.openBrackets;
}

/** Whether damaged JSON is so long that its repair would block everything else. */
export function isTooDamaged(text: string): boolean {
	const quotes = text.match(/(?<!\\)"/g)?.length ?? 0;
	return text.length * quotes > MAX_REPAIR_WORK;
}

/** Without a fence around it, and without empty objects before it: some servers send `{}` first. */
function unwrapped(text: string): string {
	let inner = text.trim();
	if (inner.startsWith("```")) inner = inner.replace(/^```\w*/, "").trim();
	if (inner.endsWith("```")) inner = inner.slice(0, -3).trim();
	return inner.replace(/^(?:\{\s*\}\s*)+(?=\{)/, "");
}

/**
 * Whether `rest` may follow a complete value: superfluous closing brackets, empty objects, tokens of a chat template such as
 * `</tool_call>`, or the same value again.
 */
function isRemainder(rest: string, value: string): boolean {
	return /^(?:\{\s*\}|[\s}\]]|<[/|｜]?[\w:▁-]+[|｜]?>)*$/.test(rest) || rest.trim() === value;
}

/** A backslash that escapes nothing in JSON means itself: without it, the pattern `\d` would be the letter d. */
function withBackslashes(text: string): string {
	return text.replace(/\\(["'\\/bfnrt]|u[\da-fA-F]{4})?/g, (found, known) => (known === undefined ? "\\\\" : found));
}

function repaired(text: string): string | undefined {
	if (isTooDamaged(text)) return undefined;
	try {
		return jsonrepair(withBackslashes(text));
	} catch (error) {
		// jsonrepair throws when it cannot read the text.
		if (error instanceof Error) return undefined;
		throw error;
	}
}

/** Finds the end of a JSON object or list in text that arrives in pieces. It looks only at brackets and strings. */
export class JsonEndScanner {
	/** The brackets that close the open ones, outermost first. */
	readonly #open: string[] = [];
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

	/** The closing brackets that are missing. */
	get openBrackets(): string {
		return this.#open.toReversed().join("");
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
		else if (character === "{") this.#open.push("}");
		else if (character === "[") this.#open.push("]");
		else if (character === "}" || character === "]") {
			this.#open.pop();
			this.isComplete = this.#open.length === 0;
		}
	}
}
