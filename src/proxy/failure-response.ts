import { type ErrorBody, type ErrorType, errorBody } from "../anthropic/errors.ts";
import type { Failure, FailureClass } from "../upstream/classify-failure.ts";

export interface FailureResponse {
	status: number;
	headers: Record<string, string>;
	body: ErrorBody;
}

/**
 * The status that Claude Code reacts to best, per class of failure (measured, 2.1.197 to 2.1.332): it retries 408, 409,
 * 429 and 5xx up to ten times, shows 400, 402 and 403 at once, says "failed to authenticate" for 403, and compacts on
 * `prompt is too long`.
 */
const STATUS: Readonly<Record<FailureClass, [number, ErrorType]>> = {
	"rate-limit": [429, "rate_limit_error"],
	overloaded: [529, "overloaded_error"],
	quota: [400, "invalid_request_error"],
	balance: [402, "billing_error"],
	auth: [401, "authentication_error"],
	permission: [403, "permission_error"],
	"model-not-found": [400, "not_found_error"],
	"context-overflow": [400, "invalid_request_error"],
	"max-tokens": [400, "invalid_request_error"],
	"content-filter": [400, "invalid_request_error"],
	"bad-request": [400, "invalid_request_error"],
	transient: [500, "api_error"],
	network: [502, "api_error"],
};

/** What Claude Code is told about a failure: the provider's own words, in Anthropic's shape. */
export function failureResponse(failure: Failure, profile: string): FailureResponse {
	const [status, type] = STATUS[failure.class];
	const headers: Record<string, string> = {};
	if (failure.retryAfter !== undefined) headers["retry-after"] = String(Math.ceil(failure.retryAfter));
	return { status, headers, body: errorBody(type, `${failure.message} (${profile})`, failure.requestId) };
}
