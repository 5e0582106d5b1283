import type { Json, JsonSchema, Tool } from "../../protocol/messages.ts";
import { propertiesOf, requiredOf } from "../json-schema.ts";
import { findTool, type ToolTable } from "../markup/scanner/markup-grammar.ts";
import { KEY_NAMES } from "./known-cases.ts";

/**
 * Renames keys to the parameters of the schema: those in another case or hyphenation, and common other names if only
 * one parameter matches. Unknown keys are removed if the schema forbids them. The same object when nothing changes.
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
	// Where any key is allowed, an unknown one is renamed only to a required parameter that is missing.
	const free = (isClosed ? properties : requiredOf(schema)).filter((key) => !(key in value));
	const renames = new Map<string, string>();
	for (const key of unknown) {
		const target = closestKey(key, free);
		if (target !== undefined) renames.set(key, target);
	}
	// Two keys that match the same parameter are ambiguous.
	const targets = [...renames.values()];
	for (const [key, target] of renames) {
		if (targets.filter((other) => other === target).length > 1) renames.delete(key);
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
		// If a parameter is missing, the model has to learn about the unknown key.
		if (!isClosed || !isComplete) return [[key, entry]];
		changed(`unknown ${key} left out`);
		return [];
	});
	return Object.fromEntries(entries);
}

function closestKey(key: string, free: readonly string[]): string | undefined {
	const same = free.filter((name) => fold(name) === fold(key));
	if (same.length === 1) return same[0];
	const known = free.filter((name) => KEY_NAMES[name]?.includes(fold(key)));
	return known.length === 1 ? known[0] : undefined;
}

/** Lower case without punctuation: `filePath`, `file-path` and `FILE_PATH` become the same. */
export function fold(name: string): string {
	return name.toLowerCase().replace(/[^a-z0-9]/g, "");
}

/**
 * The offered tool with a similar name: as `findTool`, and an MCP tool without its server or with other separators
 * (`mcp.db.query`) if only one tool matches.
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

/** The shorter names of `mcp__server__tool`: `server__tool` and `tool`. */
function endingsOf(name: string): string[] {
	const [prefix, server, ...rest] = name.split("__");
	return prefix === "mcp" && rest.length > 0 ? [`${server}__${rest.join("__")}`, rest.join("__")] : [];
}
