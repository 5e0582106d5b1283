import type { FailureClass } from "./table.ts";

type Layers = readonly Readonly<Record<string, unknown>>[];

/** Fields in which an error states an HTTP status: 402 in `{"error":{"code":402}}` inside a 200 reply. */
const STATUS_FIELDS = ["code", "status_code", "http_code", "status", "error_code"] as const;

/** Statuses of the error types that Anthropic, OpenAI, Google and vLLM name. */
const STATUS_BY_TYPE: Readonly<Record<string, number>> = {
	invalid_request_error: 400,
	invalid_request: 400,
	INVALID_ARGUMENT: 400,
	BadRequestError: 400,
	authentication_error: 401,
	UNAUTHENTICATED: 401,
	billing_error: 402,
	permission_error: 403,
	PERMISSION_DENIED: 403,
	not_found_error: 404,
	NOT_FOUND: 404,
	NotFoundError: 404,
	request_too_large: 413,
	rate_limit_error: 429,
	RESOURCE_EXHAUSTED: 429,
	api_error: 500,
	server_error: 500,
	INTERNAL: 500,
	UNAVAILABLE: 503,
	overloaded_error: 529,
};

/**
 * A gateway's 5xx that quotes what its provider said of the request: `<400> InternalError.Algo.InvalidParameter`,
 * `predict request returned 400: {…}`, `Invalid status code: 400 Bad Request`. Not 401 and 403: those are about the
 * gateway's own key, and its next account may be accepted.
 */
const QUOTED_STATUS = /(?:<|\b(?:returned|status(?: code)?|error code|HTTP)\W{0,3})(400|404|413|422|429)\b/i;

/**
 * The status of an error: that of the reply, the one that a gateway quotes, or, inside a 200 reply, the one that its code
 * or type states.
 */
export function statedStatus(status: number, layers: Layers, message: string): number {
	if (status >= 500) return Number(QUOTED_STATUS.exec(message)?.[1] ?? status);
	if (status !== 200) return status;
	const values = layers.flatMap((layer) => STATUS_FIELDS.map((name) => layer[name]));
	const code = values.map(Number).find((value) => Number.isInteger(value) && value >= 400 && value <= 599);
	if (code !== undefined) return code;
	const types = layers.flatMap((layer) => [layer["type"], layer["status"]]);
	const type = types.find(
		(value): value is string => typeof value === "string" && Object.hasOwn(STATUS_BY_TYPE, value),
	);
	if (type !== undefined) return STATUS_BY_TYPE[type] ?? status;
	// `data: 429 Too Many Requests`
	const text = /^\W{0,3}([45]\d\d)\b/.exec(message)?.[1];
	return text === undefined ? status : Number(text);
}

/** Statuses of 4xx with which providers also report limits and outages. */
const LIMIT_STATUSES = new Set([402, 403, 408, 409, 424, 425, 429, 498]);

/** Whether an error is about this request or its key, so that its wording says nothing about the provider's health. */
export function isAboutRequest(status: number, codes: string): boolean {
	const isOwnFault = status >= 400 && status < 500 && !LIMIT_STATUSES.has(status);
	return isOwnFault || /\b(?:invalid_request_error|INVALID_ARGUMENT|BadRequestError)\b/.test(codes);
}

/**
 * Google says "You exceeded your current quota" both for a limit per minute and for a plan that is used up for the day.
 * `QuotaFailure`, `ErrorInfo` and `RetryInfo` distinguish them; undefined without any of these.
 */
export function quotaClass(layers: Layers, codes: string): FailureClass | undefined {
	if (!/\bRESOURCE_EXHAUSTED\b/.test(codes)) return undefined;
	const values = (name: string) =>
		layers
			.map((layer) => layer[name])
			.filter((value) => value !== undefined)
			.map(String);
	const limits = [...values("quotaId"), ...values("quota_limit"), ...values("limit_name")];
	const reasons = values("reason");
	// Vertex AI sends a limit of 0 with RATE_LIMIT_EXCEEDED for a region without capacity.
	const isZero = [...values("quotaValue"), ...values("quota_limit_value")].includes("0");
	const isPlan =
		limits.some((limit) => /per_?day|per_?month/i.test(limit)) ||
		(isZero && !reasons.includes("RATE_LIMIT_EXCEEDED")) ||
		reasons.includes("QUOTA_EXHAUSTED");
	if (isPlan) return "quota";
	const isShort = limits.some((limit) => /per_?(?:minute|second|hour)/i.test(limit)) || values("retryDelay").length > 0;
	return isShort ? "rate-limit" : undefined;
}
