import { bareJson } from "./grammars/bare-json.ts";
import { deepseek } from "./grammars/deepseek.ts";
import { gemma } from "./grammars/gemma.ts";
import { glm } from "./grammars/glm.ts";
import { harmony } from "./grammars/harmony.ts";
import { hermes } from "./grammars/hermes.ts";
import { anthropicInvoke, dsml, minimax } from "./grammars/invoke.ts";
import { kimi } from "./grammars/kimi.ts";
import { kimiK3 } from "./grammars/kimi-k3.ts";
import { llama } from "./grammars/llama.ts";
import { minimaxM3 } from "./grammars/minimax-m3.ts";
import { mistral } from "./grammars/mistral.ts";
import { pythonic, toolCode } from "./grammars/python.ts";
import { qwenCoder } from "./grammars/qwen-coder.ts";
import { toolUseXml } from "./grammars/tool-use-xml.ts";
import { GrammarTable } from "./scanner/grammar-table.ts";

/** The order decides between grammars that share an opener. */
export const grammarTable = new GrammarTable([
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
	anthropicInvoke,
	toolUseXml,
	harmony,
	toolCode,
	gemma,
	bareJson,
	pythonic,
]);
