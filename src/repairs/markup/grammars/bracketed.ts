import { readJsonInput } from "../scanner/json-call.ts";
import { findTool, type MarkupGrammar } from "../scanner/markup-grammar.ts";
import { pythonCalls } from "../scanner/python-calls.ts";

const WORDS = ["Tool call", "Tool Call", "tool call", "TOOL CALL", "Tool use", "Called tool", "Calling tool"];
const OPENERS = WORDS.map((words) => `[${words}:`);

/**
 * A line with which clients show a call in a history of texts, and which models then imitate: `[Tool call: NAME({…})]`,
 * `[Tool call: NAME {…}]`, `[Tool call: NAME]` and an object on the next line.
 */
export const bracketed: MarkupGrammar = {
	name: "bracketed",
	openers: OPENERS,
	*read(input, tools) {
		yield* input.oneOf(OPENERS);
		yield* input.space();
		const name = yield* input.name();
		const tool = findTool(name, tools);
		if (!tool) return undefined;
		const isClosed = yield* input.literal("]");
		yield* input.space();
		const isCall = !isClosed && (yield* input.literal("("));
		yield* input.space();
		if ((yield* input.peek()) === "{") {
			const call = yield* readJsonInput(input, tool.name);
			yield* input.space();
			if (isCall && !(yield* input.literal(")"))) return undefined;
			yield* input.space();
			if (!isClosed && !(yield* input.literal("]"))) return undefined;
			return call && [call];
		}
		if (!isCall) return undefined;
		const { text, found } = yield* input.until([")]"]);
		if (found === "") return undefined;
		return pythonCalls(`${tool.name}(${text})`, tools);
	},
};
