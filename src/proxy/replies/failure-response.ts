import { clockTime } from "../../platform/figures.ts";
import { printable } from "../../platform/printable.ts";
import { type ErrorBody, errorBody } from "../../protocol/errors.ts";
import type { Failure } from "../../upstream/failures/classify.ts";
import type { RemedyContext } from "../../upstream/failures/policy.ts";
import { FAILURES } from "../../upstream/failures/table.ts";
import type { DeliveryFailure } from "../delivery/delivery.ts";
import type { Exchange } from "../exchange.ts";
import { MIN_OUTPUT_TOKENS } from "../learning/output-limits.ts";

/** The HTTP response to Claude Code. Once a stream has begun, its body is sent as an error event. */
export interface FailureResponse {
	status: number;
	headers: Record<string, string>;
	body: ErrorBody;
}

export interface FailureContext extends RemedyContext {
	/** Other clients get Anthropic's own statuses. */
	isClaudeCode?: boolean | undefined;
}

/** Ends a reply with the failure of its last target, and records it. */
export function failDelivery(
	{ failure, target }: DeliveryFailure,
	{ reply, record, isClaudeCode }: Pick<Exchange, "reply" | "record" | "isClaudeCode">,
): void {
	// Some providers repeat the refused key in their message.
	const said = target.key ? failure.message.replaceAll(target.key, "[key]") : failure.message;
	const message = printable(said);
	record.failure = `${failure.class}: ${message}`;
	record.failureClass = failure.class;
	const { model, isAddress } = target;
	const profile = isAddress ? new URL(target.baseUrl).host : target.profile;
	fail(failureResponse({ ...failure, message }, { profile, model, isAddress, isClaudeCode }), { reply, record });
}

/** Ends a reply with a bug of cc-any, which costs one exchange, never the process. */
export function failInternally(error: unknown, { reply, record }: Pick<Exchange, "reply" | "record">): void {
	const message = `cc-any failed: ${error instanceof Error ? error.message : String(error)} (cc-any trace explain last)`;
	record.failure = message;
	const body = errorBody("api_error", message);
	fail({ status: 500, headers: { "x-should-retry": "false" }, body }, { reply, record });
}

function fail(response: FailureResponse, { reply, record }: Pick<Exchange, "reply" | "record">): void {
	record.status = reply.committed ? 200 : response.status;
	reply.fail(response);
}

/** Claude Code gives up at once on a longer Retry-After (measured with 2.1.332: it waits for 59 s, but not for 61 s). */
const MAX_CLIENT_WAIT_SECONDS = 60;

/** The response for a provider's failure: the provider's own message first, then one line on what to do. */
export function failureResponse(failure: Failure, context: FailureContext): FailureResponse {
	const policy = FAILURES[failure.class];
	const { errorType, remedy } = policy;
	const { requestId, retryAfter, final } = failure;
	const clientRetries = policy.clientRetries && !final;
	const status = context.isClaudeCode ? (policy.claudeCodeStatus ?? policy.status) : policy.status;
	const headers: Record<string, string> = {};
	if (requestId) headers["request-id"] = requestId;
	if (failure.class === "context-overflow") {
		return { status, headers, body: errorBody(errorType, overflowMessage(failure, context), requestId) };
	}
	if (retryAfter !== undefined && clientRetries) headers["retry-after"] = String(Math.ceil(retryAfter));
	headers["x-should-retry"] = String(clientRetries && (retryAfter ?? 0) <= MAX_CLIENT_WAIT_SECONDS);
	const until = retryAfter === undefined ? "" : ` until ${clockTime(retryAfter)}`;
	const message = `${failure.message}\n${failure.advice ?? remedy(context)}${until} [${context.profile}/${context.model}]`;
	return { status, headers, body: errorBody(errorType, message, requestId) };
}

/**
 * The messages on which Claude Code compacts the conversation, or, where input and output together are too long, lowers
 * max_tokens and sends the request again. All numbers are the provider's: without both, Claude Code compacts the whole
 * conversation (measured with 2.1.332).
 */
function overflowMessage(failure: Failure, context: FailureContext): string {
	const { tokens, maximum, output } = failure;
	const original = `\n${failure.message} [${context.profile}/${context.model}]`;
	if (tokens === undefined || maximum === undefined) return `prompt is too long${original}`;
	if (output !== undefined && maximum - tokens >= MIN_OUTPUT_TOKENS) {
		return `input length and \`max_tokens\` exceed context limit: ${tokens} + ${output} > ${maximum}${original}`;
	}
	return `prompt is too long: ${tokens} tokens > ${maximum} maximum${original}`;
}
