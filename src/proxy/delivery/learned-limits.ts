import { isObject } from "../../platform/json.ts";
import type { DialectName, Quirks } from "../../profile/model/quirks.ts";
import { endpointKey, type Target, withDialect } from "../../profile/model/target.ts";
import type { DivergenceData } from "../../protocol/divergence.ts";
import type { Failure } from "../../upstream/failures/classify.ts";
import { lowerOutput, outputWithin, type SentRequest, type SharedWindow } from "./output-limits.ts";

interface Learned {
	contextWindow?: number;
	maxOutput?: number;
	/** Prompt and requested output together must fit into it. */
	sharedWindow?: SharedWindow;
	/** The provider requires reasoning to be sent back with every assistant turn. */
	reasoningRequired?: boolean;
	/** Parameters that the provider refused by name. */
	refused?: readonly string[];
	/** See `Target.reasoningGeneration`. */
	reasoningGeneration?: number;
	/** The dialect over which the model is served. */
	dialect?: DialectName;
}

/** What the error messages of each target have taught while this proxy runs: its true limits, parameters and dialect. */
export class LearnedLimits {
	readonly #byTarget = new Map<string, Learned>();

	/** The target with what was learned about it, for a request of `requestChars` UTF-16 code units of JSON. */
	apply(target: Target, requestChars?: number): Target {
		const learned = this.#of(target);
		const switched = learned.dialect ? withDialect(target, learned.dialect) : target;
		if (switched !== target) return this.apply(switched, requestChars);
		const { contextWindow = target.contextWindow, sharedWindow, refused = [] } = learned;
		const fitting = sharedWindow && requestChars !== undefined ? outputWithin(sharedWindow, requestChars) : undefined;
		const maxOutput = lowest(target.maxOutput, learned.maxOutput, fitting);
		const { reasoningGeneration = target.reasoningGeneration } = learned;
		const quirks: Quirks = learned.reasoningRequired
			? { ...target.quirks, reasoningRequired: "always" }
			: target.quirks;
		const adapted = { ...target, contextWindow, maxOutput, quirks, reasoningGeneration };
		return refused.reduce((before: Target, name) => withoutParameter(before, name) ?? before, adapted);
	}

	/** Adds a fact, and returns the target with everything that is known about it. */
	learn(target: Target, fact: Omit<Learned, "refused"> & { refused?: string }): Target {
		const before = this.#of(target);
		const { refused, ...rest } = fact;
		const names = refused === undefined ? {} : { refused: [...(before.refused ?? []), refused] };
		this.#byTarget.set(keyOf(target), { ...before, ...rest, ...names });
		return this.apply(target);
	}

	#of(target: Target): Learned {
		return this.#byTarget.get(keyOf(target)) ?? {};
	}
}

function lowest(...limits: readonly (number | undefined)[]): number | undefined {
	const known = limits.filter((limit) => limit !== undefined);
	return known.length === 0 ? undefined : Math.min(...known);
}

function keyOf(target: Target): string {
	return `${endpointKey(target)} ${target.dialect}`;
}

/** How often a provider may refuse its own reasoning before the failure is reported. */
const MAX_REASONING_GENERATIONS = 3;

/** How a request is sent once more so that the same failure cannot come again. */
export interface Adaptation {
	target: Target;
	/** Kind, text and data of the divergence. */
	kind: string;
	done: string;
	data?: DivergenceData;
}

/** Learns from a failure; undefined when sending the request again would not help. */
export function adapt(
	target: Target,
	failure: Failure,
	learned: LearnedLimits,
	sent: SentRequest,
): Adaptation | undefined {
	const { parameter } = failure;
	switch (failure.class) {
		case "context-overflow":
		case "max-tokens":
		case "balance":
			return adaptOutput(target, failure, learned, sent);
		case "reasoning-missing": {
			if (target.quirks.reasoningRequired === "always") return undefined;
			const done = "sent again with reasoning on each turn";
			return { target: learned.learn(target, { reasoningRequired: true }), kind: "reasoning-restored", done };
		}
		case "unsupported-parameter": {
			if (parameter === undefined || !withoutParameter(target, parameter)) return undefined;
			const done = `sent again without ${parameter}`;
			const data = { parameter };
			return { target: learned.learn(target, { refused: parameter }), kind: "parameter-refused", done, data };
		}
		case "reasoning-refused": {
			const reasoningGeneration = (target.reasoningGeneration ?? 0) + 1;
			// Claude Code itself removes Anthropic's signatures when it receives this error.
			if (reasoningGeneration > MAX_REASONING_GENERATIONS || target.dialect === "anthropic") return undefined;
			const done = "sent again without the earlier reasoning";
			return { target: learned.learn(target, { reasoningGeneration }), kind: "reasoning-scrubbed", done };
		}
		case "wrong-dialect": {
			const dialect = servedDialect(target, failure.message);
			if (!dialect) return undefined;
			const done = `sent again over ${dialect}`;
			return { target: learned.learn(target, { dialect }), kind: "dialect-switched", done };
		}
		default:
			return undefined;
	}
}

/** A lower output limit, where the failure is about one. A window that was exceeded is learned in any case. */
function adaptOutput(
	target: Target,
	{ limit }: Failure,
	learned: LearnedLimits,
	sent: SentRequest,
): Adaptation | undefined {
	const lower = limit && lowerOutput(limit, sent);
	if (lower) {
		const { maxOutput } = lower;
		const adapted = { ...learned.learn(target, lower.fact), maxOutput };
		return {
			target: adapted,
			kind: "max-tokens-learned",
			done: `sent again with at most ${maxOutput}`,
			data: { maxOutput },
		};
	}
	// A limit of tokens per minute is not the window of the model.
	const window = limit?.kind === "cannot-afford" || limit?.perMinute ? undefined : limit?.window;
	if (window !== undefined) learned.learn(target, { contextWindow: window });
	return undefined;
}

/** How error messages name the dialects. */
const DIALECT_NAMES: Readonly<Record<DialectName, RegExp>> = {
	"openai-responses": /responses/i,
	"openai-chat": /chat[/ ]completions/i,
	anthropic: /v1\/messages|messages api/i,
	gemini: /generateContent/i,
};

/** The dialect that the message names; else Responses, because models that refuse Chat Completions are served there. */
function servedDialect({ alternatives = [] }: Target, message: string): DialectName | undefined {
	const named = alternatives.find(({ dialect }) => DIALECT_NAMES[dialect].test(message));
	const usual = alternatives.find(({ dialect }) => dialect === "openai-responses");
	return (named ?? usual ?? alternatives[0])?.dialect;
}

/** The providers' names of parameters that a quirk can leave out. */
const SIMPLE_PARAMETERS: ReadonlyMap<string, Quirks["refusedParameters"][number]> = new Map([
	["temperature", "temperature"],
	["top_p", "top_p"],
	["top_k", "top_k"],
	["stop", "stop"],
	["max_output_tokens", "max_tokens"],
]);

/**
 * The target without a parameter that the provider refused by name (`param` of OpenAI's error: a dotted path). Undefined
 * where the request cannot do without it, or does not contain it.
 */
export function withoutParameter(target: Target, parameter: string): Target | undefined {
	const { quirks } = target;
	// `include` asks for encrypted reasoning: a model that refuses it does not reason.
	if (parameter === "include" && target.thinking !== "none") return { ...target, thinking: "none" };
	if (parameter === "max_tokens" && quirks.maxTokensField === "max_tokens" && target.dialect === "openai-chat")
		return { ...target, quirks: { ...quirks, maxTokensField: "max_completion_tokens" } };
	const simple = SIMPLE_PARAMETERS.get(parameter);
	if (simple && !quirks.refusedParameters.includes(simple))
		return { ...target, quirks: { ...quirks, refusedParameters: [...quirks.refusedParameters, simple] } };
	if (parameter === "parallel_tool_calls" && quirks.parallelToolCallsField)
		return { ...target, quirks: { ...quirks, parallelToolCallsField: false } };
	const thinkingOn = without(quirks.thinkingOn, parameter.split("."));
	return thinkingOn && { ...target, quirks: { ...quirks, thinkingOn } };
}

/** The fields without the one at the end of the path; undefined when there is none. */
function without(
	fields: Record<string, unknown>,
	[name = "", ...path]: readonly string[],
): Record<string, unknown> | undefined {
	if (!(name in fields)) return undefined;
	const { [name]: value, ...rest } = fields;
	if (path.length === 0) return rest;
	const inner = isObject(value) ? without(value, path) : undefined;
	return inner && { ...rest, [name]: inner };
}
