import { type ProviderError, readErrorBody } from "./error-body.ts";
import type { FailureSource } from "./failure.ts";
import { type Limit, readLimit } from "./limits.ts";
import { classOfMissing, classOfOther404 } from "./missing-route.ts";
import { classOfNetworkError } from "./network-codes.ts";
import { type Refusal, readRefusal } from "./refusal.ts";
import { withoutEcho } from "./refused-fields.ts";
import { retryHint } from "./retry-hint.ts";
import { isAboutRequest, quotaClass, statedStatus } from "./stated-status.ts";
import { FAILURES, type FailureClass } from "./table.ts";
import { FAILURE_WORDINGS } from "./wordings.ts";

/** What a failed attempt means. */
export interface Failure {
	class: FailureClass;
	/** The provider's message. */
	message: string;
	/** HTTP status; 200 for an error inside a reply, 0 when there was no reply. */
	status: number;
	/** Seconds that the provider asked to wait; undefined when it named none. Never a guess. */
	retryAfter?: number | undefined;
	/** The provider asked not to send the same request again (`x-should-retry: false`). */
	final?: boolean | undefined;
	requestId?: string | undefined;
	/** What to do about it, if more is known than the class says. */
	advice?: string | undefined;
	/** The token limit that the request exceeded, with the provider's numbers. */
	limit?: Limit | undefined;
	/** The fields, values or parts of the request that the endpoint refuses. */
	refusal?: Refusal | undefined;
	/** Tokens of the prompt, of the context window and of the requested output, if an overflow message names them. */
	tokens?: number | undefined;
	maximum?: number | undefined;
	output?: number | undefined;
	/** Highest output limit that the model allows, if a `max-tokens` message names it. */
	ceiling?: number | undefined;
	/** Path of the refused body field, if an `unsupported-parameter` error names it. */
	parameter?: string | undefined;
	/** Text of a tool call that the server could not parse (Groq). */
	failedGeneration?: string | undefined;
}

/** What a status means if no wording matches. */
const CLASS_BY_STATUS: Readonly<Record<number, FailureClass>> = {
	200: "transient",
	401: "auth",
	402: "balance",
	403: "permission",
	451: "permission",
	408: "transient",
	409: "transient",
	413: "context-overflow",
	// Bedrock: "The system encountered an unexpected error during processing. Try again your request."
	424: "transient",
	425: "transient",
	429: "rate-limit",
	434: "permission",
	435: "permission",
	498: "overloaded",
	503: "overloaded",
	529: "overloaded",
};

/** Statuses with which servers refuse a field or a part of the conversation; llama.cpp sends 500. */
const REFUSING_STATUSES = new Set([200, 400, 403, 404, 413, 415, 422, 500, 501]);

/**
 * Classifies a failed attempt: by its structure (the stated status, Google's quota details), by a token limit, by the
 * first wording that matches, by what is refused, else by the status. An unknown 4xx is a bad request, everything else
 * unknown is transient.
 */
export function classifyFailure(source: FailureSource, now = Date.now()): Failure {
	const body = readErrorBody(source.body);
	const status = source.class === undefined ? statedStatus(source.status, body.layers, body.message) : source.status;
	const failure: Failure = {
		class: "transient",
		message: body.message || `HTTP ${source.status} without a body`,
		status: source.status,
		final: source.final || source.headers["x-should-retry"] === "false" || undefined,
		requestId: body.requestId ?? source.headers["request-id"] ?? source.headers["x-request-id"],
	};
	if (source.class !== undefined) return withDetails({ ...failure, class: source.class }, source, body, now);
	if (status === 0) return { ...failure, class: classOfNetworkError(body.message) ?? "network" };
	const quota = quotaClass(body.layers, body.codes);
	if (quota !== undefined) return withDetails({ ...failure, class: quota }, source, body, now);
	// A word of the conversation must never be read as the provider's.
	const said = { ...body, message: withoutEcho(body.message) };
	const limit = status === 401 ? undefined : readLimit({ ...said, status, maxTokens: source.maxTokens });
	if (limit) return { ...failure, ...classOfLimit(limit), limit };
	const refusal = REFUSING_STATUSES.has(status) ? readRefusal(body) : undefined;
	const failureClass = classOf(source, status, said, refusal);
	return withDetails({ ...failure, class: failureClass, ...(refusal && { refusal }) }, source, body, now);
}

/** Adds the details that only some classes have. */
function withDetails(failure: Failure, source: FailureSource, body: ProviderError, now: number): Failure {
	const { refusal } = failure;
	// A number out of bounds does not mean that the field is unsupported.
	const isOutOfBounds = refusal?.minimum !== undefined || refusal?.maximum !== undefined;
	const named = isOutOfBounds ? undefined : namedParameter(body);
	// Google sends a RetryInfo of seconds even if the quota of the day is used up.
	const layers =
		failure.class === "quota" ? body.layers.filter((layer) => layer["retryDelay"] === undefined) : body.layers;
	return {
		...failure,
		...(failure.class === "context-overflow" && { limit: { kind: "prompt-too-long" } }),
		...(failure.class === "unsupported-parameter" && { parameter: named }),
		...(failure.class === "tool-use-failed" && { failedGeneration: textField(body, "failed_generation") }),
		...(FAILURES[failure.class].mayNameWait && {
			retryAfter: retryHint(source.headers, body.message, layers, now),
		}),
	};
}

/** Codex-style endpoints name the parameter in FastAPI's `detail` only. */
function namedParameter(body: ProviderError): string | undefined {
	const param = textField(body, "param");
	if (param !== undefined && /^[\w.[\]-]+$/.test(param)) return param;
	return /unsupported parameter: ['"`]?([\w.]+)/i.exec(body.message)?.[1];
}

function textField({ layers }: ProviderError, name: string): string | undefined {
	return layers.map((layer) => layer[name]).find((value) => typeof value === "string");
}

/** Only a limit of the model's output is `max-tokens`; a limit shared with the prompt is an overflow. */
function classOfLimit(limit: Limit): Pick<Failure, "class" | "tokens" | "maximum" | "output" | "ceiling"> {
	if (limit.kind === "cannot-afford") return { class: "balance" };
	const { tokens, window: maximum } = limit;
	if (limit.kind === "prompt-too-long") return { class: "context-overflow", tokens, maximum };
	const { requested: output, ceiling } = limit;
	const isCeiling = ceiling !== undefined || maximum === undefined;
	return { class: isCeiling ? "max-tokens" : "context-overflow", tokens, maximum, output, ceiling };
}

function classOf(
	source: FailureSource,
	status: number,
	body: ProviderError,
	refusal: Refusal | undefined,
): FailureClass {
	const { codes, message } = body;
	const text = `${codes} ${message}`.trim();
	const aboutRequest = isAboutRequest(status, codes);
	// `provider_unavailable` is the gateway's code for a 400 that it quotes.
	const isQuoted = source.status >= 500 && status < 500;
	const missing = classOfMissing(source, status, body);
	if (missing === "intercepted") return missing;
	// "models/x is not found for API version v1beta, or is not supported for generateContent" refuses no parameter.
	if (missing && status === 404) return missing;
	const rule = FAILURE_WORDINGS.find((row) => {
		// A vendor's number may be another vendor's too: 1002 is MiniMax's rate limit and Zhipu's invalid token (401).
		const isStated = status !== 401 && !isQuoted && row.pattern.test(codes);
		if (!isStated && !row.pattern.test(text)) return false;
		// A chat template that refuses a role or a part: another form of the request may pass.
		if (row.class === "deterministic" && refusal) return false;
		// If the error is about the request, words alone mean neither an outage nor a rate limit, nor a missing model
		// when a field is named. "Unavailable in your region" (403) is no outage either.
		const isOutage = FAILURES[row.class].health !== "unknown";
		if (status === 403 && row.class === "overloaded") return isStated;
		return isStated || !aboutRequest || !(isOutage || (row.class === "model-not-found" && refusal));
	});
	if (rule) return rule.class;
	if (missing) return missing;
	if (refusal) return "unsupported-parameter";
	if (status === 404) return classOfOther404(source, body);
	// Cerebras answers an overflow with 400 or 413 and an empty body.
	const isEmpty = source.body.trim() === "" || /^\d{3} status code \(no body\)$/.test(message);
	if ((status === 400 || status === 413) && isEmpty) return "context-overflow";
	return CLASS_BY_STATUS[status] ?? (status >= 400 && status < 500 ? "bad-request" : "transient");
}
