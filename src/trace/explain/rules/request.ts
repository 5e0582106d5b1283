import { type Rule, SOURCES } from "./rule.ts";

const repair = (expected: string, source: string, more: Partial<Rule> = {}): Rule => ({
	stage: "request repair",
	verdict: "client",
	expected,
	source,
	...more,
});

/** The wire cannot express what Claude Code asks for, so it was said differently or left out. */
const adaptation = (expected: string, source: string, more: Partial<Rule> = {}): Rule => ({
	stage: "encode",
	verdict: "provider",
	expected,
	source,
	routine: true,
	...more,
});

/** Changes between Claude Code's request and the one that is sent. */
export const REQUEST_RULES: Readonly<Record<string, Rule>> = {
	"model-mapped": {
		stage: "route",
		verdict: "client",
		expected: "a model id of the profile",
		source: `${SOURCES.measured}: subagents and saved sessions ask for Claude's own ids`,
		routine: true,
	},

	routed: {
		stage: "route",
		verdict: "client",
		expected: "the model of the tier",
		source: "`routes` of the profile",
		routine: true,
	},
	"route-changed": {
		stage: "route",
		verdict: "client",
		expected: "the model of the turn before, whose prompt cache and reasoning go on",
		source: "`routes` of the profile",
	},

	// --- repairs of the history
	"billing-line": repair("a prefix that stays the same", `${SOURCES.measured}: the line changes with each turn`, {
		routine: true,
	}),
	"unparsed-tool-input": repair("tool input that is a JSON object", SOURCES.tools),
	"empty-text": repair("text blocks with content", SOURCES.messages),
	"assistant-turns": repair("one assistant message a turn", SOURCES.messages),
	"repeated-tool-id": repair("an id that names one tool call", SOURCES.tools),
	"misplaced-tool-result": repair("a tool result in the message after its call", SOURCES.tools),
	"orphan-tool-result": repair("a tool call for every tool result", SOURCES.tools),
	"missing-tool-result": repair("a tool result for every tool call", SOURCES.tools),
	"first-user-turn": repair("a user message first", SOURCES.messages),

	"repeated-call": repair("a call that changes something, or another call", SOURCES.tools, {
		verdict: "model",
		quotes: true,
	}),
	"loop-ended": repair("a session that makes progress", SOURCES.tools, { verdict: "model", quotes: true }),
	drift: repair("a model whose quality does not degrade", SOURCES.measured, { verdict: "model" }),
	"leaked-history": repair("a history without tool calls written as text", SOURCES.messages, {
		verdict: "model",
		quotes: true,
	}),

	// --- what the wire cannot express
	"image-described": adaptation("a model that sees images", "`vision` of the profile"),
	"image-undescribed": adaptation("a description of the image", "`vision` of the profile", { routine: undefined }),
	"pdf-text": adaptation("a PDF document", SOURCES.quirk("documents")),
	"web-search": adaptation("a server tool that the provider runs", SOURCES.quirk("serverTools"), { quotes: true }),
	"later-system": adaptation("a system message in its place", SOURCES.quirk("laterSystem")),
	"reasoning-lost": adaptation("the reasoning of each earlier turn", SOURCES.quirk("reasoningRequired"), {
		verdict: "client",
		routine: undefined,
	}),
	"thought-signature-lost": adaptation("the signature that came with the call", SOURCES.quirk("reasoningField"), {
		verdict: "client",
		routine: undefined,
	}),
	"dangling-reasoning": adaptation("reasoning that leads to text or a call", SOURCES.responses, { verdict: "client" }),
	"reasoning-removed": adaptation("reasoning that the provider accepts back", SOURCES.quirk("reasoningField")),
	"unsigned-thinking": adaptation("thinking with a signature", SOURCES.thinking),
	"redacted-thinking-block": adaptation("encrypted thinking sent back unchanged", SOURCES.thinking),
	"empty-assistant-turn": adaptation("an assistant turn with text or a tool call", SOURCES.chat, { verdict: "client" }),
	"tool-result-image": adaptation("images inside a tool result", SOURCES.quirk("imagesInToolResults")),
	"tool-reference-block": adaptation("tool_reference blocks", SOURCES.quirk("toolReferences")),
	"thinking-always-on": adaptation("a model that can stop thinking", SOURCES.quirk("thinkingOff")),
	thinking: adaptation("the form of thinking that was requested", SOURCES.quirk("thinkingTypes")),
	effort: adaptation("the effort that was requested", SOURCES.quirk("effortValues")),
	"parallel-tool-use": adaptation("parallel tool use switched off", SOURCES.quirk("parallelToolCallsField")),
	"tool-choice": adaptation("the tool choice that was requested", SOURCES.quirk("toolChoice")),
	"tool-name": adaptation("tool names of any length", SOURCES.quirk("maxToolName")),
	"tool-description": adaptation("descriptions of tools of any length", SOURCES.quirk("maxToolDescription")),
	"too-many-tools": adaptation("all tools offered", SOURCES.quirk("maxTools"), { routine: undefined }),
	"server-tool": adaptation("a server tool that the provider runs", SOURCES.quirk("serverTools")),
	"deferred-tool": adaptation("defer_loading", SOURCES.quirk("toolReferences")),
	"refused-parameter": adaptation("the sampling that was requested", SOURCES.quirk("refusedParameters")),
	"refused-field": adaptation("body fields that the endpoint refuses", SOURCES.quirk("refusedFields")),
	"refused-tool": adaptation("tools whose definitions the endpoint refuses", "the endpoint's own error in this run"),
	"refused-image": adaptation("images that the endpoint refuses", "the endpoint's own error in this run"),
	"system-prompt": adaptation("the system prompt in its own place", SOURCES.quirk("systemPrompt")),
	"empty-content": adaptation("empty results and turns", SOURCES.quirk("emptyContent")),
	prefill: adaptation("a reply that continues the last message", SOURCES.quirk("prefill")),
	"content-lists": adaptation("content as a list of blocks", SOURCES.quirk("contentLists")),
	"max-tokens": adaptation("the output limit that was requested", "maxOutput of the model in the profile"),
	temperature: adaptation("the temperature that was requested", SOURCES.quirk("temperatureRange")),
	"structured-output": adaptation("output that fits a JSON schema", SOURCES.quirk("responseFormat")),
	"cache-control": adaptation("cache breakpoints", SOURCES.quirk("cacheControl")),
	"stop-sequence": adaptation("every stop sequence", SOURCES.quirk("maxStopSequences")),
};

/** Blocks that are sent as text: `image-block`, `document-block`, and types that do not exist yet. */
export const BLOCK_RULE: Rule = adaptation(
	"a block of this type",
	"the target's `vision` and the wire's content parts",
	{
		quotes: true,
	},
);
