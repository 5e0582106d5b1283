import { parseDamagedJson } from "../../damaged-json.ts";
import { findTool, type MarkupCall, type MarkupGrammar, type ToolTable } from "../scanner/markup-grammar.ts";
import type { MarkupInput, Reading } from "../scanner/markup-input.ts";

const SEPARATOR = "<|sep|>";
const TOOLS = `<|open|>tools${SEPARATOR}`;
const TOOLS_CLOSE = `<|close|>tools${SEPARATOR}`;
const CALL = '<|open|>call tool="';
const CALL_CLOSE = `<|close|>call${SEPARATOR}`;
const ARGUMENT = '<|open|>argument key="';
const ARGUMENT_CLOSE = `<|close|>argument${SEPARATOR}`;

/**
 * Kimi K3: elements of special tokens, each argument with its type. Attributes escape `&` and `"`, values nothing. An
 * incomplete call does not count. Source: sglang, kimik3_detector.py.
 */
export const kimiK3: MarkupGrammar = {
	name: "kimi-k3",
	openers: [TOOLS, CALL],
	// The frames around the answer
	controlTokens: ["<|open|>response<|sep|>", "<|close|>response<|sep|>", "<|close|>message<|sep|>"],
	*read(input, tools) {
		yield* input.literal(TOOLS);
		const calls: MarkupCall[] = [];
		do {
			yield* input.space();
			if (!(yield* input.literal(CALL))) break;
			const call = yield* readCall(input, tools);
			if (!call) return undefined;
			calls.push(call);
		} while (yield* input.comes([CALL, TOOLS_CLOSE]));
		if (calls.length > 0) yield* input.literal(TOOLS_CLOSE);
		return calls;
	},
};

function* readCall(input: MarkupInput, tools: ToolTable): Reading<MarkupCall | undefined> {
	const tool = findTool(unescaped(yield* input.name()), tools);
	if (!tool) return undefined;
	yield* input.until([SEPARATOR]);
	const entries: [string, unknown][] = [];
	for (;;) {
		yield* input.space();
		const next = yield* input.oneOf([ARGUMENT, CALL_CLOSE]);
		if (next === undefined) return undefined;
		if (next === CALL_CLOSE) return { name: tool.name, json: JSON.stringify(Object.fromEntries(entries)) };
		const head = yield* input.until([SEPARATOR]);
		const [, key, type] = /^([^"]*)"\s+type="([^"]*)"\s*$/.exec(head.text) ?? [];
		const { text, found } = yield* input.until([ARGUMENT_CLOSE]);
		if (key === undefined || found === "") return undefined;
		const value = type === "string" ? undefined : parseDamagedJson(text);
		entries.push([unescaped(key), value === undefined ? text : value]);
	}
}

function unescaped(attribute: string): string {
	return attribute.replaceAll("&quot;", '"').replaceAll("&amp;", "&");
}
