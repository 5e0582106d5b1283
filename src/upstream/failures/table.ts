import { CONNECTION_FAILURES } from "./connection-failures.ts";
import { ACCIDENT, type FailurePolicy, HOPELESS, LIMITED, PASSING, REFUSED, UNPAID } from "./policy.ts";

const otherProfile = "or use another profile: cc-any profiles";

/**
 * The statuses are those to which Claude Code reacts best (measured with 2.1.197 to 2.1.332, docs/resilience.md): it
 * retries 408, 409, 429 and 5xx up to ten times, sends a 400 again in other forms, shows 402 and 424 at once, reports a
 * 401 and a 403 as "failed to authenticate", says "an issue with the selected model" in place of the text of a 404, and
 * compacts on `prompt is too long` in a 400.
 */
const TABLE = {
	/** Too many requests or tokens per minute. */
	"rate-limit": {
		...LIMITED,
		remedy: ({ profile }) => `${profile} limits the rate`,
		expected: "a request within the account's rate limit",
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
		remedy: ({ profile }) => `add money to the account of ${profile}, ${otherProfile}`,
		expected: "an account with money",
	},
	/** The user's own limit in the profile. */
	budget: {
		...UNPAID,
		remedy: () => "raise `limits` in the profile",
		fallback: false,
		outage: false,
		verdict: "client",
		expected: "a budget that is not used up",
		source: "limits in the profile",
	},
	auth: {
		...REFUSED,
		status: 401,
		errorType: "authentication_error",
		remedy: ({ profile, isAddress }) =>
			isAddress
				? "check the key: --key-env names the variable that holds it"
				: `check the key: cc-any profiles show ${profile}`,
		outage: true,
		verdict: "client",
		expected: "a valid key",
		source: "the profile's key",
	},
	permission: {
		...REFUSED,
		status: 403,
		errorType: "permission_error",
		remedy: ({ profile }) => `the account of ${profile} is not allowed to do this`,
		verdict: "client",
		expected: "an account that may do this",
		source: "the provider's account",
	},
	"model-not-found": {
		...REFUSED,
		status: 404,
		errorType: "not_found_error",
		remedy: ({ profile, model, isAddress }) =>
			`${profile} does not serve ${model}${isAddress ? "" : `: cc-any profiles show ${profile}`}`,
		fallback: true,
		verdict: "cc-any",
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
		verdict: "cc-any",
		expected: "an output limit that the provider accepts",
		source: "maxOutput in the profile",
	},
	/** A field or a value that this provider does not know. */
	"unsupported-parameter": {
		...REFUSED,
		remedy: ({ profile, isAddress }) =>
			isAddress
				? `${profile} rejects part of the request`
				: `the profile of ${profile} lacks a quirk: cc-any profiles show ${profile}`,
		verdict: "cc-any",
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
		...HOPELESS,
		remedy: ({ model }) => `${model} needs another wire format than this profile uses`,
		verdict: "cc-any",
		expected: "the wire that the model needs",
		source: "dialect in the profile",
	},
	/** No API answers at this path: a base URL without `/v1`, a login page, a redirect. */
	"wrong-address": {
		...HOPELESS,
		fallback: true,
		status: 404,
		errorType: "not_found_error",
		remedy: () => "check the base URL",
		verdict: "client",
		expected: "an address that answers in the wire of its dialect",
		source: "baseUrl and dialect of the profile",
	},
	"content-filter": {
		...HOPELESS,
		remedy: ({ profile }) => `refused by the content filter of ${profile}`,
		expected: "content that the provider's filter passes",
		source: "the provider's own policy",
	},
	"bad-request": {
		...REFUSED,
		remedy: ({ profile }) => `refused by ${profile}`,
		verdict: "cc-any",
		expected: "a request that the provider accepts",
	},
	/** A server error that a retry may cure. */
	transient: {
		...PASSING,
		remedy: ({ profile }) => `a server error of ${profile}`,
		expected: "a server without errors",
	},
	deterministic: {
		...HOPELESS,
		remedy: ({ profile }) => `${profile} fails on this request each time`,
		expected: "an answer: the same request fails each time",
	},
	/** A turn without a word and without a tool call. */
	"empty-turn": {
		...HOPELESS,
		remedy: ({ model }) => `rephrase the request, or use another model than ${model}`,
		retries: 1,
		verdict: "model",
		expected: "an answer or a tool call",
		source: "platform.claude.com/docs/en/api/messages",
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
	/** The server failed while generating the reply (NaN): the request and the endpoint's health are fine. */
	"generation-failed": {
		...ACCIDENT,
		remedy: ({ profile }) => `${profile} failed while generating the reply`,
		health: "unknown",
		expected: "a reply that is generated without a failure",
	},
	...CONNECTION_FAILURES,
} as const satisfies Readonly<Record<string, FailurePolicy>>;

export type FailureClass = keyof typeof TABLE;

export const FAILURES: Readonly<Record<FailureClass, FailurePolicy>> = TABLE;

/** The policy of the class that the text of a record begins with (`rate-limit: …`); undefined for a bug of cc-any. */
export function policyNamed(name: string): FailurePolicy | undefined {
	const all: Readonly<Record<string, FailurePolicy>> = FAILURES;
	return Object.hasOwn(all, name) ? all[name] : undefined;
}
