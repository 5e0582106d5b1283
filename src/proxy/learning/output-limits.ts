import { asObject } from "../../platform/json.ts";
import type { Limit } from "../../upstream/failures/limits.ts";

/** A request as it was sent to a target. */
export interface SentRequest {
	body: Readonly<Record<string, unknown>>;
	/** The provider's tool name → Claude Code's, for the names that had to change. */
	toolNames: ReadonlyMap<string, string>;
	/** See `requestLength`. */
	requestChars: number;
}

/** A window that the server checks against prompt and requested output together, and how the prompt's size is predicted. */
export interface SharedWindow {
	tokens: number;
	tokensPerChar: number;
}

/** With less output than this, a turn of Claude Code is cut off: it is better to compact the conversation. */
export const MIN_OUTPUT_TOKENS = 1024;

/** Servers count a few tokens of the chat template differently at each check. */
const MARGIN_TOKENS = 256;

/** A prediction from the length in characters may be too low by this share. */
const PREDICTION_MARGIN = 0.02;

/** Output limits to try if the server refused one and did not say what it accepts. */
const COMMON_LIMITS_TOKENS = [8192, 4096];

/** The output limit in the body of a request, whatever the dialect. */
export function outputLimitOf(body: Readonly<Record<string, unknown>>): number | undefined {
	const { max_tokens, max_completion_tokens, max_output_tokens, generationConfig } = body;
	const { maxOutputTokens } = asObject(generationConfig);
	return [max_tokens, max_completion_tokens, max_output_tokens, maxOutputTokens].find(
		(value) => typeof value === "number",
	);
}

/** A lower output limit, and what it teaches about later requests. */
export interface LowerOutput {
	maxOutput: number;
	fact: { maxOutput?: number; contextWindow?: number; sharedWindow?: SharedWindow };
	/** Not a limit of the model: of the account, of this minute, or a guess. */
	isPassing?: boolean;
}

/** The output limit with which a refused request may succeed; undefined when none would help. */
export function lowerOutput(limit: Limit, { body, requestChars }: SentRequest): LowerOutput | undefined {
	const requested = outputLimitOf(body);
	if (requested === undefined || limit.kind === "prompt-too-long") return undefined;
	const lower =
		limit.kind === "cannot-afford" ? ceilingOf(limit.affordable) : fromLimit(limit, requested, requestChars);
	const isUseful = lower !== undefined && lower.maxOutput < requested && lower.maxOutput > 0;
	return isUseful ? lower : undefined;
}

function ceilingOf(affordable: number): LowerOutput | undefined {
	return affordable < MIN_OUTPUT_TOKENS
		? undefined
		: { maxOutput: affordable, fact: { maxOutput: affordable }, isPassing: true };
}

function fromLimit(
	limit: Extract<Limit, { kind: "output-too-large" }>,
	requested: number,
	requestChars: number,
): LowerOutput | undefined {
	const { tokens, window, ceiling, perMinute } = limit;
	if (tokens !== undefined && window !== undefined) {
		const fitting = window - tokens - MARGIN_TOKENS;
		if (fitting < MIN_OUTPUT_TOKENS) return undefined;
		const sharedWindow = { tokens: window, tokensPerChar: tokens / Math.max(1, requestChars) };
		const learned = {
			...(!perMinute && { contextWindow: window }),
			...(ceiling !== undefined && { maxOutput: ceiling }),
		};
		const maxOutput = Math.min(fitting, ceiling ?? fitting);
		return { maxOutput, fact: { ...learned, sharedWindow }, isPassing: perMinute === true };
	}
	const guess = COMMON_LIMITS_TOKENS.find((common) => common < requested && common <= (window ?? Infinity) / 2);
	const maxOutput = ceiling ?? guess;
	return maxOutput === undefined ? undefined : { maxOutput, fact: { maxOutput }, isPassing: ceiling === undefined };
}

/** The output limit that leaves enough of the window for a request of this length; undefined when any would be a guess. */
export function outputWithin(window: SharedWindow, requestChars: number): number | undefined {
	const predicted = requestChars * window.tokensPerChar * (1 + PREDICTION_MARGIN);
	const fitting = Math.floor(window.tokens - predicted - MARGIN_TOKENS);
	return fitting < MIN_OUTPUT_TOKENS ? undefined : fitting;
}
