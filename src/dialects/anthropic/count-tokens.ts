import { countOf, type TokenCounter } from "../dialect.ts";
import { encode } from "./encode.ts";

const COUNTED = ["model", "messages", "system", "tools", "tool_choice", "thinking"];

/** `POST /v1/messages/count_tokens`: the same request with only the fields that count. */
export const tokenCounter: TokenCounter = {
	encode(request, target, note) {
		const upstream = encode(request, target, note);
		const body = Object.fromEntries(Object.entries(upstream.body).filter(([field]) => COUNTED.includes(field)));
		return { ...upstream, path: "/v1/messages/count_tokens", body };
	},
	read: (reply) => countOf(reply["input_tokens"]),
};
