import { bareJson } from "./grammars/bare-json.ts";
import { bracketed } from "./grammars/bracketed.ts";
import { deepseek } from "./grammars/deepseek.ts";
import { gemma } from "./grammars/gemma.ts";
import { harmony } from "./grammars/harmony.ts";
import { grok, invoke, miniCpm } from "./grammars/invoke.ts";
import { glm, hunyuan, k2Horizon, longcat, solar } from "./grammars/key-value.ts";
import { kimi } from "./grammars/kimi.ts";
import { kimiK3 } from "./grammars/kimi-k3.ts";
import { llama } from "./grammars/llama.ts";
import { minimaxM3 } from "./grammars/minimax-m3.ts";
import { mistral } from "./grammars/mistral.ts";
import { namedTags } from "./grammars/named-tags.ts";
import { plamo } from "./grammars/plamo.ts";
import { pythonic, toolCode } from "./grammars/python.ts";
import { qwenCoder } from "./grammars/qwen-coder.ts";
import { hermes, tagged, taggedMessage } from "./grammars/tagged.ts";
import { toolUseXml } from "./grammars/tool-use-xml.ts";
import { GrammarTable } from "./scanner/grammar-table.ts";

/** The order decides between grammars that share an opener. */
export const grammarTable = new GrammarTable([
	qwenCoder,
	hermes,
	glm,
	longcat,
	hunyuan,
	k2Horizon,
	solar,
	kimi,
	kimiK3,
	deepseek,
	invoke,
	grok,
	miniCpm,
	minimaxM3,
	llama,
	mistral,
	toolUseXml,
	harmony,
	plamo,
	toolCode,
	gemma,
	tagged,
	taggedMessage,
	bracketed,
	namedTags,
	bareJson,
	pythonic,
]);
