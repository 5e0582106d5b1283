import { type Rule, SOURCES } from "./rule.ts";

const repair = (expected: string, source: string, more: Partial<Rule> = {}): Rule => ({
	stage: "request repair",
	verdict: "client",
	expected,
	source,
	...more,
});

/** The provider cannot be told what Claude Code asks for: said differently, or left out. */
const adaption = (expected: string, source: string, more: Partial<Rule> = {}): Rule => ({
	stage: "encode",
	verdict: "provider",
	expected,
	source,
	routine: true,
	...more,
});

/** What is changed between Claude Code's request and the one that is sent. */
export const REQUEST_RULES: Readonly<Record<string, Rule>> = {
	"model-mapped": {
		stage: "route",
		verdict: "client",
		expected: "a model id of the profile",
		source: `${SOURCES.measured}: subagents and saved sessions ask for Claude's own ids`,
		routine: true,
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
	"loop-ended": repair("a session that gets on", SOURCES.tools, { verdict: "model", quotes: true }),
	drift: repair("a model that stays as good as it began", SOURCES.measured, { verdict: "model" }),
	"leaked-history": repair("a history without tool calls written as text", SOURCES.messages, {
		verdict: "model",
		quotes: true,
	}),

	// --- what the wire cannot say
	"pdf-text": adaption("a PDF document", SOURCES.quirk("documents")),
	"web-search": adaption("a server tool that the provider runs", SOURCES.quirk("serverTools"), { quotes: true }),
	"later-system": adaption("a system message in its place", SOURCES.quirk("laterSystem")),
	"reasoning-lost": adaption("the reasoning of each earlier turn", SOURCES.quirk("reasoningRequired"), {
		verdict: "client",
		routine: undefined,
	}),
	"thought-signature-lost": adaption("the signature that came with the call", SOURCES.quirk("reasoningField"), {
		verdict: "client",
		routine: undefined,
	}),
	"dangling-reasoning": adaption("reasoning that leads to text or a call", SOURCES.responses, { verdict: "client" }),
	"reasoning-removed": adaption("reasoning that the provider takes back", SOURCES.quirk("reasoningField")),
	"unsigned-thinking": adaption("thinking with a signature", SOURCES.thinking),
	"redacted-thinking-block": adaption("encrypted thinking sent back unchanged", SOURCES.thinking),
	"empty-assistant-turn": adaption("an assistant turn with text or a tool call", SOURCES.chat, { verdict: "client" }),
	"tool-result-image": adaption("images inside a tool result", SOURCES.quirk("imagesInToolResults")),
	"tool-reference-block": adaption("tool_reference blocks", SOURCES.quirk("toolReferences")),
	"thinking-always-on": adaption("a model that can stop thinking", SOURCES.quirk("thinkingOff")),
	thinking: adaption("the form of thinking that was asked for", SOURCES.quirk("thinkingTypes")),
	effort: adaption("the effort that was asked for", SOURCES.quirk("effortValues")),
	"parallel-tool-use": adaption("parallel tool use switched off", SOURCES.quirk("parallelToolCallsField")),
	"tool-choice": adaption("the tool choice that was asked for", SOURCES.quirk("toolChoice")),
	"tool-name": adaption("tool names of any length", SOURCES.quirk("maxToolName")),
	"too-many-tools": adaption("all tools offered", SOURCES.quirk("maxTools"), { routine: undefined }),
	"server-tool": adaption("a server tool that the provider runs", SOURCES.quirk("serverTools")),
	"deferred-tool": adaption("defer_loading", SOURCES.quirk("toolReferences")),
	"refused-parameter": adaption("the sampling that was asked for", SOURCES.quirk("refusedParameters")),
	"refused-field": adaption("body fields of Anthropic's betas", SOURCES.quirk("refusedFields")),
	"max-tokens": adaption("room for the output that was asked for", "maxOutput of the model in the profile"),
	temperature: adaption("the temperature that was asked for", SOURCES.quirk("temperatureRange")),
	"structured-output": adaption("output by a JSON schema", SOURCES.quirk("responseFormat")),
	"cache-control": adaption("cache breakpoints", SOURCES.quirk("cacheControl")),
	"stop-sequence": adaption("every stop sequence", SOURCES.quirk("maxStopSequences")),
};

/** Blocks that are sent as text: `image-block`, `document-block`, and every type that is added tomorrow. */
export const BLOCK_RULE: Rule = adaption("a block of this type", "the target's `vision` and the wire's content parts", {
	quotes: true,
});
