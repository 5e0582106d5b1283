import type { DialectName, Quirks } from "../../profile/model/quirks.ts";
import { type BodyEdit, endpointKey, type Target, withDialect } from "../../profile/model/target.ts";
import type { DivergenceData } from "../../protocol/divergence.ts";
import type { Failure } from "../../upstream/failures/classify.ts";
import { lowerOutput, outputWithin, type SentRequest, type SharedWindow } from "./output-limits.ts";
import { factOf } from "./refusals.ts";
import { withoutParameter } from "./refused-parameters.ts";

interface Learned {
	contextWindow?: number;
	maxOutput?: number;
	/** Prompt and requested output together must fit into it. */
	sharedWindow?: SharedWindow;
	/** The provider requires reasoning to be sent back with every assistant turn. */
	reasoningRequired?: boolean;
	/** Parameters that the provider refused by name. */
	refused?: readonly string[];
	edits?: readonly BodyEdit[];
	quirks?: Partial<Quirks>;
	vision?: false;
	/** Claude Code's names of refused tools. */
	tools?: readonly string[];
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
		const quirks: Quirks = {
			...target.quirks,
			...learned.quirks,
			...(learned.reasoningRequired && { reasoningRequired: "always" }),
		};
		const adapted: Target = {
			...target,
			contextWindow,
			maxOutput,
			quirks,
			reasoningGeneration,
			vision: learned.vision ?? target.vision,
			...(learned.edits && { bodyEdits: learned.edits }),
			...(learned.tools && { refusedTools: learned.tools }),
		};
		return refused.reduce((before: Target, name) => withoutParameter(before, name) ?? before, adapted);
	}

	/** Adds a fact, and returns the target with everything that is known about it. */
	learn(target: Target, fact: Learned): Target {
		const before = this.#of(target);
		const { refused = [], edits = [], tools = [], quirks } = fact;
		this.#byTarget.set(keyOf(target), {
			...before,
			...fact,
			refused: joined(before.refused, refused),
			edits: joined(before.edits, edits),
			tools: joined(before.tools, tools),
			quirks: { ...before.quirks, ...quirks },
		});
		return this.apply(target);
	}

	#of(target: Target): Learned {
		return this.#byTarget.get(keyOf(target)) ?? {};
	}
}

/** Both lists without duplicates: two requests at once may learn the same. */
function joined<Item>(before: readonly Item[] = [], added: readonly Item[]): readonly Item[] {
	return [...new Map([...before, ...added].map((item) => [JSON.stringify(item), item])).values()];
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
		case "bad-request":
		case "unsupported-parameter":
			return adaptRefusal(target, failure, learned, sent);
		case "reasoning-refused": {
			const reasoningGeneration = (target.reasoningGeneration ?? 0) + 1;
			// Claude Code itself removes Anthropic's signatures when it receives this error.
			if (reasoningGeneration > MAX_REASONING_GENERATIONS || target.dialect === "anthropic") return undefined;
			const done = "sent again without the earlier reasoning";
			return { target: learned.learn(target, { reasoningGeneration }), kind: "reasoning-scrubbed", done };
		}
		case "wrong-dialect": {
			const dialect = servedDialect(target, failure.message);
			// "Function tools with reasoning_effort are not supported … use /v1/responses instead."
			if (!dialect) return adaptRefusal(target, failure, learned, sent);
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
		const ceiling = limit.kind === "output-too-large" ? limit.ceiling : undefined;
		return {
			target: { ...learned.learn(target, lower.fact), maxOutput },
			kind: "max-tokens-learned",
			done: `sent again with at most ${maxOutput}`,
			data: { outputTokens: maxOutput, ...(ceiling !== undefined && { maxOutput: ceiling }) },
		};
	}
	// A limit of tokens per minute is not the window of the model.
	const window = limit?.kind === "cannot-afford" || limit?.perMinute ? undefined : limit?.window;
	if (window !== undefined) learned.learn(target, { contextWindow: window });
	return undefined;
}

/** A request without what was refused, as far as it can be left out. */
function adaptRefusal(
	target: Target,
	failure: Failure,
	learned: LearnedLimits,
	sent: SentRequest,
): Adaptation | undefined {
	const fact = factOf(failure, target, sent);
	if (!fact) return undefined;
	const { done, fields, ...learnt } = fact;
	const [parameter] = fields ?? [];
	const data = {
		...(fields && { fields }),
		...(parameter !== undefined && { parameter }),
		...(fact.tools && { tools: fact.tools }),
	};
	return { target: learned.learn(target, learnt), kind: "parameter-refused", done: `sent again ${done}`, data };
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
