import type { Dialect } from "../dialect.ts";
import { tokenCounter } from "./count-tokens.ts";
import { decode } from "./decode.ts";
import { encode } from "./encode.ts";
import { framesOf } from "./frames.ts";

/** Google's own Gemini API, as spoken by the Gemini API and Vertex AI. */
export const gemini: Dialect = {
	name: "gemini",
	encode,
	decode,
	framesOf,
	modelList: { path: "/models", headers: {} },
	tokenCounter,
};
