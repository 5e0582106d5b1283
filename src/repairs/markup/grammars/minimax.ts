import type { MarkupGrammar } from "../scanner/grammar.ts";
import { readInvokes } from "./invoke.ts";

const OPEN = "<minimax:tool_call>";

/** MiniMax M2 to M2.7: invokes in a block of its own name. Source: quirks.md 1.7. */
export const minimax: MarkupGrammar = {
	name: "minimax",
	openers: [OPEN],
	read: (input, tools) => readInvokes(input, tools, [OPEN]),
};
