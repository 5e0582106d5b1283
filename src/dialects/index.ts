import type { DialectName } from "../profile/model/quirks.ts";
import { anthropic } from "./anthropic/index.ts";
import type { Dialect } from "./dialect.ts";
import { gemini } from "./gemini/index.ts";
import { openaiChat } from "./openai-chat/index.ts";
import { openaiResponses } from "./openai-responses/index.ts";

/** Every wire format. A reply may come in another one than the request, so all of them are at hand. */
export const CODECS: Readonly<Record<DialectName, Dialect>> = {
	anthropic,
	gemini,
	"openai-chat": openaiChat,
	"openai-responses": openaiResponses,
};
