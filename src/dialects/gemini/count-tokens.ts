import { countOf, type TokenCounter } from "../dialect.ts";
import { encode } from "./encode.ts";

/** The fields that Vertex AI accepts. Source: @google/genai@2.32.0 on npm, CountTokensConfig. */
const COUNTED = ["contents", "systemInstruction", "tools", "generationConfig"];

/** `POST /models/MODEL:countTokens`. The Gemini API and Vertex AI expect the request in different forms. */
export const tokenCounter: TokenCounter = {
	encode(request, target, note) {
		const upstream = encode(request, target, note);
		const path = `/models/${target.model}:countTokens`;
		if (target.quirks.countTokensForm === "whole") {
			return {
				...upstream,
				path,
				body: { generateContentRequest: { model: `models/${target.model}`, ...upstream.body } },
			};
		}
		const body = Object.fromEntries(Object.entries(upstream.body).filter(([field]) => COUNTED.includes(field)));
		return { ...upstream, path, body };
	},
	read: (reply) => countOf(reply["totalTokens"]),
};
