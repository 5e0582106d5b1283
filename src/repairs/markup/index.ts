import { anthropic } from "./anthropic.ts";
import { bareJson } from "./bare-json.ts";
import { deepseek } from "./deepseek.ts";
import { dsml } from "./dsml.ts";
import { gemini } from "./gemini.ts";
import { gemma } from "./gemma.ts";
import { glm } from "./glm.ts";
import type { MarkupGrammar } from "./grammar.ts";
import { harmony } from "./harmony.ts";
import { hermes } from "./hermes.ts";
import { kimi } from "./kimi.ts";
import { kimiK3 } from "./kimi-k3.ts";
import { llama } from "./llama.ts";
import { minimax } from "./minimax.ts";
import { minimaxM3 } from "./minimax-m3.ts";
import { mistral } from "./mistral.ts";
import { OpenerTable } from "./opener-table.ts";
import { pythonic } from "./pythonic.ts";
import { qwenCoder } from "./qwen-coder.ts";
import { toolUseXml } from "./tool-use-xml.ts";

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
