import type { Json, JsonSchema, Tool } from "../../protocol/messages.ts";
import { propertiesOf, requiredOf } from "../json-schema.ts";
import { findTool, type ToolTable } from "../markup/scanner/markup-grammar.ts";
import { KEY_NAMES } from "./known-cases.ts";

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

/**
 * The offered tool that a structured call means: as `findTool`, and an MCP tool without its server, or with other
 * signs between the parts (`mcp.db.query`), where only one tool can be meant.
 */
export function closestTool(name: string, tools: ToolTable): Tool | undefined {
	const found = findTool(name, tools);
	if (found || fold(name) === "") return found;
	const same = [...tools.values()].filter((tool) => fold(tool.name) === fold(name));
	if (same.length > 0) return same.length === 1 ? same[0] : undefined;
	const endings = [...tools.values()].filter((tool) =>
		endingsOf(tool.name).some((ending) => fold(ending) === fold(name)),
	);
	return endings.length === 1 ? endings[0] : undefined;
}

/** `mcp__server__tool` is also called `server__tool` and `tool`. */
function endingsOf(name: string): string[] {
	const [prefix, server, ...rest] = name.split("__");
	return prefix === "mcp" && rest.length > 0 ? [`${server}__${rest.join("__")}`, rest.join("__")] : [];
}
