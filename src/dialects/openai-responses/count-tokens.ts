import { countOf, type TokenCounter } from "../dialect.ts";
import { encode } from "./encode.ts";

/** Any other field of a request is refused. Source: npm openai@6.49.0 resources/responses/input-tokens.d.ts. */
const COUNTED = [
	"model",
	"instructions",
	"input",
	"tools",
	"tool_choice",
	"parallel_tool_calls",
	"reasoning",
	"text",
	"truncation",
];

/** `POST /responses/input_tokens`: the same request without what has nothing to do with its size. */
export const tokenCounter: TokenCounter = {
	encode(request, target, note) {
		const upstream = encode(request, target, note);
		const body = Object.fromEntries(Object.entries(upstream.body).filter(([field]) => COUNTED.includes(field)));
		return { ...upstream, path: "/responses/input_tokens", body };
	},
	read: (reply) => countOf(reply["input_tokens"]),
};
