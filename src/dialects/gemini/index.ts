import type { Dialect } from "../dialect.ts";
import { framesOf } from "./chunk.ts";
import { tokenCount } from "./count-tokens.ts";
import { decode } from "./decode.ts";
import { encode } from "./encode.ts";

/** Google's own Gemini API, as spoken by the Gemini API and Vertex AI. */
export const gemini: Dialect = { name: "gemini", encode, decode, framesOf, tokenCount };
