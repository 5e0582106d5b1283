import * as v from "valibot";

export { DIALECTS, type DialectName } from "./dialect-names.ts";

const jsonObject = v.record(v.string(), v.unknown());

/**
 * What a provider, or one of its models, does differently. Data only: a profile names the value with its reason and
 * source, the codecs obey it, and nothing else in the code knows a provider by name.
 *
 * Each field has one meaning, a default that fits a plain OpenAI or Anthropic server, and a fixture that needs it.
 */
export const QuirksSchema = v.strictObject({
	// --- limits and parameters
	/** Field that carries the output limit. Reasoning models of OpenAI refuse `max_tokens`. */
	maxTokensField: v.optional(v.picklist(["max_tokens", "max_completion_tokens"]), "max_tokens"),
	/** Ask for usage with `stream_options.include_usage`. */
	streamUsage: v.optional(v.boolean(), true),
	/** Parameters that are refused or ignored, and are left out. Codex-style endpoints take no `max_tokens`. */
	refusedParameters: v.optional(v.array(v.picklist(["temperature", "top_p", "top_k", "stop", "max_tokens"])), []),
	/** Lowest and highest temperature the provider takes; a value outside is clamped. */
	temperatureRange: v.optional(v.tuple([v.number(), v.number()])),
	/** Stop sequences the provider takes at most; the rest is enforced by cc-any. OpenAI: 4. */
	maxStopSequences: v.optional(v.number(), 4),
	/**
	 * Where the user id goes, hashed. `none`: it is not sent. The anthropic dialect has one place for it and sends it
	 * hashed, `raw` as it is.
	 */
	userIdField: v.optional(v.picklist(["none", "user", "user_id", "raw"]), "none"),
	/** Structured output: `response_format` json_schema, json_object plus an instruction, or an instruction alone. */
	responseFormat: v.optional(v.picklist(["json_schema", "json_object", "instruction"]), "json_schema"),
	/** Fields added to every request body. */
	extraBody: v.optional(jsonObject, {}),

	// --- history
	/** A system message after the first turn: kept with its role, or wrapped as a reminder in a user turn. */
	laterSystem: v.optional(v.picklist(["system", "reminder"]), "reminder"),
	/** Consecutive user messages are joined into one (chat templates that demand strict alternation). */
	mergeUserTurns: v.optional(v.boolean(), false),
	/** A user turn may not follow a tool turn directly: an assistant turn is put between (Mistral). */
	assistantAfterTool: v.optional(v.boolean(), false),
	/**
	 * Responses: an assistant's message says whether it is commentary on the way or the final answer (`phase`). Models from
	 * gpt-5.3-codex on take an unmarked one for an answer, and stop early.
	 */
	messagePhase: v.optional(v.boolean(), false),
	/** Gemini: calls and their answers carry ids, which pair them exactly; without, name and order do. */
	functionCallIds: v.optional(v.boolean(), false),
	/** Form of tool-call ids the provider takes. */
	toolCallIds: v.optional(v.picklist(["any", "alphanumeric-9", "max-40", "max-64", "kimi"]), "any"),

	// --- tools
	/** How far `tool_choice` is understood: all of it; only the strings; only `auto` and `none`; not at all. */
	toolChoice: v.optional(v.picklist(["full", "strings", "auto-none", "unsupported"]), "full"),
	/** The same while the model thinks; absent: no difference. */
	toolChoiceWhileThinking: v.optional(v.picklist(["full", "strings", "auto-none", "unsupported"])),
	/** `parallel_tool_calls` is accepted. */
	parallelToolCallsField: v.optional(v.boolean(), false),
	/** Send `strict: false` with each function. OpenAI's Responses default makes models fill optional parameters. */
	strictFalse: v.optional(v.boolean(), false),
	/** Tools the provider takes at most. */
	maxTools: v.optional(v.number(), 128),
	/** Longest tool name the provider takes; longer ones are mapped reversibly. */
	maxToolName: v.optional(v.number(), 64),
	/** Schema keywords that are refused: removed, and told in the description where they constrain. */
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
				"string-enums",
			]),
		),
		[],
	),

	/** The same call with the same result so many times in a row: a reminder is added to the result. 0: never. */
	repeatReminder: v.optional(v.number(), 3),
	/** The same so many times in a row: the turn is ended. 0: never. */
	repeatEnd: v.optional(v.number(), 6),

	/** A call without a required parameter goes back to the model once, before anything is shown. Costs a request. */
	askForMissing: v.optional(v.boolean(), false),

	// --- content
	/** Images inside a tool result are accepted; otherwise they move to a user message after the results. */
	imagesInToolResults: v.optional(v.boolean(), false),
	/** PDF documents: text is extracted locally, or the file is passed on. */
	documents: v.optional(v.picklist(["text", "file"]), "text"),

	// --- thinking
	/** Body fields that switch thinking on. */
	thinkingOn: v.optional(jsonObject, {}),
	/** Body fields that switch thinking off. */
	thinkingOff: v.optional(jsonObject, {}),
	/** Dotted path of the field for a thinking budget in tokens. */
	thinkingBudgetField: v.optional(v.string()),
	/** Dotted path of the field for the effort; absent: it is not sent (anthropic: it stays where it is). */
	effortField: v.optional(v.string()),
	/** Claude Code's effort (low, medium, high, xhigh, max) in the provider's words; an absent one is not sent. */
	effortValues: v.optional(v.record(v.string(), v.string()), {}),
	/** Effort may be sent while thinking is off. DeepSeek refuses the two together. */
	effortWithoutThinking: v.optional(v.boolean(), false),
	/** Field in which earlier reasoning goes back; `none`: it is not sent back. */
	reasoningField: v.optional(
		v.picklist(["none", "reasoning_content", "reasoning", "reasoning_details", "think-tags"]),
		"reasoning_content",
	),
	/** Which assistant turns must carry reasoning: none, those with tool calls, all. */
	reasoningRequired: v.optional(v.picklist(["never", "tool-calls", "always"]), "never"),
	/**
	 * `extra_content` for the first tool call of an earlier turn that has none of its own. Gemini demands a thought
	 * signature there and knows a value that stands in for a lost one.
	 */
	extraContentPlaceholder: v.optional(jsonObject),
	/** The chat template opens the reasoning: the text begins inside it and only the closing tag comes. */
	reasoningPrefilled: v.optional(v.boolean(), false),
	/** What stands in for reasoning that was lost, where it is required. DeepSeek takes "" and refuses ".". */
	reasoningPlaceholder: v.optional(v.string(), ""),

	// --- Anthropic-compatible endpoints
	/** `anthropic-beta` values that are passed on; `all` passes every one. Body fields of dropped betas go too. */
	betas: v.optional(v.union([v.literal("all"), v.array(v.string())]), []),
	/** Body fields that are refused and left out, for example `context_management`. */
	refusedFields: v.optional(v.array(v.string()), ["context_management"]),
	/** Forms of `thinking` that are accepted. */
	thinkingTypes: v.optional(v.array(v.picklist(["adaptive", "enabled", "disabled"])), ["enabled", "disabled"]),
	/** `cache_control` is accepted. */
	cacheControl: v.optional(v.boolean(), true),
	/** Thinking blocks of another provider, or without a signature, are refused (api.anthropic.com). */
	signedThinkingOnly: v.optional(v.boolean(), false),
	/** Server tools the provider runs itself, by type prefix, for example `web_search`. */
	serverTools: v.optional(v.array(v.string()), []),
	/** `tool_reference` blocks and `defer_loading` are understood. */
	toolReferences: v.optional(v.boolean(), false),

	// --- token counts
	/** The dialect's route for token counts is served; chat completions have none. */
	countTokens: v.optional(v.boolean(), false),
	/** Gemini's `countTokens` takes the whole request as `generateContentRequest`, or its fields (Vertex AI). */
	countTokensForm: v.optional(v.picklist(["whole", "fields"]), "whole"),
});

/** All quirks of one target, defaults filled in. */
export type Quirks = v.InferOutput<typeof QuirksSchema>;
/** The quirks that a profile, an endpoint or a model names. */
export type QuirksInput = v.InferInput<typeof QuirksSchema>;

export const DEFAULT_QUIRKS: Quirks = v.parse(QuirksSchema, {});
