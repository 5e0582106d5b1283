import type { Dialect } from "../dialect.ts";

export const openaiChat: Dialect = {
	name: "openai-chat",
	encode: () => {
		throw new Error("not built yet");
	},
	decode: () => {
		throw new Error("not built yet");
	},
	framesOf: () => [],
};
