import type { Tool } from "../../../protocol/messages.ts";
import { parseDamagedJson } from "../../damaged-json.ts";
import { readJsonInput } from "../scanner/json-call.ts";
import {
	findTool,
	type MarkupCall,
	type MarkupGrammar,
	parameterSchema,
	type ToolTable,
} from "../scanner/markup-grammar.ts";
import type { MarkupInput, Reading } from "../scanner/markup-input.ts";
import { type Closer, readRawValue, typedValue } from "../scanner/parameter-value.ts";

/** Prefixes of a tag name. Models omit one, or change its bars, on one tag and not on the next. */
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
 * Reads `<invoke name="…">` elements with `<parameter name="…">` inside: the form of Anthropic, of MiniMax M2 and, with
 * its own prefix, of DeepSeek's DSML. `blocks` are optional tags around them.
 */
function* readInvokes(
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
	// DSML marks string values.
	const marked = yield* input.oneOf(['string="true"', 'string="false"']);
	yield* input.space();
	if (!(yield* input.literal(">"))) return undefined;
	const raw = yield* readRawValue(input, CLOSERS);
	if (marked === 'string="true"') return [key, raw];
	const value = marked ? parseDamagedJson(raw.trim()) : undefined;
	return [key, value ?? typedValue(unframed(raw), parameterSchema(tool, key))];
}

/** Removes the line breaks around a value, only where they are on both sides. */
function unframed(raw: string): string {
	return /^\n[\s\S]*\n$/.test(raw) ? raw.slice(1, -1) : raw;
}

const OWN_PREFIXES = ["", "antml:"];
const OWN_BLOCKS = OWN_PREFIXES.map((prefix) => `<${prefix}function_calls>`);

/** Models that have seen Claude's own form: with or without the block, with or without the prefix. */
export const anthropicInvoke: MarkupGrammar = {
	name: "anthropic",
	openers: [...OWN_BLOCKS, ...OWN_PREFIXES.map((prefix) => `<${prefix}invoke name="`)],
	closers: ["</function_calls>", "</invoke>"],
	read: (input, tools) => readInvokes(input, tools, OWN_BLOCKS),
};

const MINIMAX_BLOCK = "<minimax:tool_call>";
const MINIMAX_CLOSE = "</minimax:tool_call>";

/** MiniMax M2 to M2.7: invokes in a block of its own name. Source: sglang, minimax_m2.py. */
export const minimax: MarkupGrammar = {
	name: "minimax",
	openers: [MINIMAX_BLOCK],
	closers: [MINIMAX_CLOSE],
	controlTokens: ["[e~[", MINIMAX_CLOSE],
	read: (input, tools) => readInvokes(input, tools, [MINIMAX_BLOCK]),
};

const MARKS = ["｜DSML｜", "|DSML|"];
const UNMARKED_BLOCKS = ["<tool_calls>", "<calls>"];
const DSML_BLOCKS = [
	// V3.2, V4, V4.1: the space before V4.1's names is intended.
	...MARKS.flatMap((mark) => ["function_calls", "tool_calls", " calls", "calls"].map((tag) => `<${mark}${tag}>`)),
	...UNMARKED_BLOCKS,
];

/** DeepSeek V3.2, V4 and V4.1: invokes whose tags carry a mark. Source: sglang, deepseekv32_detector.py and deepseekv41_detector.py. */
export const dsml: MarkupGrammar = {
	name: "dsml",
	openers: [...DSML_BLOCKS, ...MARKS.flatMap((mark) => [`<${mark}invoke name="`, `<${mark} invoke name="`])],
	closers: ["</tool_calls>"],
	// Closing tags without a call: a model that finds one in its history writes it again.
	controlTokens: [...MARKS, ...MARKS.map((mark) => `${mark} `)].flatMap((mark) =>
		["parameter", "invoke", "function_calls", "tool_calls", "calls"].map((tag) => `</${mark}${tag}>`),
	),
	read: (input, tools) => readInvokes(input, tools, DSML_BLOCKS),
};
