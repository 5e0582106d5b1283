import type { MarkupGrammar } from "../scanner/grammar.ts";
import { readInvokes } from "./invoke.ts";

const PREFIXES = ["", "antml:"];
const BLOCKS = PREFIXES.map((prefix) => `<${prefix}function_calls>`);
const INVOKES = PREFIXES.map((prefix) => `<${prefix}invoke name="`);

/** Any model that has seen Claude's own form: with its block or bare, with the prefix or without. Source: quirks.md 1.12. */
export const anthropic: MarkupGrammar = {
	name: "anthropic",
	openers: [...BLOCKS, ...INVOKES],
	read: (input, tools) => readInvokes(input, tools, BLOCKS),
};
