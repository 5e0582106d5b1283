import type { Tool } from "../../../protocol/messages.ts";
import { parseDamagedJson } from "../../damaged-json.ts";
import { propertiesOf, schemaTypes } from "../../json-schema.ts";
import { readJsonCalls } from "../scanner/json-call.ts";
import {
	findTool,
	type MarkupCall,
	type MarkupGrammar,
	parameterSchema,
	type ToolTable,
} from "../scanner/markup-grammar.ts";
import type { MarkupInput, Reading } from "../scanner/markup-input.ts";
import { readRawValue, typedValue } from "../scanner/parameter-value.ts";

interface Tags {
	block: string;
	blockEnd: string;
	call: string;
	callEnd: string;
	/** After the name; optional. */
	separator: string;
	key: string;
	keyEnd: string;
	type: string;
	typeEnd: string;
	value: string;
	valueEnd: string;
	/** A whole call in JSON may be between the tags. */
	isJsonToo?: boolean;
}

/** The tags of one model: with a prefix, and for Hunyuan with a suffix that differs from checkpoint to checkpoint. */
function tagsWith(prefix: string, suffix = ""): Tags {
	const open = (name: string) => `<${prefix}${name}${suffix}>`;
	const close = (name: string) => `</${prefix}${name}${suffix}>`;
	return {
		block: open("tool_calls"),
		blockEnd: close("tool_calls"),
		call: open("tool_call"),
		callEnd: close("tool_call"),
		separator: open("tool_sep"),
		key: open("arg_key"),
		keyEnd: close("arg_key"),
		type: open("arg_type"),
		typeEnd: close("arg_type"),
		value: open("arg_value"),
		valueEnd: close("arg_value"),
	};
}

/** A name, then pairs of a key and a value, or JSON. */
function keyValueCalls(name: string, openers: readonly string[], tagsOf: (suffix: string) => Tags): MarkupGrammar {
	return {
		name,
		openers,
		closers: [tagsOf("").callEnd, tagsOf("").blockEnd],
		*read(input, tools) {
			const opener = yield* input.oneOf(openers);
			let suffix = "";
			if (opener?.endsWith(":")) {
				suffix = `:${yield* input.name()}`;
				if (!(yield* input.literal(">"))) return undefined;
			}
			const tags = tagsOf(suffix);
			const isBlock = tags.block.startsWith(opener ?? "");
			if (!isBlock) return yield* readCall(input, tools, tags);
			const calls: MarkupCall[] = [];
			while (yield* input.comes([tags.call])) {
				yield* input.space();
				yield* input.literal(tags.call);
				const found = yield* readCall(input, tools, tags);
				if (!found) return undefined;
				calls.push(...found);
			}
			if (yield* input.comes([tags.blockEnd])) {
				yield* input.space();
				yield* input.literal(tags.blockEnd);
			}
			return calls;
		},
	};
}

function* readCall(input: MarkupInput, tools: ToolTable, tags: Tags): Reading<MarkupCall[] | undefined> {
	yield* input.space();
	if (tags.isJsonToo && (yield* input.peek()) === "{") return yield* readTaggedJson(input, tools, tags);
	const tool = findTool(yield* input.name(), tools);
	if (!tool) return undefined;
	yield* input.oneOf([">", "(", tags.separator]);
	yield* input.space();
	const next = yield* input.peek();
	if (next === "{" || next === "[") return yield* readJson(input, tool);
	return yield* readPairs(input, tool, tags);
}

function* readTaggedJson(input: MarkupInput, tools: ToolTable, tags: Tags): Reading<MarkupCall[] | undefined> {
	const calls = yield* readJsonCalls(input, tools);
	yield* input.space();
	yield* input.literal(tags.callEnd);
	return calls;
}

function* readPairs(input: MarkupInput, tool: Tool, tags: Tags): Reading<MarkupCall[] | undefined> {
	const closers = [{ text: tags.valueEnd, before: [tags.key, tags.callEnd, tags.call] }];
	const entries: [string, unknown][] = [];
	for (;;) {
		yield* input.space();
		const next = yield* input.oneOf([tags.key, tags.callEnd]);
		if (next !== tags.key) {
			if (next === undefined && entries.length === 0) return undefined;
			return [{ name: tool.name, json: JSON.stringify(Object.fromEntries(entries)) }];
		}
		const head = yield* input.until([tags.keyEnd, tags.valueEnd]);
		if (head.found === "") return undefined;
		let key = head.text.trim();
		let raw: string | undefined;
		if (head.found === tags.keyEnd) {
			yield* input.space();
			if (yield* input.literal(tags.type)) yield* input.until([tags.typeEnd]);
			yield* input.space();
			if (!(yield* input.literal(tags.value))) return undefined;
			raw = yield* readRawValue(input, closers);
			if (raw === undefined) return undefined;
		} else {
			// The tags between the key and the value are lost.
			const middle = key.indexOf("=");
			if (middle < 0) return undefined;
			[key, raw] = [key.slice(0, middle), key.slice(middle + 1)];
		}
		entries.push([key, typedValue(raw, parameterSchema(tool, key))]);
	}
}

function* readJson(input: MarkupInput, tool: Tool): Reading<MarkupCall[] | undefined> {
	const json = yield* input.json();
	if (json === undefined) return undefined;
	const list = json.startsWith("[") ? onlyListOf(tool) : undefined;
	if (json.startsWith("[") && (list === undefined || parseDamagedJson(json) === undefined)) return undefined;
	yield* input.literal(")");
	return [{ name: tool.name, json: list === undefined ? json : `{${JSON.stringify(list)}:${json}}` }];
}

/** The only parameter of a tool that is a list: a bare list can only be its value. */
function onlyListOf(tool: Tool): string | undefined {
	const properties = Object.keys(propertiesOf(tool.input_schema));
	const lists = properties.filter((key) => schemaTypes(parameterSchema(tool, key)).has("array"));
	return lists.length === 1 ? lists[0] : undefined;
}

/**
 * GLM 4.5 to 5.3, Ling 3, Laguna, Spark 2.5: `<arg_key>` and `<arg_value>` pairs. GLM's flash models also write JSON after
 * the name, with or without `>`, and omit the tags between a key and its value. Source: sglang, glm4_moe_detector.py.
 */
export const glm = keyValueCalls("glm", ["<tool_call>"], () => tagsWith(""));

/** LongCat: the tags of GLM with a prefix, or JSON. Source: vllm, longcat_tool_parser.py, and mlx-lm, tool_parsers/longcat.py. */
export const longcat = keyValueCalls("longcat", ["<longcat_tool_call>"], () => ({
	...tagsWith("longcat_"),
	isJsonToo: true,
}));

/** Hunyuan 3 and 4: a block, and tags with a suffix such as `:opensource`. Source: sglang, hunyuan_detector.py. */
export const hunyuan = keyValueCalls("hunyuan", ["<tool_calls>", "<tool_calls:", "<tool_call:"], (suffix) =>
	tagsWith("", suffix),
);

/** K2 Horizon: tags with a prefix, pairs with a type, or JSON. Source: sglang, k2_v3_detector.py. */
export const k2Horizon = keyValueCalls("k2-horizon", ["<ifm|tool_calls>", "<ifm|tool_call>"], () => ({
	...tagsWith("ifm|"),
	isJsonToo: true,
}));

/** Solar Open 2: tokens in place of tags; a value follows its key. Source: vllm, solar_open2_tool_parser.py. */
export const solar = keyValueCalls("solar", ["<|tool_call:start|>"], () => ({
	...tagsWith(""),
	call: "<|tool_call:start|>",
	callEnd: "<|tool_call:end|>",
	key: "<|tool_arg:start|>",
	keyEnd: "<|tool_arg:value|>",
	value: "",
	valueEnd: "<|tool_arg:end|>",
}));
