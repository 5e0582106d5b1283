import { findTool, type MarkupCall, type MarkupGrammar, parameterSchema, type ToolTable } from "./grammar.ts";
import { typedValue } from "./typed-value.ts";

const FUNCTION_CLOSE = "</function>";
const BLOCK_CLOSE = "</tool_call>";

/**
 * Qwen3-Coder and Qwen3.5 on: `<function=NAME>` with `<parameter=KEY>` elements; the surrounding `<tool_call>` is often
 * missing, and so is a closing parameter tag. One line break at each end of a value belongs to the markup.
 * Source: quirks.md 1.2 (sglang's qwen3_coder_detector).
 */
export const qwenCoder: MarkupGrammar = {
	name: "qwen-coder",
	openers: ["<tool_call>", "<function="],
	closers: [FUNCTION_CLOSE, BLOCK_CLOSE],
	read(text, atEnd, tools) {
		const head = /^(?:<tool_call>\s*)?<function=([^>\s]+)>/.exec(text);
		if (!head?.[1]) return undefined;
		const bodyStart = head[0].length;
		const close = text.indexOf(FUNCTION_CLOSE, bodyStart);
		if (close < 0 && !atEnd) return undefined;
		const body = text.slice(bodyStart, close < 0 ? undefined : close);
		const calls = [readCall(head[1], body, tools)];
		if (close < 0) return { calls, length: text.length };
		const end = close + FUNCTION_CLOSE.length;
		const rest = text.slice(end);
		const tail = /^\s*<\/tool_call>/.exec(rest);
		// The block's own close may come with the next chunk.
		if (!tail && !atEnd && text.startsWith("<tool_call>") && BLOCK_CLOSE.startsWith(rest.trimStart())) return undefined;
		return { calls, length: end + (tail?.[0].length ?? 0) };
	},
};

function readCall(name: string, body: string, tools: ToolTable): MarkupCall {
	const tool = findTool(name, tools);
	const input: Record<string, unknown> = {};
	const parameter = /<parameter=([^>]+)>\n?([\s\S]*?)\n?(?:<\/parameter>|(?=<parameter=)|$)/g;
	for (const [, key = "", raw = ""] of body.matchAll(parameter)) {
		input[key] = typedValue(raw, parameterSchema(tool, key));
	}
	return { name, json: JSON.stringify(input) };
}
