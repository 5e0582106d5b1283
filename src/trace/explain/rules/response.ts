import { type Rule, SOURCES } from "./rule.ts";

const stream = (expected: string, more: Partial<Rule> = {}): Rule => ({
	stage: "decode",
	verdict: "provider",
	expected,
	source: SOURCES.streaming,
	...more,
});

const chat = (expected: string, more: Partial<Rule> = {}): Rule =>
	stream(expected, { source: SOURCES.chatStreaming, ...more });

const repair = (expected: string, more: Partial<Rule> = {}): Rule => ({
	stage: "response repair",
	verdict: "model",
	expected,
	source: SOURCES.tools,
	...more,
});

/** Changes between the provider's frames and the events that Claude Code gets. */
export const RESPONSE_RULES: Readonly<Record<string, Rule>> = {
	// --- the Anthropic wire
	"missing-message-start": stream("message_start first"),
	"incomplete-message-start": stream("message_start with id, model and usage"),
	"second-message-start": stream("one message_start"),
	"block-start": stream("a block that begins empty, with its documented fields", { quotes: true }),
	"unclosed-block": stream("content_block_stop for every block"),
	"interleaved-blocks": stream("one open block at a time"),
	"stray-delta": stream("deltas inside a block of their own type", { quotes: true }),
	"stray-block-stop": stream("content_block_stop for an open block"),
	"delta-form": stream("deltas with their documented type and fields", { quotes: true }),
	"chat-fields": stream("what the reply says in the fields of the Messages API"),
	"late-block": stream("blocks before message_delta"),
	"late-signature": stream("the signature inside its block"),
	"late-tool-input": stream("the input of a tool call inside its block", { quotes: true }),
	"message-delta-form": stream("message_delta with its documented fields"),
	"missing-message-delta": stream("message_delta with the stop reason"),
	"second-message-delta": stream("one message_delta"),
	"missing-message-stop": stream("message_stop last"),
	"stop-reason": stream("a stop reason of the Messages API that fits the blocks"),

	// --- every wire
	"other-wire": stream("a reply in the wire format of the request", { source: SOURCES.dialect }),
	refusal: stream("a reply that the provider does not refuse", { quotes: true }),
	"missing-usage": stream("usage in the reply", {
		source: `${SOURCES.streaming}, ${SOURCES.chatStreaming}`,
		// The decoder saw none, and an estimate took its place.
		explains: ["usage-missing"],
		next: "cc-any check {profile} --only usage",
	}),
	"usage-missing": stream("usage in the reply", { source: `${SOURCES.streaming}, ${SOURCES.chatStreaming}` }),
	"impossible-usage": stream("token counts that can be true", {
		source: `${SOURCES.streaming}, ${SOURCES.chatStreaming}`,
		explains: ["missing-usage", "usage-missing", "usage"],
		next: "cc-any check {profile} --only usage",
	}),
	"output-limit": stream("a reply that ends at the output limit, with the stop reason max_tokens", {
		source: SOURCES.messages,
		next: "cc-any check {profile} --only max-tokens",
	}),
	"ignored-stop-sequence": stream("a reply that ends at a stop sequence", {
		source: SOURCES.messages,
		// The counts come after the end, which cc-any did not wait for.
		explains: ["missing-usage", "usage-missing"],
		next: "cc-any check {profile} --only stop-sequence",
	}),
	"model-changed": stream("a reply by the requested model, as the replies before it", {
		source: SOURCES.messages,
		next: "cc-any models {profile} --refresh",
	}),
	"other-model": stream("a reply that names the requested model", {
		source: SOURCES.messages,
		remark: true,
		next: "cc-any models {profile} --refresh",
	}),
	usage: stream("counts that only grow", { quotes: true }),
	"repeated-tool-call-id": stream("an id that names one tool call", { source: SOURCES.tools }),
	"tool-call-without-id": stream("an id with every tool call", { source: SOURCES.tools }),
	"tool-call-without-name": stream("a name with every tool call", {
		source: SOURCES.tools,
		verdict: "model",
		quotes: true,
	}),
	"text-after-tool-call": stream("text before the tool calls of a turn", { verdict: "model", quotes: true }),
	"thinking-after-tool-call": stream("thinking before the tool calls of a turn", { verdict: "model", quotes: true }),

	// --- Chat Completions
	"cited-pages": stream("pages as the results of a search that was asked for", { source: SOURCES.responses }),
	"provider-tool": chat("no tool that the provider runs itself, except a search"),
	"missing-finish-reason": chat("a finish reason before [DONE]", { explains: ["stop-reason"] }),
	"finish-reason": chat("a finish reason of the documented list"),
	"repeated-message": chat("each part of the reply once"),
	"reasoning-after-text": chat("reasoning before the answer", { verdict: "model", quotes: true }),
	"unread-item": stream("text, thinking and calls of the offered tools", { source: SOURCES.responses }),
	"hosted-call": stream("text, thinking and calls of the offered tools", { source: SOURCES.responses }),
	"white-space": chat("an answer with text or a tool call", { verdict: "model", quotes: true }),

	// --- what the model wrote
	"leaked-tool-call": repair("tool calls in their own field, not as text", { quotes: true }),
	"empty-turn": repair("a turn with text or a tool call", { source: SOURCES.messages }),
	"multi-tool-use": repair("a call of its own for each tool", { quotes: true }),
	"tool-input": repair("tool input that fits the schema", { quotes: true }),
	"tool-not-offered": repair("a call of a tool that was offered", {
		next: "cc-any check {profile} --only single-call,forty-tools",
	}),
	"tool-call-name": repair("the name of a tool that was offered", { quotes: true }),
	"compaction-call": repair("a summary in text", { quotes: true }),
	"missing-parameter": repair("every required parameter", { next: "cc-any check {profile} --apply" }),
	"duplicated-reasoning": repair("reasoning in its own field only", { quotes: true }),
	"control-token": repair("text without tokens of the chat template", { quotes: true }),
	"think-tag": repair("reasoning in its own field, not as text", { quotes: true }),

	grammar: {
		stage: "grammar",
		verdict: "cc-any",
		expected: "events in the order of the Messages API: please report this",
		source: SOURCES.streaming,
	},
};
