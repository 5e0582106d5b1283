import type { DialectName } from "../profile/model/quirks.ts";
import { describeAnthropic } from "./anthropic/describe.ts";
import { describeGemini } from "./gemini/describe.ts";
import { describeOpenaiChat } from "./openai-chat/describe.ts";
import { describeOpenaiResponses } from "./openai-responses/describe.ts";
import type { WireDescription } from "./wire-description.ts";

const DESCRIPTIONS: Readonly<Record<DialectName, WireDescription>> = {
	"openai-chat": describeOpenaiChat,
	"openai-responses": describeOpenaiResponses,
	gemini: describeGemini,
	anthropic: describeAnthropic,
};

/** How a trace reads the request bodies of a dialect. Available at once, without loading its codec. */
export function describeDialect(name: DialectName): WireDescription {
	return DESCRIPTIONS[name];
}
