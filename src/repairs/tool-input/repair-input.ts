import { isObject } from "../../platform/json.ts";
import type { InputRule } from "../../profile/model/target.ts";
import type { Json, JsonSchema, Tool } from "../../protocol/messages.ts";
import { closeBrackets, isTooDamaged, parseDamagedJson, parseValidJson } from "../damaged-json.ts";
import { propertiesOf, requiredOf, violations } from "../json-schema.ts";
import { fitValue } from "./fit-value.ts";
import { applyRules } from "./input-rules.ts";
import { KNOWN_CASES } from "./known-cases.ts";

export interface InputRepair {
	/** The repaired input; undefined: the input stays as it came. */
	input?: { [key: string]: Json };
	/** The changes, or what is wrong with an input that stays. Empty when it is valid. */
	findings: string[];
	/** It is no JSON, not even damaged: perhaps it was cut off. */
	isUnreadable?: boolean;
}

/** Fields in which models wrap the whole input if the tool has no such parameter. */
const WRAPPERS = ["arguments", "parameters", "input", "args", "params"];
/** What may be beside such a field: the call is written into its own input. */
const CALL_FIELDS = ["name", "tool", "tool_name", "function", "type", "id"];

/** What models write for a call without arguments; an empty list is an input if the tool requires nothing. */
function isNoInput(json: string, schema: JsonSchema | undefined): boolean {
	const text = json.trim().replace(/^"(.*)"$/, "$1");
	return text === "" || text === "null" || text === "{}" || (text === "[]" && requiredOf(schema).length === 0);
}

/**
 * Repairs the whole JSON text of a tool input by the tool's schema. Text that cannot be read, or was cut off, stays as it
 * is: an invented `{}` or half a file would do harm, and Claude Code asks the model again.
 */
export function repairInput(json: string, tool: Tool | undefined, rules: readonly InputRule[] = []): InputRepair {
	if (json === "") return { findings: [] };
	if (json.trim() !== "{}" && isNoInput(json, tool?.input_schema)) return { input: {}, findings: ["no arguments"] };
	const findings: string[] = [];
	const parsed = parseValidJson(json);
	const isDamaged = parsed === undefined;
	const read = isDamaged ? parseDamagedJson(json) : parsed;
	if (read === undefined) {
		const why = isTooDamaged(json) ? "not JSON, and too long to repair" : "not JSON, or cut off";
		return { findings: [why], isUnreadable: true };
	}
	if (isDamaged) findings.push("JSON repaired");
	const schema = tool?.input_schema;
	const value = unwrap(read, schema, findings);
	if (!isObject(value)) return { findings: ["not a JSON object"] };
	if (!tool || !schema) return findings.length > 0 ? { input: value, findings } : { findings };
	const fitting = { root: schema, changed: (what: string) => findings.push(what) };
	const ruled = applyRules(value, tool.name, rules, findings);
	const fitted = fitValue(withoutKnownCases(ruled, tool, findings), schema, "", fitting);
	if (findings.length === 0 || !isObject(fitted)) return { findings: [] };
	const wrong = violations(fitted, schema, schema);
	// Accept jsonrepair's result only if it fits the schema.
	if (isDamaged && wrong.length > 0)
		return { findings: [`not JSON, and as repaired not an input of ${tool.name}: ${wrong[0]}`] };
	return { input: fitted, findings };
}

/**
 * The input with the brackets that are missing at its end if it then fits the tool's schema. Only for a reply that was
 * not cut off.
 */
export function completeInput(
	json: string,
	tool: Tool | undefined,
	rules: readonly InputRule[] = [],
): InputRepair | undefined {
	const closed = closeBrackets(json);
	const schema = tool?.input_schema;
	if (closed === undefined || !schema) return undefined;
	const { input = parseDamagedJson(closed), findings } = repairInput(closed, tool, rules);
	if (!isObject(input) || violations(input, schema, schema).length > 0) return undefined;
	return { input, findings: ["missing closing brackets added", ...findings] };
}

/** Unwraps an input from a text, a list of one, or a field around it. */
function unwrap(value: Json, schema: JsonSchema | undefined, findings: string[]): Json {
	if (typeof value === "string") {
		const inner = parseDamagedJson(value);
		if (!isObject(inner)) return value;
		findings.push("JSON in a string unpacked");
		return unwrap(inner, schema, findings);
	}
	if (Array.isArray(value) && value.length === 1 && isObject(value[0])) {
		findings.push("list of one unpacked");
		return value[0];
	}
	if (!isObject(value)) return value;
	const properties = propertiesOf(schema);
	const keys = Object.keys(value);
	const [key, ...others] = keys.filter((name) => !CALL_FIELDS.includes(name));
	const isWrapper = key !== undefined && others.length === 0 && WRAPPERS.includes(key);
	if (!isWrapper || keys.some((name) => name in properties)) return value;
	const inner = value[key];
	const content = typeof inner === "string" ? parseDamagedJson(inner) : inner;
	if (!isObject(content)) return value;
	findings.push(`${key} unpacked`);
	return content;
}

function withoutKnownCases(value: { [key: string]: Json }, tool: Tool, findings: string[]): { [key: string]: Json } {
	const required = requiredOf(tool.input_schema);
	const found = KNOWN_CASES.filter(
		(known) => known.tool === tool.name && value[known.key] === known.value && !required.includes(known.key),
	);
	if (found.length === 0) return value;
	for (const { key, value: nothing } of found) findings.push(`${key}: ${JSON.stringify(nothing)} left out`);
	return Object.fromEntries(Object.entries(value).filter(([key]) => !found.some((known) => known.key === key)));
}
