import type { ErrorType } from "../../protocol/errors.ts";

/** Everything that follows from the class of a failure. */
export interface FailurePolicy {
	/** Of the reply to Claude Code. */
	status: number;
	errorType: ErrorType;
	/** Whether Claude Code's own retries can help; sent as `x-should-retry`. */
	clientRetries: boolean;
	/** What the user can do; follows the provider's message in the reply. */
	remedy: (target: { profile: string; model: string }) => string;
	/** Retries of one target inside one exchange. */
	retries: number;
	/** What it says about the target: it may be down, it accepts fewer requests, or nothing. */
	health: "down" | "limited" | "unknown";
	/** Whether headers or message may say when to retry. In other classes a number in the message means something else. */
	mayNameWait: boolean;
	/** Another target may not have this failure. */
	fallback: boolean;
	/** The provider or the account was unavailable: says nothing about the model that `cc-any check` examines. */
	outage: boolean;
	/** For `trace explain`: who departed from what was expected, what that is, and where it is written down. */
	verdict: "client" | "proxy" | "provider" | "model";
	expected: string;
	/** Default: the error page of the Messages API. */
	source?: string;
}

/** The same request fails again: it is refused at once, and Claude Code shows the message. */
const REFUSED = {
	status: 400,
	errorType: "invalid_request_error",
	clientRetries: false,
	retries: 0,
	health: "unknown",
	mayNameWait: false,
	fallback: false,
	outage: false,
	verdict: "provider",
} as const satisfies Partial<FailurePolicy>;

/** The same request may succeed later or elsewhere. */
const PASSING = {
	status: 500,
	errorType: "api_error",
	clientRetries: true,
	retries: 4,
	health: "down",
	mayNameWait: true,
	fallback: true,
	outage: true,
	verdict: "provider",
} as const satisfies Partial<FailurePolicy>;

/** A fault of this one reply. Each retry costs the whole prompt. */
const ACCIDENT = { ...PASSING, retries: 1, mayNameWait: false, outage: false } as const;
const LIMITED = { ...PASSING, status: 429, errorType: "rate_limit_error", health: "limited" } as const;
const UNPAID = { ...REFUSED, fallback: true, outage: true } as const;

const otherProfile = "or use another profile: cc-any profiles";

/**
 * The statuses are those to which Claude Code reacts best (measured with 2.1.197 to 2.1.332): it retries 408, 409, 429
 * and 5xx up to ten times, shows 400, 402 and 403 at once, reports a 403 as "failed to authenticate", hides the text of
 * a 404 behind "an issue with the selected model", and compacts on `prompt is too long` in a 400.
 */
const TABLE = {
	/** Too many requests or tokens per minute. */
	"rate-limit": {
		...LIMITED,
		remedy: ({ profile }) => `${profile} limits the rate`,
		expected: "a request within the rate limit of the account",
	},
	/** Too many requests at once; passes in seconds. */
	concurrency: {
		...LIMITED,
		remedy: ({ profile }) => `too many requests at once for ${profile}: lower limits.concurrency in the profile`,
		expected: "no more requests at once than the account may send",
	},
	/** The provider has no capacity. */
	overloaded: {
		...PASSING,
		status: 529,
		errorType: "overloaded_error",
		remedy: ({ profile }) => `${profile} has no capacity now`,
		expected: "a provider with capacity",
	},
	/** A plan or budget is used up until it resets. */
	quota: {
		...UNPAID,
		remedy: () => `the plan is used up: wait for its reset, ${otherProfile}`,
		mayNameWait: true,
		expected: "a plan that is not used up",
	},
	balance: {
		...UNPAID,
		status: 402,
		errorType: "billing_error",
		remedy: ({ profile }) => `add money to the account of ${profile}, ${otherProfile}`,
		expected: "an account with money",
	},
	auth: {
		...REFUSED,
		status: 401,
		errorType: "authentication_error",
		remedy: ({ profile }) => `check the key: cc-any profiles show ${profile}`,
		outage: true,
		verdict: "client",
		expected: "a valid key",
		source: "the profile's key",
	},
	permission: {
		...REFUSED,
		status: 403,
		errorType: "permission_error",
		remedy: ({ profile }) => `the account of ${profile} may not do this`,
		verdict: "client",
		expected: "an account that may do this",
		source: "the provider's account",
	},
	"model-not-found": {
		...REFUSED,
		remedy: ({ profile, model }) => `${profile} does not serve ${model}: cc-any profiles show ${profile}`,
		fallback: true,
		verdict: "proxy",
		expected: "a model that the provider serves",
		source: "the profile's models",
	},
	/** The prompt does not fit the context window. `failureResponse` words the reply. */
	"context-overflow": {
		...REFUSED,
		remedy: () => "",
		verdict: "client",
		expected: "a conversation that fits into the window",
		source: "contextWindow of the model in the profile",
	},
	/** The requested output limit is higher than the model allows. */
	"max-tokens": {
		...REFUSED,
		remedy: ({ model }) => `set maxOutput of ${model} in the profile`,
		verdict: "proxy",
		expected: "an output limit that the provider accepts",
		source: "maxOutput in the profile",
	},
	/** A field or a value that this provider does not know. */
	"unsupported-parameter": {
		...REFUSED,
		remedy: ({ profile }) => `a quirk of ${profile} is missing in its profile: cc-any profiles show ${profile}`,
		verdict: "proxy",
		expected: "only fields that the provider accepts",
		source: "the profile's quirks: one is missing",
	},
	/** Earlier reasoning was not sent back, or not in the form that the provider requires. */
	"reasoning-missing": {
		...REFUSED,
		remedy: () => "start a new session, or /compact",
		verdict: "client",
		expected: "reasoning with each earlier turn",
		source: "quirk `reasoningRequired` of the profile, which names its own source",
	},
	/** Encrypted reasoning or a thought signature that was sent back is not accepted (any more). */
	"reasoning-refused": {
		...REFUSED,
		remedy: () => "start a new session, or /compact",
		expected: "earlier reasoning that its provider accepts back",
		source: "platform.openai.com/docs/api-reference/responses",
	},
	/** The model is served on another wire, for example Responses. */
	"wrong-dialect": {
		...REFUSED,
		remedy: ({ model }) => `${model} needs another wire than the one of this profile`,
		verdict: "proxy",
		expected: "the wire that the model needs",
		source: "dialect in the profile",
	},
	"content-filter": {
		...REFUSED,
		remedy: ({ profile }) => `refused by the content filter of ${profile}`,
		expected: "content that the provider's filter passes",
		source: "the provider's own policy",
	},
	"bad-request": {
		...REFUSED,
		remedy: ({ profile }) => `refused by ${profile}`,
		verdict: "proxy",
		expected: "a request that the provider accepts",
	},
	/** A server error that a retry may cure. */
	transient: {
		...PASSING,
		remedy: ({ profile }) => `a server error of ${profile}`,
		expected: "a server without errors",
	},
	deterministic: {
		...REFUSED,
		remedy: ({ profile }) => `${profile} fails on this request each time`,
		expected: "an answer: the same request fails each time",
	},
	"tool-use-failed": {
		...ACCIDENT,
		remedy: ({ model }) => `${model} wrote a tool call that its server could not read`,
		health: "unknown",
		fallback: false,
		verdict: "model",
		expected: "a tool call that its server can read",
		source: "platform.claude.com/docs/en/agents-and-tools/tool-use/implement-tool-use",
	},
	/** The server failed while it computed the reply (NaN): the request and the endpoint's health are fine. */
	"generation-failed": {
		...ACCIDENT,
		remedy: ({ profile }) => `${profile} failed while it computed the reply`,
		health: "unknown",
		expected: "a reply that is computed without a fault",
	},
	network: {
		...PASSING,
		status: 502,
		remedy: ({ profile }) => `no connection to ${profile}: check its address and the network`,
		mayNameWait: false,
		expected: "a connection",
		source: "RFC 9110",
	},
	/** The reply ended before it was complete. */
	truncated: {
		...PASSING,
		status: 502,
		remedy: ({ profile }) => `the connection to ${profile} broke`,
		mayNameWait: false,
		outage: false,
		expected: "a reply up to its end",
		source: "platform.claude.com/docs/en/build-with-claude/streaming: message_stop",
	},
} as const satisfies Readonly<Record<string, FailurePolicy>>;

export type FailureClass = keyof typeof TABLE;

export const FAILURES: Readonly<Record<FailureClass, FailurePolicy>> = TABLE;

/** The policy of the class that the text of a record begins with (`rate-limit: …`); undefined for a bug of cc-any. */
export function policyNamed(name: string): FailurePolicy | undefined {
	const all: Readonly<Record<string, FailurePolicy>> = FAILURES;
	return Object.hasOwn(all, name) ? all[name] : undefined;
}
