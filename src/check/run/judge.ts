import { isDeepStrictEqual } from "node:util";
import { counted } from "../../platform/figures.ts";
import { asObject } from "../../platform/json.ts";
import { excerpt } from "../../protocol/divergence.ts";
import {
	type ContentBlock,
	isText,
	isToolUse,
	type Json,
	type JsonSchema,
	type Message,
	type Tool,
	type ToolUseBlock,
} from "../../protocol/messages.ts";
import { requiredOf, violations } from "../../repairs/json-schema.ts";
import type { Outcome } from "../probe.ts";
import type { Answer } from "./ask.ts";

export const passed = (detail: string): Outcome => ({ passed: true, detail });
export const failed = (detail: string): Outcome => ({ passed: false, detail });

export const unknown = (detail: string): Outcome => ({ passed: false, isUnknown: true, detail });

/** Whether the token counts of an answer come from the provider; otherwise cc-any estimated them. */
export function hasUsage({ seen }: Answer): boolean {
	return !seen.divergences.some(({ kind }) => kind === "missing-usage" || kind === "usage-missing");
}

export function callsOf(message: Message | undefined): ToolUseBlock[] {
	return message?.content.filter(isToolUse) ?? [];
}

export function textOf(message: Message | undefined): string {
	return (message?.content ?? [])
		.filter(isText)
		.map((block) => block.text)
		.join("");
}

export function blocksOf(message: Message | undefined, type: string): ContentBlock[] {
	return message?.content.filter((block) => block.type === type) ?? [];
}

/** An expected call: its tool, and the fields of its input that have one right value. */
export interface Wanted {
	tool: Tool;
	input?: Record<string, Json>;
}

/** Whether the answer makes exactly these calls, in any order, each valid by its schema and with a unique id. */
export function judgeCalls(answer: Answer, ...wanted: readonly Wanted[]): Outcome {
	const { message, error } = answer;
	if (error) return failed(error);
	const calls = callsOf(message);
	const names = calls.map((call) => call.name).join(", ") || "none";
	if (calls.length !== wanted.length) {
		const text = textOf(message).trim();
		const said = text === "" ? "" : `, said: ${excerpt(text)}`;
		return failed(`${counted(wanted.length, "call")} expected, made: ${names}${said}`);
	}
	const open = [...calls];
	for (const one of wanted) {
		const problems = open.map((call) => problemOf(call, one));
		const at = problems.indexOf(undefined);
		if (at < 0) return problems[0] ?? failed("no call");
		open.splice(at, 1);
	}
	if (new Set(calls.map((call) => call.id)).size < calls.length) return failed("two calls have the same id");
	if (message?.stop_reason !== "tool_use") return failed(`stop_reason is ${message?.stop_reason}`);
	return passed(names);
}

function problemOf(call: ToolUseBlock, { tool, input = {} }: Wanted): Outcome | undefined {
	if (call.name !== tool.name) return failed(`${call.name} was called, not ${tool.name}`);
	const [violation] = schemaViolations(call, tool);
	if (violation) {
		const missingParameter = requiredOf(tool.input_schema ?? {}).some((key) => !(key in asObject(call.input)));
		return { ...failed(`${tool.name}: ${violation}`), ...(missingParameter && { evidence: { missingParameter } }) };
	}
	const given = call.input as Record<string, Json>;
	const wrong = Object.keys(input).find((key) => !isDeepStrictEqual(given[key], input[key]));
	if (wrong === undefined) return undefined;
	return failed(`${tool.name}.${wrong} is ${excerpt(JSON.stringify(given[wrong]) ?? "absent")}`);
}

/** How a call violates the schema of its tool. */
export function schemaViolations(call: ToolUseBlock, tool: Tool): string[] {
	const schema: JsonSchema = tool.input_schema ?? {};
	return violations(call.input as Json, schema, schema);
}

/** Whether the answer is text without a call, and matches. */
export function judgeText(answer: Answer, wanted: RegExp, unwanted?: RegExp): Outcome {
	const { message, error } = answer;
	if (error) return failed(error);
	const calls = callsOf(message);
	if (calls.length > 0) return failed(`${calls.map((call) => call.name).join(", ")} was called`);
	const text = textOf(message).trim();
	const fits = wanted.test(text) && !unwanted?.test(text);
	return { passed: fits, detail: text === "" ? "no text" : excerpt(text) };
}
