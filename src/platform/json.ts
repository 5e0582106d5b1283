/** Parses JSON from outside; undefined when the text is not valid JSON. */
export function tryParseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (error) {
		if (error instanceof SyntaxError) return undefined;
		throw error;
	}
}

/** A JSON object whose fields are not known yet. */
export type JsonObject = Record<string, unknown>;

/** Whether a value is a JSON object, and so neither null nor an array. */
export function isObject(value: unknown): value is JsonObject {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value itself when it is an object; otherwise an empty object. */
export function asObject(value: unknown): Record<string, unknown> {
	return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

/**
 * Whether two values serialise to the same JSON, ignoring the fields of one name. Equal strings are compared without
 * copying, so for a conversation of megabytes this takes far less time than serialising it.
 */
export function isSameJson(a: unknown, b: unknown, except?: string): boolean {
	if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
	if (Array.isArray(a) !== Array.isArray(b)) return false;
	const [old, now] = [fieldsOf(a, except), fieldsOf(b, except)];
	if (old.length !== now.length) return false;
	// The order of the keys is the order on the wire.
	return old.every(
		(key, index) =>
			key === now[index] &&
			isSameJson((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key], except),
	);
}

function fieldsOf(value: object, except: string | undefined): string[] {
	const keys = Object.keys(value);
	return except !== undefined && except in value ? keys.filter((key) => key !== except) : keys;
}
