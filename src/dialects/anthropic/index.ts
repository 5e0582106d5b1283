import type { Dialect } from "../dialect.ts";
import { tokenCounter } from "./count-tokens.ts";
import { decode } from "./decode.ts";
import { encode } from "./encode.ts";
import { framesOf } from "./frames.ts";

/** Anthropic's Messages API, as spoken by Anthropic and by endpoints that are compatible with it. */
export const anthropic: Dialect = {
	name: "anthropic",
	encode,
	decode,
	framesOf,
	modelList: { path: "/v1/models?limit=1000", headers: { "anthropic-version": "2023-06-01" } },
	tokenCounter,
};
