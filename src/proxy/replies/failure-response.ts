import { type ErrorBody, type ErrorType, errorBody } from "../../protocol/errors.ts";
import type { Failure } from "../../upstream/failures/classify.ts";
import type { FailureClass } from "../../upstream/failures/table.ts";

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

interface Answer {
	status: number;
	type: ErrorType;
	/** Whether Claude Code's own retries can help. It obeys `x-should-retry` (measured). */
	retry: boolean;
	/** One line: what to do. */
	remedy: (context: FailureContext) => string;
}

const otherProfile = "or use another profile: cc-any profiles";

/**
 * The answer that Claude Code reacts to best, per class (measured, 2.1.197 to 2.1.332): it retries 408, 409, 429 and
 * 5xx up to ten times, shows 400, 402 and 403 at once, says "failed to authenticate" for a 403, tells a 404 as "an
 * issue with the selected model" and hides the text, and compacts on `prompt is too long` in a 400.
 */
const ANSWERS: Readonly<Record<FailureClass, Answer>> = {
	"rate-limit": {
		status: 429,
		type: "rate_limit_error",
		retry: true,
		remedy: ({ profile }) => `${profile} limits the rate`,
	},
	concurrency: {
		status: 429,
		type: "rate_limit_error",
		retry: true,
		remedy: ({ profile }) => `too many requests at once for ${profile}: lower limits.concurrency in the profile`,
	},
	overloaded: {
		status: 529,
		type: "overloaded_error",
		retry: true,
		remedy: ({ profile }) => `${profile} has no capacity now`,
	},
	quota: {
		status: 400,
		type: "invalid_request_error",
		retry: false,
		remedy: () => `the plan is used up: wait for its reset, ${otherProfile}`,
	},
	balance: {
		status: 402,
		type: "billing_error",
		retry: false,
		remedy: ({ profile }) => `add money to the account of ${profile}, ${otherProfile}`,
	},
	auth: {
		status: 401,
		type: "authentication_error",
		retry: false,
		remedy: ({ profile }) => `check the key: cc-any profiles show ${profile}`,
	},
	permission: {
		status: 403,
		type: "permission_error",
		retry: false,
		remedy: ({ profile }) => `the account of ${profile} may not do this`,
	},
	"model-not-found": {
		status: 400,
		type: "invalid_request_error",
		retry: false,
		remedy: ({ profile, model }) => `${profile} does not serve ${model}: cc-any profiles show ${profile}`,
	},
	"context-overflow": { status: 400, type: "invalid_request_error", retry: false, remedy: () => "" },
	"max-tokens": {
		status: 400,
		type: "invalid_request_error",
		retry: false,
		remedy: ({ model }) => `set maxOutput of ${model} in the profile`,
	},
	"unsupported-parameter": {
		status: 400,
		type: "invalid_request_error",
		retry: false,
		remedy: ({ profile }) => `a quirk of ${profile} is missing in its profile: cc-any profiles show ${profile}`,
	},
	"reasoning-missing": {
		status: 400,
		type: "invalid_request_error",
		retry: false,
		remedy: () => "start a new session, or /compact",
	},
	"reasoning-refused": {
		status: 400,
		type: "invalid_request_error",
		retry: false,
		remedy: () => "start a new session, or /compact",
	},
	"wrong-dialect": {
		status: 400,
		type: "invalid_request_error",
		retry: false,
		remedy: ({ model }) => `${model} needs another wire than the one of this profile`,
	},
	"content-filter": {
		status: 400,
		type: "invalid_request_error",
		retry: false,
		remedy: ({ profile }) => `refused by the content filter of ${profile}`,
	},
	"bad-request": {
		status: 400,
		type: "invalid_request_error",
		retry: false,
		remedy: ({ profile }) => `refused by ${profile}`,
	},
	transient: { status: 500, type: "api_error", retry: true, remedy: ({ profile }) => `a server error of ${profile}` },
	deterministic: {
		status: 400,
		type: "invalid_request_error",
		retry: false,
		remedy: ({ profile }) => `${profile} fails on this request each time`,
	},
	"tool-use-failed": {
		status: 500,
		type: "api_error",
		retry: true,
		remedy: ({ model }) => `${model} wrote a tool call that its server could not read`,
	},
	network: {
		status: 502,
		type: "api_error",
		retry: true,
		remedy: ({ profile }) => `no connection to ${profile}: check its address and the network`,
	},
	truncated: {
		status: 502,
		type: "api_error",
		retry: true,
		remedy: ({ profile }) => `the connection to ${profile} broke`,
	},
};

/** What Claude Code is told: the provider's own words first, then one line on what to do. Nothing is invented. */
export function failureResponse(failure: Failure, context: FailureContext): FailureResponse {
	const answer = ANSWERS[failure.class];
	const headers: Record<string, string> = {};
	if (failure.requestId) headers["request-id"] = failure.requestId;
	if (failure.class === "context-overflow") {
		return { status: 400, headers, body: errorBody(answer.type, overflowMessage(failure, context), failure.requestId) };
	}
	const wait = failure.retryAfter;
	const tooLong = wait !== undefined && wait > LONGEST_WAIT;
	if (wait !== undefined && answer.retry) headers["retry-after"] = String(Math.ceil(wait));
	headers["x-should-retry"] = String(answer.retry && !tooLong);
	const until = wait !== undefined ? ` until ${clock(wait)}` : "";
	const message = `${failure.message}\n${answer.remedy(context)}${until} [${context.profile}/${context.model}]`;
	return { status: answer.status, headers, body: errorBody(answer.type, message, failure.requestId) };
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
