import { isObject } from "../../../platform/json.ts";
import { closeBrackets, parseDamagedJson } from "../../damaged-json.ts";
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
	return parsedCalls(parseDamagedJson(closeBrackets(text) ?? text), tools);
}

/** Calls of a parsed value: one, or a list. Undefined unless all of them are of offered tools. */
function parsedCalls(value: unknown, tools: ToolTable): MarkupCall[] | undefined {
	const calls = [value].flat().map((item) => callOfObject(item, tools));
	return calls.length > 0 && calls.every((call) => call !== undefined) ? calls : undefined;
}

const NAMES = ["name", "function", "tool", "tool_name"];
const INPUTS = ["arguments", "parameters", "input", "args"];
const OTHERS = ["id", "type", "index", "tool_call_id"];

/**
 * `{"name":…,"arguments":…}` or with the other keys above, the arguments also as a JSON text, all of it also in
 * `function`; or `{NAME: {…}}`. An object with a name and no input is a call only when it has nothing else: the
 * package.json of a package called `read` is none.
 */
function callOfObject(value: unknown, tools: ToolTable): MarkupCall | undefined {
	if (!isObject(value)) return undefined;
	const call = isObject(value["function"]) ? value["function"] : value;
	const name = NAMES.map((key) => call[key]).find((one) => one !== undefined);
	const [only, ...others] = Object.entries(call);
	if (name === undefined && only && others.length === 0 && isObject(only[1])) return callOf(only[0], only[1], tools);
	const inputKey = INPUTS.find((key) => key in call);
	if (inputKey === undefined && Object.keys(call).some((key) => ![...NAMES, ...OTHERS].includes(key))) return undefined;
	return callOf(name, call[inputKey ?? ""] ?? {}, tools);
}

function callOf(name: unknown, input: unknown, tools: ToolTable): MarkupCall | undefined {
	const tool = typeof name === "string" ? findTool(name, tools) : undefined;
	return tool && { name: tool.name, json: typeof input === "string" ? input : JSON.stringify(input) };
}
