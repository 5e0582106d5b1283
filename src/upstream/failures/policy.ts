import type { ResponsibleParty } from "../../protocol/divergence.ts";
import type { ErrorType } from "../../protocol/errors.ts";

/** What a remedy is about. */
export interface RemedyContext {
	/** Name of the profile, or the host of an address that was given without one. */
	profile: string;
	model: string;
	/** There is no profile that `cc-any profiles show` could show. */
	isAddress?: boolean | undefined;
}

/** Everything that follows from the class of a failure. */
export interface FailurePolicy {
	/** Anthropic's own for such a failure. */
	status: number;
	errorType: ErrorType;
	/** For Claude Code, where another status than Anthropic's makes it show the message at once. */
	claudeCodeStatus?: number;
	/** Whether Claude Code's own retries can help; sent as `x-should-retry`. */
	clientRetries: boolean;
	/** What the user can do; follows the provider's message in the reply. */
	remedy: (context: RemedyContext) => string;
	/** Retries of one target inside one exchange. */
	retries: number;
	/** What it means for the target: it may be down, it accepts fewer requests, or nothing. */
	health: "down" | "limited" | "unknown";
	/** Whether headers or message may say when to retry. In other classes a number in the message means something else. */
	mayNameWait: boolean;
	/** Another target may not have this failure. */
	fallback: boolean;
	/** The provider or the account was unavailable: says nothing about the model that `cc-any check` examines. */
	outage: boolean;
	/** For `trace explain`: who departed from what was expected, what that is, and where it is written down. */
	verdict: ResponsibleParty;
	expected: string;
	/** Default: the error page of the Messages API. */
	source?: string;
}

/**
 * Claude Code sends a 400 again in five to seven further forms, and switches ToolSearch off for the session. It shows
 * the message of a 424 (the status of a request that failed because another one did) after one request, in print mode
 * and in a session (measured with 2.1.197 and 2.1.332).
 */
export const SHOWN_AT_ONCE = 424;

/** The same request fails again, and its form is the reason: Claude Code itself may change it. */
export const REFUSED = {
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
export const PASSING = {
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
export const ACCIDENT = { ...PASSING, retries: 1, mayNameWait: false, outage: false } as const;
export const LIMITED = { ...PASSING, status: 429, errorType: "rate_limit_error", health: "limited" } as const;
/** The same request fails again, whatever its form. */
export const HOPELESS = { ...REFUSED, claudeCodeStatus: SHOWN_AT_ONCE } as const;
export const UNPAID = { ...REFUSED, status: 402, errorType: "billing_error", fallback: true, outage: true } as const;
