import * as v from "valibot";

export { DIALECTS, type DialectName } from "./dialect-names.ts";

const jsonObject = v.record(v.string(), v.unknown());

const toolChoice = v.picklist(["full", "strings", "auto-none", "none-only", "unsupported"]);

/**
 * A change of the encoded request body, for a field that the endpoint refuses. The field is removed, unless a replacement
 * or a bound is given.
 */
const BodyEditSchema = v.strictObject({
	/** Names from the root of the body; `*` is every item of a list. */
	path: v.pipe(v.array(v.string()), v.minLength(1, "must name a field")),
	/** Replaces the value `from` by `to`; other values stay. */
	replace: v.optional(v.strictObject({ from: v.string(), to: v.string() })),
	/** Bounds for a number. */
	minimum: v.optional(v.number()),
	maximum: v.optional(v.number()),
});
export type BodyEdit = v.InferOutput<typeof BodyEditSchema>;

/**
 * What a provider, or one of its models, does differently. Data only: a profile gives the value with its reason and
 * source, the dialects follow it, and no other code knows a provider by name.
 *
 * Each field has one meaning, a default that fits a plain OpenAI or Anthropic server, and a fixture that needs it.
 */
export const QuirksSchema = v.strictObject({
	// --- limits and parameters
	/** Field for the output limit. OpenAI's reasoning models reject `max_tokens`. */
	maxTokensField: v.optional(v.picklist(["max_tokens", "max_completion_tokens"]), "max_tokens"),
	/** Ask for usage with `stream_options.include_usage`. */
	streamUsage: v.optional(v.boolean(), true),
	/** Parameters that are rejected or ignored, and not sent. Codex-style endpoints accept no `max_tokens`. */
	refusedParameters: v.optional(v.array(v.picklist(["temperature", "top_p", "top_k", "stop", "max_tokens"])), []),
	/** Lowest and highest temperature that the provider accepts; a value outside is clamped. */
	temperatureRange: v.optional(v.tuple([v.number(), v.number()])),
	/** Most stop sequences that the provider accepts; cc-any enforces the rest. OpenAI: 4. */
	maxStopSequences: v.optional(v.number(), 4),
	/**
	 * Field for the user id, which is hashed. `none`: it is not sent. In the anthropic dialect the field is fixed, and
	 * `raw` sends the id unhashed.
	 */
	userIdField: v.optional(v.picklist(["none", "user", "user_id", "raw"]), "none"),
	/** How structured output is sent: with its schema, as any JSON object plus an instruction, or only as an instruction. */
	responseFormat: v.optional(v.picklist(["json_schema", "json_object", "instruction"]), "json_schema"),
	/** Fields added to every request body. */
	extraBody: v.optional(jsonObject, {}),
	/** Fields of the encoded body that are removed or changed, for what no other quirk covers. */
	bodyEdits: v.optional(v.array(BodyEditSchema), []),

	// --- history
	/** A system message after the first turn: kept with its role, or wrapped as a reminder in a user turn. */
	laterSystem: v.optional(v.picklist(["system", "reminder"]), "reminder"),
	/** The system prompt: in its own field or role, or in the first user turn (chat templates without a system role). */
	systemPrompt: v.optional(v.picklist(["system", "user-turn"]), "system"),
	/** The last message may be the assistant's: the reply continues it. */
	prefill: v.optional(v.boolean(), true),
	/** Results and turns without text are accepted; otherwise they are sent as `(no content)`. */
	emptyContent: v.optional(v.boolean(), true),
	/** Content may be a list of blocks; otherwise lists of text are sent as one text. */
	contentLists: v.optional(v.boolean(), true),
	/** Consecutive user messages are joined into one (chat templates that need strict alternation). */
	mergeUserTurns: v.optional(v.boolean(), false),
	/** A user turn may not directly follow a tool turn: an assistant turn is inserted (Mistral). */
	assistantAfterTool: v.optional(v.boolean(), false),
	/**
	 * Responses: an assistant's message says whether it is commentary or the final answer (`phase`). Models from
	 * gpt-5.3-codex on treat an unmarked one as the answer, and stop early.
	 */
	messagePhase: v.optional(v.boolean(), false),
	/** Gemini: calls and their results have ids, which pair them exactly; without ids, name and order pair them. */
	functionCallIds: v.optional(v.boolean(), false),
	/** Chat: a tool message has the name of its tool, which some chat templates and Google's own endpoint need. */
	toolResultNames: v.optional(v.boolean(), false),
	/** Format of tool-call ids that the provider accepts. */
	toolCallIds: v.optional(v.picklist(["any", "alphanumeric-9", "max-40", "max-64", "kimi"]), "any"),

	// --- tools
	/**
	 * Which part of `tool_choice` is supported: everything; only the strings; only `auto` and `none`; nothing. `none-only`:
	 * a server without a parser for tool calls accepts tools only with `none`, and the calls are read from its text.
	 */
	toolChoice: v.optional(toolChoice, "full"),
	/** The same while thinking is on; absent: no difference. */
	toolChoiceWhileThinking: v.optional(toolChoice),
	/** `parallel_tool_calls` is accepted. */
	parallelToolCallsField: v.optional(v.boolean(), false),
	/**
	 * Send `strict: false` with each function. The default of OpenAI's Responses makes models fill optional parameters.
	 */
	strictFalse: v.optional(v.boolean(), false),
	/** Most tools that the provider accepts. */
	maxTools: v.optional(v.number(), 128),
	/** Longest tool name that the provider accepts; longer ones are mapped reversibly. */
	maxToolName: v.optional(v.number(), 64),
	/** Longest description of a tool, in characters; the whole of a longer one is sent in the system prompt. */
	maxToolDescription: v.optional(v.number()),
	/** Schema keywords that are rejected: removed, and put into the description if they constrain the value. */
	schemaRemove: v.optional(v.array(v.string()), ["$schema"]),
	/** Rewrites of a schema, in this order. */
	schemaRewrite: v.optional(
		v.array(
			v.picklist([
				"inline-refs",
				"const-to-enum",
				"one-of-to-any-of",
				"no-boolean-schemas",
				"no-root-union",
				"nullable",
				"no-tuples",
				"string-enums",
				"union-types",
				"array-items",
				"typed",
			]),
		),
		[],
	),

	/** After this many equal calls with equal results in a row, a reminder is added to the result. 0: never. */
	repeatReminder: v.optional(v.number(), 3),
	/** After this many, the turn is ended. 0: never. */
	repeatEnd: v.optional(v.number(), 6),

	/** A call without a required parameter is returned to the model once, before anything is shown. Costs a request. */
	askForMissing: v.optional(v.boolean(), false),

	// --- content
	/** Images inside a tool result are accepted; otherwise they move to a user message after the results. */
	imagesInToolResults: v.optional(v.boolean(), false),
	/** PDF documents: their text is extracted locally, or the file is sent. */
	documents: v.optional(v.picklist(["text", "file"]), "text"),

	// --- thinking
	/** Body fields that switch thinking on. */
	thinkingOn: v.optional(jsonObject, {}),
	/** Body fields that switch thinking off. */
	thinkingOff: v.optional(jsonObject, {}),
	/** Dotted path of the field for a thinking budget in tokens. */
	thinkingBudgetField: v.optional(v.string()),
	/** Dotted path of the field for the effort; absent: it is not sent (anthropic: it stays in its field). */
	effortField: v.optional(v.string()),
	/** The provider's values for Claude Code's efforts (low, medium, high, xhigh, max); an absent one is not sent. */
	effortValues: v.optional(v.record(v.string(), v.string()), {}),
	/** Effort may be sent while thinking is off. DeepSeek rejects that. */
	effortWithoutThinking: v.optional(v.boolean(), false),
	/** Field in which earlier reasoning is sent back; `none`: it is not. */
	reasoningField: v.optional(
		v.picklist(["none", "reasoning_content", "reasoning", "reasoning_details", "think-tags"]),
		"reasoning_content",
	),
	/** Which assistant turns must carry reasoning: none, those with tool calls, all. */
	reasoningRequired: v.optional(v.picklist(["never", "tool-calls", "always"]), "never"),
	/**
	 * `extra_content` for the first tool call of an earlier turn that has none. Gemini requires a thought signature there
	 * and accepts a placeholder for a lost one.
	 */
	extraContentPlaceholder: v.optional(jsonObject),
	/** The chat template opens the reasoning: the text starts inside it, and only the closing tag is sent. */
	reasoningPrefilled: v.optional(v.boolean(), false),
	/** Replaces lost reasoning if reasoning is required. DeepSeek accepts "" and rejects ".". */
	reasoningPlaceholder: v.optional(v.string(), ""),

	// --- Anthropic-compatible endpoints
	/** The `anthropic-beta` values that are sent; `all` sends each. Body fields of the other betas are removed. */
	betas: v.optional(v.union([v.literal("all"), v.array(v.string())]), []),
	/** Body fields that are rejected and not sent, for example `context_management`. */
	refusedFields: v.optional(v.array(v.string()), ["context_management"]),
	/** Forms of `thinking` that are accepted. */
	thinkingTypes: v.optional(v.array(v.picklist(["adaptive", "enabled", "disabled"])), ["enabled", "disabled"]),
	/** `cache_control` is accepted. */
	cacheControl: v.optional(v.boolean(), true),
	/** Thinking blocks need this provider's own signature. */
	signedThinkingOnly: v.optional(v.boolean(), false),
	/** Server tools the provider runs itself, by type prefix, for example `web_search`. */
	serverTools: v.optional(v.array(v.string()), []),
	/** `tool_reference` blocks and `defer_loading` are supported. */
	toolReferences: v.optional(v.boolean(), false),

	// --- token counts
	/** The provider has the dialect's route for token counts; chat completions have none. */
	countTokens: v.optional(v.boolean(), false),
	/** Gemini's `countTokens` expects the whole request as `generateContentRequest`, or its fields (Vertex AI). */
	countTokensForm: v.optional(v.picklist(["whole", "fields"]), "whole"),
});

/** All quirks of one target, defaults filled in. */
export type Quirks = v.InferOutput<typeof QuirksSchema>;
/** The quirks that a profile, an endpoint or a model sets. */
export type QuirksInput = v.InferInput<typeof QuirksSchema>;

export const DEFAULT_QUIRKS: Quirks = v.parse(QuirksSchema, {});
