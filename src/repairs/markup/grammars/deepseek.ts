import { readJsonInput } from "../scanner/json-call.ts";
import { findTool, type MarkupCall, type MarkupGrammar, type ToolTable } from "../scanner/markup-grammar.ts";
import type { MarkupInput, Reading } from "../scanner/markup-input.ts";

/** Full-width bars and U+2581, plain bars and U+2581, all plain. */
const token = (name: string) => [
	`<｜${name.replaceAll(" ", "▁")}｜>`,
	`<|${name.replaceAll(" ", "▁")}|>`,
	`<|${name.replaceAll(" ", "_")}|>`,
];
const SECTIONS = token("tool calls begin");
const SECTION_ENDS = token("tool calls end");
const CALLS = token("tool call begin");
const SEPARATORS = token("tool sep");
const CALL_ENDS = token("tool call end");
const TEMPLATE_TOKENS = ["begin▁of▁sentence", "end▁of▁sentence", "User", "Assistant"];
const CALL_TOKENS = [
	...["calls", "call", "outputs", "output"].flatMap((part) => [`tool▁${part}▁begin`, `tool▁${part}▁end`]),
	"tool▁sep",
];

/** DeepSeek V3, R1 (a type and a fenced object) and V3.1 (the name and an object). Source: sglang, deepseekv3_detector.py and deepseekv31_detector.py. */
export const deepseek: MarkupGrammar = {
	name: "deepseek",
	openers: [...SECTIONS, ...CALLS],
	controlTokens: [...TEMPLATE_TOKENS.map((name) => `<｜${name}｜>`), "<|EOT|>"],
	callTokens: CALL_TOKENS.map((name) => `<｜${name}｜>`),
	*read(input, tools) {
		yield* input.oneOf(SECTIONS);
		const calls: MarkupCall[] = [];
		do {
			yield* input.space();
			if (!(yield* input.oneOf(CALLS))) break;
			const call = yield* readCall(input, tools);
			if (!call) return undefined;
			calls.push(call);
		} while (yield* input.comes([...CALLS, ...SECTION_ENDS]));
		if (calls.length > 0) yield* input.oneOf(SECTION_ENDS);
		return calls;
	},
};

function* readCall(input: MarkupInput, tools: ToolTable): Reading<MarkupCall | undefined> {
	yield* input.space();
	let name = yield* input.name();
	if (!(yield* input.oneOf(SEPARATORS))) return undefined;
	const isTyped = name === "function" && !tools.has("function");
	if (isTyped) name = yield* input.name();
	const tool = findTool(name, tools);
	if (!tool) return undefined;
	yield* input.space();
	if (yield* input.oneOf(["```json", "```"])) yield* input.space();
	const call = yield* readJsonInput(input, tool.name);
	for (const ends of [["```"], CALL_ENDS]) {
		if (!(yield* input.comes(ends))) continue;
		yield* input.space();
		yield* input.oneOf(ends);
	}
	return call;
}
