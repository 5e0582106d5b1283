import { type ErrorBody, errorBody } from "../../protocol/errors.ts";
import type { Failure } from "../../upstream/failures/classify.ts";
import { FAILURES } from "../../upstream/failures/table.ts";

export interface FailureResponse {
	status: number;
	headers: Record<string, string>;
	body: ErrorBody;
}

export interface FailureContext {
	profile: string;
	model: string;
	/** Tokens of the request and of the window as far as cc-any knows them, for an overflow without numbers. */
	estimatedTokens?: number | undefined;
	contextWindow?: number | undefined;
}

/** Claude Code gives up at once when it is asked to wait longer than this (measured: 59 s waits, 61 s does not). */
const LONGEST_WAIT = 60;

/** What Claude Code is told: the provider's own words first, then one line on what to do. Nothing is invented. */
export function failureResponse(failure: Failure, context: FailureContext): FailureResponse {
	const policy = FAILURES[failure.class];
	const headers: Record<string, string> = {};
	if (failure.requestId) headers["request-id"] = failure.requestId;
	if (failure.class === "context-overflow") {
		return {
			status: 400,
			headers,
			body: errorBody(policy.errorType, overflowMessage(failure, context), failure.requestId),
		};
	}
	const wait = failure.retryAfter;
	const tooLong = wait !== undefined && wait > LONGEST_WAIT;
	if (wait !== undefined && policy.clientRetries) headers["retry-after"] = String(Math.ceil(wait));
	headers["x-should-retry"] = String(policy.clientRetries && !tooLong);
	const until = wait !== undefined ? ` until ${clock(wait)}` : "";
	const message = `${failure.message}\n${policy.remedy(context)}${until} [${context.profile}/${context.model}]`;
	return { status: policy.status, headers, body: errorBody(policy.errorType, message, failure.requestId) };
}

/**
 * The literal words on which Claude Code compacts, with the provider's numbers or the best known ones. Where input and
 * output together are too much, it is told so and retries at once with a smaller max_tokens.
 */
function overflowMessage(failure: Failure, context: FailureContext): string {
	const { tokens = context.estimatedTokens, maximum = context.contextWindow, output } = failure;
	const words = `\n${failure.message} [${context.profile}/${context.model}]`;
	if (tokens === undefined || maximum === undefined) return `prompt is too long${words}`;
	if (output !== undefined && tokens < maximum) {
		return `input length and \`max_tokens\` exceed context limit: ${tokens} + ${output} > ${maximum}${words}`;
	}
	// Claude Code sizes the tail that it keeps by the difference: it must be positive.
	return `prompt is too long: ${Math.max(tokens, maximum + 1)} tokens > ${maximum} maximum${words}`;
}

/** A point in time for a person: local time, with the date when it is not today. */
function clock(seconds: number): string {
	const then = new Date(Date.now() + seconds * 1000);
	const sameDay = then.toDateString() === new Date().toDateString();
	return sameDay ? then.toTimeString().slice(0, 8) : `${then.toDateString()} ${then.toTimeString().slice(0, 5)}`;
}
