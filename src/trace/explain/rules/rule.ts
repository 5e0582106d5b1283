import type { ResponsibleParty } from "../../../protocol/divergence.ts";

/** The stages of an exchange, in order. */
export const STAGES = [
	"route",
	"request repair",
	"encode",
	"upstream",
	"decode",
	"response repair",
	"grammar",
] as const;
export type StageName = (typeof STAGES)[number];

/** What a kind of divergence means. */
export interface Rule {
	stage: StageName;
	verdict: ResponsibleParty;
	/** What should have been there. */
	expected: string;
	/** Where that is documented, or how it is known. */
	source: string;
	/** The next command if it is another than that of the verdict. See `nextCommand`. */
	next?: string | undefined;
	/** Kinds that follow from this one in the same exchange: they are not findings of their own. */
	explains?: readonly string[] | undefined;
	/** Worth a look, and no fault for sure: the finding of a session only if there is no other. */
	remark?: true | undefined;
	/** Belongs to healthy exchanges too: a translation of what the wire cannot express. */
	routine?: true | undefined;
	/** `seen` or `done` may quote the conversation, so they are not in the light record. */
	quotes?: true | undefined;
}

/** Stage and place of a finding: `response repair (response.text)`; one word if they are the same. */
export function placeText(rule: Rule | undefined, where: string): string {
	if (!rule) return where;
	return rule.stage === where ? where : `${rule.stage} (${where})`;
}

export const SOURCES = {
	messages: "platform.claude.com/docs/en/api/messages",
	streaming: "platform.claude.com/docs/en/build-with-claude/streaming",
	errors: "platform.claude.com/docs/en/api/errors",
	tools: "platform.claude.com/docs/en/agents-and-tools/tool-use/implement-tool-use",
	thinking: "platform.claude.com/docs/en/build-with-claude/extended-thinking",
	caching: "platform.claude.com/docs/en/build-with-claude/prompt-caching",
	betas: "platform.claude.com/docs/en/api/beta-headers",
	chat: "platform.openai.com/docs/api-reference/chat",
	chatStreaming: "platform.openai.com/docs/api-reference/chat-streaming",
	responses: "platform.openai.com/docs/api-reference/responses",
	gemini: "ai.google.dev/api/generate-content",
	dialect: "the dialect of the endpoint in the profile",
	measured: "measured with Claude Code 2.1.197 to 2.1.332",
	/** A quirk in a profile has its own reason and source. */
	quirk: (name: string) => `quirk \`${name}\` of the profile, which names its source`,
} as const;
