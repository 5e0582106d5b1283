import { isObject } from "../../../platform/json.ts";
import { JsonEndScanner, parseDamagedJson } from "../../damaged-json.ts";
import { findTool, type MarkupCall, type ToolTable } from "./markup-grammar.ts";
import type { MarkupInput, Reading } from "./markup-input.ts";

/** Reads a JSON object that is one call, or a list of such objects. */
export function* readJsonCalls(input: MarkupInput, tools: ToolTable): Reading<MarkupCall[] | undefined> {
	const text = yield* input.json();
	return text === undefined ? undefined : parsedCalls(parseDamagedJson(text), tools);
}

/** Reads the input of a call whose name is known: a JSON object, kept as it is written. */
export function* readJsonInput(input: MarkupInput, name: string): Reading<MarkupCall | undefined> {
	const json = yield* input.json();
	return json?.startsWith("{") ? { name, json } : undefined;
}

/** The calls in a whole text, where broken quotes may hide the end of the JSON. */
export function callsOfText(text: string, tools: ToolTable): MarkupCall[] | undefined {
	return parsedCalls(parseDamagedJson(closeBrackets(text.trim())), tools);
}

/**
 * Calls of a parsed value: `{"name":…,"arguments":…}`, also with `parameters` or `input`, with the arguments as a JSON
 * text, or wrapped in `function`; or a list of these. Undefined unless all of them are of offered tools.
 */
function parsedCalls(value: unknown, tools: ToolTable): MarkupCall[] | undefined {
	const calls = [value].flat().map((item) => callOfObject(item, tools));
	return calls.length > 0 && calls.every((call) => call !== undefined) ? calls : undefined;
}

function callOfObject(value: unknown, tools: ToolTable): MarkupCall | undefined {
	if (!isObject(value)) return undefined;
	const call = isObject(value["function"]) ? value["function"] : value;
	const name = call["name"] ?? call["function"] ?? call["tool"];
	const tool = typeof name === "string" ? findTool(name, tools) : undefined;
	if (!tool) return undefined;
	const input = call["arguments"] ?? call["parameters"] ?? call["input"] ?? {};
	return { name: tool.name, json: typeof input === "string" ? input : JSON.stringify(input) };
}

/** Adds brackets that are missing at the end, after a complete value. */
function closeBrackets(text: string): string {
	const scan = new JsonEndScanner();
	scan.push(text);
	if (scan.isComplete || scan.isInString || scan.depth > 2 || !/["}\]]$/.test(text)) return text;
	return text + "}".repeat(Math.max(0, scan.depth));
}
