import { anthropic } from "./grammars/anthropic.ts";
import { bareJson } from "./grammars/bare-json.ts";
import { deepseek } from "./grammars/deepseek.ts";
import { dsml } from "./grammars/dsml.ts";
import { gemini } from "./grammars/gemini.ts";
import { gemma } from "./grammars/gemma.ts";
import { glm } from "./grammars/glm.ts";
import { harmony } from "./grammars/harmony.ts";
import { hermes } from "./grammars/hermes.ts";
import { kimi } from "./grammars/kimi.ts";
import { kimiK3 } from "./grammars/kimi-k3.ts";
import { llama } from "./grammars/llama.ts";
import { minimax } from "./grammars/minimax.ts";
import { minimaxM3 } from "./grammars/minimax-m3.ts";
import { mistral } from "./grammars/mistral.ts";
import { pythonic } from "./grammars/pythonic.ts";
import { qwenCoder } from "./grammars/qwen-coder.ts";
import { toolUseXml } from "./grammars/tool-use-xml.ts";
import type { MarkupGrammar } from "./scanner/grammar.ts";
import { OpenerTable } from "./scanner/opener-table.ts";

/** In this order they are tried at an opener that several share. */
const markupGrammars: readonly MarkupGrammar[] = [
	qwenCoder,
	hermes,
	glm,
	kimi,
	kimiK3,
	deepseek,
	dsml,
	minimax,
	minimaxM3,
	llama,
	mistral,
	anthropic,
	toolUseXml,
	harmony,
	gemini,
	gemma,
	bareJson,
	pythonic,
];

export const markupOpeners = new OpenerTable(markupGrammars);
