import type { MarkupGrammar } from "./grammar.ts";
import { hermes } from "./hermes.ts";
import { qwenCoder } from "./qwen-coder.ts";

/** In this order they are tried at an opener that several share. */
export const markupGrammars: readonly MarkupGrammar[] = [qwenCoder, hermes];
