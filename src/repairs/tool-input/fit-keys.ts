import type { Json, JsonSchema } from "../../protocol/messages.ts";
import { KEY_NAMES } from "./known-cases.ts";
import { propertiesOf, requiredOf } from "./schema-types.ts";

/**
 * Gives keys the names of the schema: another case or another hyphenation always, a common other name where only one
 * parameter can be meant. Unknown keys go where the schema forbids them. The same object when nothing changes.
 */
export function fitKeys(
	value: { [key: string]: Json },
	schema: JsonSchema,
	changed: (what: string) => void,
): { [key: string]: Json } {
	const properties = Object.keys(propertiesOf(schema));
	const unknown = Object.keys(value).filter((key) => !properties.includes(key));
	if (unknown.length === 0 || properties.length === 0) return value;
	const isClosed = schema["additionalProperties"] === false;
	// Where any key is allowed, only a missing one can have been meant.
	const free = (isClosed ? properties : requiredOf(schema)).filter((key) => !(key in value));
	const renames = new Map<string, string>();
	for (const key of unknown) {
		const target = meantKey(key, free);
		if (target !== undefined) renames.set(key, target);
	}
	// Two keys that mean the same parameter: none of them is taken.
	const targets = [...renames.values()];
	for (const [key, target] of renames) {
		if (targets.filter((one) => one === target).length > 1) renames.delete(key);
	}
	const isComplete = requiredOf(schema).every(
		(key) => key in value || [...renames].some(([, target]) => target === key),
	);
	const entries = Object.entries(value).flatMap(([key, entry]): [string, Json][] => {
		if (properties.includes(key)) return [[key, entry]];
		const target = renames.get(key);
		if (target !== undefined) {
			changed(`${key} renamed to ${target}`);
			return [[target, entry]];
		}
		// Beside a missing parameter an unknown one is what the model has to hear of.
		if (!isClosed || !isComplete) return [[key, entry]];
		changed(`unknown ${key} left out`);
		return [];
	});
	return Object.fromEntries(entries);
}

function meantKey(key: string, free: readonly string[]): string | undefined {
	const same = free.filter((name) => fold(name) === fold(key));
	if (same.length === 1) return same[0];
	const known = free.filter((name) => KEY_NAMES[name]?.includes(fold(key)));
	return known.length === 1 ? known[0] : undefined;
}

/** `filePath`, `file-path` and `FILE_PATH` are the same. */
export function fold(name: string): string {
	return name.toLowerCase().replace(/[^a-z0-9]/g, "");
}
