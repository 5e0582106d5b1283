import type { Dialect } from "../dialect.ts";
import { decode } from "./decode.ts";
import { encode } from "./encode.ts";
import { framesOf } from "./frames.ts";

/** OpenAI's chat completions, as spoken by OpenAI and everyone who copied them. */
export const openaiChat: Dialect = {
	name: "openai-chat",
	encode,
	decode,
	framesOf,
	modelList: { path: "/models", headers: {} },
};
