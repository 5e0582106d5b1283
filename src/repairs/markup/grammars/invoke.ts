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
import { type Closer, readRawValue, typedValue, unframed } from "../scanner/parameter-value.ts";

/** How one form spells its tags. Any spelling may close what another one opened. */
interface Spelling {
	/** Tags around all calls; optional. */
	blocks: readonly string[];
	blockCloses: readonly string[];
	/** Tokens before and after a call; optional. */
	before?: readonly string[];
	after?: readonly string[];
	/** The opening tag of a call and of a parameter, up to its name. */
	calls: readonly string[];
	callCloses: readonly string[];
	parameters: readonly string[];
	parameterCloses: readonly string[];
	/** A parameter may be closed by its own name. */
	isClosedByKey?: boolean;
}

interface Form extends Spelling {
	/** What ends a value. */
	closers: readonly Closer[];
}

/** Calls as elements that have the name in an attribute, with one element for each parameter inside. */
function elementCalls(spelling: Spelling, about: Omit<MarkupGrammar, "openers" | "read">): MarkupGrammar {
	const form = { ...spelling, closers: closersOf(spelling) };
	return {
		...about,
		openers: [...spelling.blocks, ...spelling.calls],
		read: (input, tools) => readElements(input, tools, form),
	};
}

function* readElements(input: MarkupInput, tools: ToolTable, form: Form): Reading<MarkupCall[] | undefined> {
	const { blocks, blockCloses, before = [], after = [], calls: openers } = form;
	yield* input.oneOf(blocks);
	const calls: MarkupCall[] = [];
	for (;;) {
		const start = input.length;
		yield* input.space();
		if (yield* input.oneOf(before)) yield* input.space();
		if ((yield* input.oneOf(openers)) === undefined) break;
		const call = yield* readElement(input, tools, form);
		if (!call) {
			// The calls before an incomplete one count.
			input.unread(input.length - start);
			return calls;
		}
		calls.push(call);
		if (yield* input.comes(after)) {
			yield* input.space();
			yield* input.oneOf(after);
		}
		// White space before other text stays text.
		if (!(yield* input.comes([...before, ...openers, ...blockCloses]))) return calls;
	}
	yield* input.oneOf(blockCloses);
	return calls;
}

function* readElement(input: MarkupInput, tools: ToolTable, form: Form): Reading<MarkupCall | undefined> {
	const { callCloses, parameters } = form;
	const tool = findTool(yield* input.name(), tools);
	if (!tool || !(yield* input.literal('"'))) return undefined;
	yield* input.space();
	if (yield* input.literal("/>")) return { name: tool.name, json: "{}" };
	if (!(yield* input.literal(">"))) return undefined;
	yield* input.space();
	if ((yield* input.peek()) === "{") {
		const call = yield* readJsonInput(input, tool.name);
		yield* input.space();
		yield* input.oneOf(callCloses);
		return call;
	}
	const entries: [string, unknown][] = [];
	for (;;) {
		yield* input.space();
		const next = yield* input.oneOf([...parameters, ...callCloses]);
		if (next === undefined && entries.length === 0) return undefined;
		if (next === undefined || callCloses.includes(next)) {
			return { name: tool.name, json: JSON.stringify(Object.fromEntries(entries)) };
		}
		const entry = yield* readParameter(input, tool, form);
		if (!entry) return undefined;
		entries.push(entry);
	}
}

function* readParameter(
	input: MarkupInput,
	tool: Tool,
	{ closers, isClosedByKey }: Form,
): Reading<[string, unknown] | undefined> {
	const key = yield* input.name();
	if (key === "" || !(yield* input.literal('"'))) return undefined;
	yield* input.space();
	// DSML marks string values.
	const marked = yield* input.oneOf(['string="true"', 'string="false"']);
	yield* input.space();
	if (!(yield* input.literal(">"))) return undefined;
	const [usual] = closers;
	const byKey = isClosedByKey && usual ? [{ ...usual, text: `</${key}>` }] : [];
	const value = yield* readRawValue(input, [...closers, ...byKey]);
	if (value === undefined) return undefined;
	const raw = withoutCdata(value);
	if (marked === 'string="true"') return [key, raw];
	const parsed = marked ? parseDamagedJson(raw.trim()) : undefined;
	return [key, parsed ?? typedValue(unframed(raw), parameterSchema(tool, key))];
}

/** Closing tags of a parameter, and those of a call, which count if a parameter was not closed. */
function closersOf({ calls, callCloses, blockCloses, after = [], parameters, parameterCloses }: Spelling): Closer[] {
	const ends = [...calls, ...after, ...blockCloses];
	const next = [...parameters, ...callCloses, ...ends];
	return [
		...parameterCloses.map((text) => ({ text, before: next })),
		...callCloses.map((text) => ({ text, before: ends, isNext: true })),
	];
}

/** MiniCPM 5 and DeepSeek write some texts as CDATA. */
function withoutCdata(raw: string): string {
	return /^\s*<!\[CDATA\[([\s\S]*)\]\]>\s*$/.exec(raw)?.[1] ?? raw;
}

/** DeepSeek's marks, as the servers and the models spell them, and that of GigaChat 3.5. V4.1's names begin with a space. */
const MARKS = ["｜DSML｜", "|DSML|", "｜｜DSML｜｜", "||DSML||", "‖DSML‖", "｜GCML｜"].flatMap((mark) => [
	mark,
	`${mark} `,
]);
/** Prefixes of a tag name. Models omit one, or change its bars, on one tag and not on the next. */
const PREFIXES = ["", "antml:", "atem:", "steptml:", ...MARKS];
const BLOCKS = [
	...PREFIXES.map((prefix) => `${prefix}function_calls`),
	...["", ...MARKS].flatMap((prefix) => [`${prefix}tool_calls`, `${prefix}calls`]),
	"minimax:tool_call",
	"dots_function_call",
];

/**
 * `<invoke name="…">` elements with `<parameter name="…">` inside: Anthropic's own form, which many models imitate, with
 * or without its prefix and its block. Also MiniMax M2 (sglang, minimax_m2.py), dots (dots_detector.py), DeepSeek's DSML
 * from V3.2 on (deepseekv32_detector.py, deepseekv41_detector.py; doubled bars: lsdefine/GenericAgent#804), GigaChat 3.5
 * (gigachat35_detector.py), Muse Glimmer (muse_glimmer_detector.py) and Step-3 (step3_detector.py).
 */
export const invoke = elementCalls(
	{
		blocks: [...BLOCKS.map((name) => `<${name}>`), "<｜tool_calls_begin｜>"],
		blockCloses: [...BLOCKS.map((name) => `</${name}>`), "<｜tool_calls_end｜>"],
		before: ["<｜tool_call_begin｜>function<｜tool_sep｜>"],
		after: ["<｜tool_call_end｜>"],
		calls: PREFIXES.map((prefix) => `<${prefix}invoke name="`),
		callCloses: PREFIXES.map((prefix) => `</${prefix}invoke>`),
		parameters: PREFIXES.map((prefix) => `<${prefix}parameter name="`),
		parameterCloses: PREFIXES.map((prefix) => `</${prefix}parameter>`),
	},
	{
		name: "invoke",
		closers: ["</function_calls>", "</invoke>", "</minimax:tool_call>", "</tool_calls>"],
		controlTokens: ["[e~["], // MiniMax
		callTokens: [
			"</minimax:tool_call>",
			// Closing tags without a call: a model that finds one in its history writes it again.
			...MARKS.flatMap((mark) =>
				["parameter", "invoke", "function_calls", "tool_calls", "calls"].map((tag) => `</${mark}${tag}>`),
			),
		],
	},
);

const GROK_CLOSE = "</xai:function_call>";

/** Grok. It also closes a parameter by its name, and a call with a stray quote. Source: leaks in public repositories. */
export const grok = elementCalls(
	{
		blocks: ["<xai:function_calls>"],
		blockCloses: ["</xai:function_calls>"],
		calls: ['<xai:function_call name="'],
		callCloses: [GROK_CLOSE, '</xai:function_call">', "</xai:function_call >"],
		parameters: ['<parameter name="', '<xai:parameter name="'],
		parameterCloses: ["</parameter>", "</xai:parameter>"],
		isClosedByKey: true,
	},
	{ name: "grok", closers: [GROK_CLOSE], callTokens: ["<has_function_call>", "</has_function_call>"] },
);

/** MiniCPM 5: `<function name="…">` with `<param name="…">` inside. Source: sglang, minicpm5_detector.py. */
export const miniCpm = elementCalls(
	{
		blocks: [],
		blockCloses: [],
		calls: ['<function name="'],
		callCloses: ["</function>"],
		parameters: ['<param name="'],
		parameterCloses: ["</param>"],
	},
	{ name: "minicpm" },
);
