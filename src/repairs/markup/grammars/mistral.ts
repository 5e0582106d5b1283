import { readJsonCalls, readJsonInput } from "../scanner/json-call.ts";
import { findTool, type MarkupCall, type MarkupGrammar, type ToolTable } from "../scanner/markup-grammar.ts";
import type { MarkupInput, Reading } from "../scanner/markup-input.ts";

const OPEN = "[TOOL_CALLS]";

/** Mistral, Magistral and Devstral: a JSON list, or `NAME[ARGS]{…}` and its variants. Source: sglang, mistral_detector.py. */
export const mistral: MarkupGrammar = {
	name: "mistral",
	openers: [OPEN],
	*read(input, tools) {
		const calls: MarkupCall[] = [];
		do {
			yield* input.space();
			yield* input.literal(OPEN);
			yield* input.space();
			const next = yield* input.peek();
			const found = next === "[" || next === "{" ? yield* readJsonCalls(input, tools) : yield* readNamed(input, tools);
			if (!found) return undefined;
			calls.push(...found);
		} while (yield* input.comes([OPEN]));
		return calls;
	},
};

function* readNamed(input: MarkupInput, tools: ToolTable): Reading<MarkupCall[] | undefined> {
	const tool = findTool(yield* input.name(), tools);
	if (!tool) return undefined;
	if (yield* input.literal("[CALL_ID]")) yield* input.name();
	yield* input.literal("[ARGS]");
	yield* input.space();
	const call = yield* readJsonInput(input, tool.name);
	return call && [call];
}
