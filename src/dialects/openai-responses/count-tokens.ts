import { countOf, type TokenCounter } from "../dialect.ts";
import { encode } from "./encode.ts";

/** Other fields of a request are refused. Source: openai@6.49.0 on npm, resources/responses/input-tokens.d.ts. */
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

/** `POST /responses/input_tokens`: the same request with only the fields that count. */
export const tokenCounter: TokenCounter = {
	encode(request, target, note) {
		const upstream = encode(request, target, note);
		const body = Object.fromEntries(Object.entries(upstream.body).filter(([field]) => COUNTED.includes(field)));
		return { ...upstream, path: "/responses/input_tokens", body };
	},
	read: (reply) => countOf(reply["input_tokens"]),
};
