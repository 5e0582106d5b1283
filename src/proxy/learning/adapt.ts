import { DIALECTS, type DialectName } from "../../profile/model/quirks.ts";
import type { Target } from "../../profile/model/target.ts";
import type { DivergenceData } from "../../protocol/divergence.ts";
import type { Failure } from "../../upstream/failures/classify.ts";
import { type Change, KEPT_MS, PASSING_MS } from "./facts.ts";
import type { LearnedFacts } from "./learned-facts.ts";
import { lowerOutput, type SentRequest } from "./output-limits.ts";
import { factOf } from "./refusals.ts";

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

/** A request that failed, and where its lesson is kept. */
interface FailedRequest {
	target: Target;
	failure: Failure;
	sent: SentRequest;
	learned: LearnedFacts;
}

/** Learns from a failure; undefined when sending the request again would not help. */
export function adapt(
	target: Target,
	failure: Failure,
	learned: LearnedFacts,
	sent: SentRequest,
): Adaptation | undefined {
	const failed = { target, failure, sent, learned };
	switch (failure.class) {
		case "context-overflow":
		case "max-tokens":
		case "balance":
			return adaptOutput(failed);
		case "reasoning-missing": {
			if (target.quirks.reasoningRequired === "always") return undefined;
			const change: Change = { quirks: { reasoningRequired: "always" } };
			return adaptWith(failed, change, "with reasoning on each turn", "reasoning-restored");
		}
		case "bad-request":
		case "unsupported-parameter":
			return adaptRefusal(failed);
		case "reasoning-refused": {
			const reasoningGeneration = (target.reasoningGeneration ?? 0) + 1;
			// Claude Code itself removes Anthropic's signatures when it receives this error.
			if (reasoningGeneration > MAX_REASONING_GENERATIONS || target.dialect === "anthropic") return undefined;
			return adaptWith(failed, { reasoningGeneration }, "without the earlier reasoning", "reasoning-scrubbed");
		}
		case "wrong-dialect": {
			const dialect = servedDialect(target, failure.message);
			// "Function tools with reasoning_effort are not supported … use /v1/responses instead."
			return dialect ? adaptWith(failed, { dialect }, `over ${dialect}`, "dialect-switched") : adaptRefusal(failed);
		}
		default:
			return undefined;
	}
}

/** A request without what was refused, as far as it can be left out. */
function adaptRefusal(failed: FailedRequest): Adaptation | undefined {
	const fact = factOf(failed.failure, failed.target, failed.sent);
	if (!fact) return undefined;
	const { done, fields, ...change } = fact;
	const [parameter] = fields ?? [];
	return adaptWith(failed, change, done, "parameter-refused", {
		...(fields && { fields }),
		...(parameter !== undefined && { parameter }),
		...(fact.tools && { tools: fact.tools }),
	});
}

function adaptWith(
	{ target, failure, learned }: FailedRequest,
	change: Change,
	done: string,
	kind: string,
	data?: DivergenceData,
): Adaptation | undefined {
	const changed = learned.learn(target, change, { done, seen: failure.message });
	return changed && { target: changed, kind, done: `sent again ${done}`, ...(data && { data }) };
}

/** A lower output limit, if the failure is about one. A window that was exceeded is learned in any case. */
function adaptOutput({ target, failure: { limit, message }, sent, learned }: FailedRequest): Adaptation | undefined {
	const lower = limit && lowerOutput(limit, sent);
	if (lower) {
		const { maxOutput, fact, isPassing } = lower;
		const done = `with at most ${maxOutput}`;
		const lesson = { done, seen: message, lifetimeMs: isPassing ? PASSING_MS : KEPT_MS };
		const changed = learned.learn(target, fact, lesson);
		const ceiling = limit.kind === "output-too-large" ? limit.ceiling : undefined;
		return (
			changed && {
				target: { ...changed, maxOutput },
				kind: "max-tokens-learned",
				done: `sent again ${done}`,
				data: { outputTokens: maxOutput, ...(ceiling !== undefined && { maxOutput: ceiling }) },
			}
		);
	}
	// A limit of tokens per minute is not the window of the model.
	const contextWindow = limit?.kind === "cannot-afford" || limit?.perMinute ? undefined : limit?.window;
	if (contextWindow !== undefined) learned.learn(target, { contextWindow }, { done: `a window of ${contextWindow}` });
	return undefined;
}

/** How error messages name the dialects. */
const DIALECT_NAMES: Readonly<Record<DialectName, RegExp>> = {
	"openai-responses": /responses/i,
	"openai-chat": /chat[/ ]completions/i,
	anthropic: /v1\/messages|messages api/i,
	gemini: /generateContent/i,
};

/** The dialect that an error message names in place of the one in use; undefined when it names none. */
export function namedDialect(message: string, { dialect: used }: Target): DialectName | undefined {
	return DIALECTS.find((dialect) => dialect !== used && DIALECT_NAMES[dialect].test(message));
}

/** The dialect that the message names; else Responses, because models that refuse Chat Completions are served there. */
function servedDialect({ alternatives = [] }: Target, message: string): DialectName | undefined {
	const named = alternatives.find(({ dialect }) => DIALECT_NAMES[dialect].test(message));
	const usual = alternatives.find(({ dialect }) => dialect === "openai-responses");
	return (named ?? usual ?? alternatives[0])?.dialect;
}
