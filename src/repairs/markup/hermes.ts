import { parseJson } from "../parse-json.ts";
import type { MarkupCall, MarkupGrammar } from "./grammar.ts";

const OPEN = "<tool_call>";
const CLOSE = "</tool_call>";

/**
 * Qwen2.5, Qwen3 and Hermes: one JSON object per `<tool_call>` block.
 * `arguments` also comes as `parameters`, as a JSON string, or inside `function`. Source: quirks.md 1.1.
 */
export const hermes: MarkupGrammar = {
	name: "hermes",
	openers: [OPEN],
	closers: [CLOSE],
	read(text, atEnd) {
		const close = text.indexOf(CLOSE);
		if (close < 0 && !atEnd) return undefined;
		const body = text.slice(OPEN.length, close < 0 ? undefined : close);
		const call = readCallObject(body.trim());
		return call && { calls: [call], length: close < 0 ? text.length : close + CLOSE.length };
	},
};

/** Reads `{"name":…,"arguments":…}` in any of its spellings; undefined when it is no such object. */
export function readCallObject(text: string): MarkupCall | undefined {
	if (!text.startsWith("{")) return undefined;
	// Raw line breaks inside strings are the usual damage; the rest is left to the tool-input repair.
	const value = parseJson(text) ?? parseJson(escapeControls(text)) ?? parseJson(`${escapeControls(text)}}`);
	return callOfObject(value);
}

/** The same, from a parsed value. */
export function callOfObject(value: unknown): MarkupCall | undefined {
	if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
	const outer = value as Record<string, unknown>;
	const call = typeof outer["function"] === "object" ? (outer["function"] as Record<string, unknown>) : outer;
	const name = call["name"] ?? (typeof outer["function"] === "string" ? outer["function"] : undefined);
	if (typeof name !== "string") return undefined;
	const input = call["arguments"] ?? call["parameters"] ?? {};
	return { name, json: typeof input === "string" ? input : JSON.stringify(input) };
}

/** Escapes raw control characters inside JSON strings. */
export function escapeControls(json: string): string {
	return json.replace(/"(?:[^"\\]|\\[\s\S])*"/g, (string) =>
		// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
		string.replace(/[\u0000-\u001f]/g, (character) => JSON.stringify(character).slice(1, -1)),
	);
}
