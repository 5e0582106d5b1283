import type { Tool } from "../../../protocol/messages.ts";
import { parseDamagedJson } from "../../parse-json.ts";
import { findTool, type MarkupCall, parameterSchema, type ToolTable } from "../scanner/grammar.ts";
import type { MarkupInput, Reading } from "../scanner/markup-input.ts";
import { type Closer, readRawValue } from "../scanner/raw-value.ts";
import { typedValue } from "../scanner/typed-value.ts";
import { readJsonInput } from "./json-call.ts";

/** What may stand before a tag name: models lose it, or change its bars, on one tag and keep it on the next. */
const PREFIXES = ["", "antml:", "｜DSML｜", "|DSML|", "｜DSML｜ ", "|DSML| "];
const BLOCKS = ["function_calls", "tool_calls", "calls", "minimax:tool_call"];

const BLOCK_CLOSES = BLOCKS.flatMap((name) => PREFIXES.map((prefix) => `</${prefix}${name}>`));
const INVOKES = PREFIXES.map((prefix) => `<${prefix}invoke name="`);
const INVOKE_CLOSES = PREFIXES.map((prefix) => `</${prefix}invoke>`);
const PARAMETERS = PREFIXES.map((prefix) => `<${prefix}parameter name="`);

const CLOSERS: Closer[] = [
	...PREFIXES.map((prefix) => ({
		text: `</${prefix}parameter>`,
		before: [...PARAMETERS, ...INVOKE_CLOSES, ...INVOKES, ...BLOCK_CLOSES],
	})),
	...INVOKE_CLOSES.map((text) => ({ text, before: [...INVOKES, ...BLOCK_CLOSES], isNext: true })),
];

/**
 * `<invoke name="…">` elements with `<parameter name="…">` inside: the form of Anthropic, of MiniMax M2 and, with its
 * own prefix, of DeepSeek's DSML. `blocks` are the tags that may surround them; these may be missing.
 */
export function* readInvokes(
	input: MarkupInput,
	tools: ToolTable,
	blocks: readonly string[],
): Reading<MarkupCall[] | undefined> {
	yield* input.oneOf(blocks);
	const calls: MarkupCall[] = [];
	for (;;) {
		yield* input.space();
		if ((yield* input.oneOf(INVOKES)) === undefined) break;
		const call = yield* readInvoke(input, tools);
		if (!call) return undefined;
		calls.push(call);
		// White space before other text stays text.
		if (!(yield* input.comes([...INVOKES, ...BLOCK_CLOSES]))) return calls;
	}
	yield* input.oneOf(BLOCK_CLOSES);
	return calls;
}

function* readInvoke(input: MarkupInput, tools: ToolTable): Reading<MarkupCall | undefined> {
	const tool = findTool(yield* input.name(), tools);
	if (!tool || !(yield* input.literal('"'))) return undefined;
	yield* input.space();
	if (!(yield* input.literal(">"))) return undefined;
	yield* input.space();
	if ((yield* input.peek()) === "{") {
		const call = yield* readJsonInput(input, tool.name);
		yield* input.space();
		yield* input.oneOf(INVOKE_CLOSES);
		return call;
	}
	const entries: [string, unknown][] = [];
	for (;;) {
		yield* input.space();
		const next = yield* input.oneOf([...PARAMETERS, ...INVOKE_CLOSES]);
		if (next === undefined && entries.length === 0) return undefined;
		if (next === undefined || INVOKE_CLOSES.includes(next)) {
			return { name: tool.name, json: JSON.stringify(Object.fromEntries(entries)) };
		}
		const entry = yield* readParameter(input, tool);
		if (!entry) return undefined;
		entries.push(entry);
	}
}

function* readParameter(input: MarkupInput, tool: Tool): Reading<[string, unknown] | undefined> {
	const key = yield* input.name();
	if (key === "" || !(yield* input.literal('"'))) return undefined;
	yield* input.space();
	// DSML says whether the value is a string.
	const marked = yield* input.oneOf(['string="true"', 'string="false"']);
	yield* input.space();
	if (!(yield* input.literal(">"))) return undefined;
	const raw = yield* readRawValue(input, CLOSERS);
	if (marked === 'string="true"') return [key, raw];
	const value = marked ? parseDamagedJson(raw.trim()) : undefined;
	return [key, value ?? typedValue(unframed(raw), parameterSchema(tool, key))];
}

/** Without the line breaks that a model puts around a value for the eye: only where they stand on both sides. */
function unframed(raw: string): string {
	return /^\n[\s\S]*\n$/.test(raw) ? raw.slice(1, -1) : raw;
}
