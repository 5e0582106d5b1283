import type { Dialect } from "../dialect.ts";

export const anthropic: Dialect = {
	name: "anthropic",
	encode: () => {
		throw new Error("not built yet");
	},
	decode: () => {
		throw new Error("not built yet");
	},
	framesOf: () => [],
};
