import { readJsonInput } from "../scanner/json-call.ts";
import { findTool, type MarkupCall, type MarkupGrammar, type ToolTable } from "../scanner/markup-grammar.ts";
import type { MarkupInput, Reading } from "../scanner/markup-input.ts";

const begin = (part: string) => `<|plamo:begin_${part}:plamo|>`;
const end = (part: string) => `<|plamo:end_${part}:plamo|>`;
const MESSAGE = "<|plamo:msg|>";

/** PLaMo 3: a name and a JSON object between tokens of their own. Source: vllm, plamo3 tool parser. */
export const plamo: MarkupGrammar = {
	name: "plamo",
	openers: [begin("tool_requests"), begin("tool_request")],
	closers: [end("tool_arguments"), end("tool_request"), end("tool_requests")],
	controlTokens: ["<|plamo:tag|>", MESSAGE],
	callTokens: [end("tool_request"), end("tool_requests")],
	*read(input, tools) {
		yield* input.literal(begin("tool_requests"));
		const calls: MarkupCall[] = [];
		do {
			yield* input.space();
			if (!(yield* input.literal(begin("tool_request")))) break;
			const call = yield* readRequest(input, tools);
			if (!call) return undefined;
			calls.push(call);
		} while (yield* input.comes([begin("tool_request")]));
		return calls;
	},
};

function* readRequest(input: MarkupInput, tools: ToolTable): Reading<MarkupCall | undefined> {
	yield* input.space();
	if (!(yield* input.literal(begin("tool_name")))) return undefined;
	const tool = findTool(yield* input.name(), tools);
	if (!tool || !(yield* input.literal(end("tool_name")))) return undefined;
	yield* input.space();
	if (!(yield* input.literal(begin("tool_arguments")))) return undefined;
	yield* input.literal("<|plamo:constrain|>json");
	yield* input.literal(MESSAGE);
	yield* input.space();
	const call = yield* readJsonInput(input, tool.name);
	for (const part of ["tool_arguments", "tool_request"]) {
		if (!(yield* input.comes([end(part)]))) continue;
		yield* input.space();
		yield* input.literal(end(part));
	}
	return call;
}
