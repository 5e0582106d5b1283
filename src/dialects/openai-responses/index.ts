import type { Dialect } from "../dialect.ts";
import { tokenCounter } from "./count-tokens.ts";
import { decode } from "./decode.ts";
import { encode } from "./encode.ts";
import { framesOf, VARYING_FIELDS } from "./frames.ts";

/** OpenAI's Responses API, as spoken by OpenAI, Azure, xAI and llama.cpp. */
export const openaiResponses: Dialect = {
	name: "openai-responses",
	encode,
	decode,
	framesOf,
	modelList: { path: "/models", headers: {} },
	varyingFields: VARYING_FIELDS,
	tokenCounter,
};
