import type { MarkupGrammar } from "../scanner/grammar.ts";
import { pythonCalls } from "./python-calls.ts";

const OPEN = "```tool_code";
const CLOSE = "\n```";
/** A text argument may hold a fence of its own. */
const MAX_FENCES = 8;

/** Gemini and Gemma 3: Python calls in a `tool_code` fence. Source: quirks.md 1.14. */
export const gemini: MarkupGrammar = {
	name: "gemini",
	openers: [OPEN],
	*read(input, tools) {
		yield* input.literal(OPEN);
		const pieces: string[] = [];
		for (let fences = 0; fences < MAX_FENCES; fences++) {
			const { text, found } = yield* input.until([CLOSE]);
			pieces.push(text);
			const calls = pythonCalls(pieces.join(""), tools);
			if (calls || found === "") return calls;
			pieces.push(found);
		}
		return undefined;
	},
};
