import { readErrorBody } from "./error-body.ts";
import type { FailureSource } from "./failure.ts";
import { readOverflow } from "./overflow.ts";
import { retryHint } from "./retry-hint.ts";
import { FAILURES, type FailureClass } from "./table.ts";
import { FAILURE_WORDINGS } from "./wordings.ts";

export interface Failure {
	class: FailureClass;
	/** The provider's own words. */
	message: string;
	/** HTTP status as it came; 200 for an error inside a reply, 0 when there was no reply. */
	status: number;
	/** Seconds the provider asked to wait; undefined when it did not say. Never invented. */
	retryAfter?: number | undefined;
	/** The provider said itself that the same request will not succeed (`x-should-retry: false`). */
	final?: boolean | undefined;
	requestId?: string | undefined;
	/** Tokens of the prompt, of the window and of the output asked for, where an overflow message tells them. */
	tokens?: number | undefined;
	maximum?: number | undefined;
	output?: number | undefined;
	/** Highest output limit, where a `max-tokens` message tells it. */
	ceiling?: number | undefined;
	/** Path of the body field that is refused, where an `unsupported-parameter` error names it. */
	parameter?: string | undefined;
	/** Text of a tool call that the server could not read (Groq). */
	failedGeneration?: string | undefined;
}

/** What a status means where no wording matches. */
const CLASS_BY_STATUS: Readonly<Record<number, FailureClass>> = {
	0: "network",
	200: "transient",
	401: "auth",
	402: "balance",
	403: "permission",
	404: "model-not-found",
	408: "transient",
	409: "transient",
	413: "context-overflow",
	425: "transient",
	429: "rate-limit",
	434: "permission",
	435: "permission",
	498: "overloaded",
	503: "overloaded",
	529: "overloaded",
};

/**
 * Says what a failed attempt means. In this order: an overflow message, the first row of the table that matches, the
 * status; an unknown 4xx is a bad request, anything else is transient.
 */
export function classifyFailure(source: FailureSource, now = Date.now()): Failure {
	const { message, codes, json, requestId } = readErrorBody(source.body);
	const failure: Failure = {
		class: "transient",
		message: message || `HTTP ${source.status} without a body`,
		status: source.status,
		final: source.headers["x-should-retry"] === "false" || undefined,
		requestId: requestId ?? source.headers["request-id"] ?? source.headers["x-request-id"],
	};
	const overflow = readOverflow(message);
	if (overflow) return { ...failure, class: "context-overflow", ...overflow };
	const failureClass = classOf(source, codes, message);
	return {
		...failure,
		class: failureClass,
		...(failureClass === "context-overflow" && contextNumbers(json)),
		...(failureClass === "max-tokens" && { ceiling: readCeiling(message) }),
		...(failureClass === "unsupported-parameter" && { parameter: errorField(json, "param") ?? namedIn(message) }),
		...(failureClass === "tool-use-failed" && { failedGeneration: errorField(json, "failed_generation") }),
		...(FAILURES[failureClass].mayNameWait && { retryAfter: retryHint(source.headers, message, json, now) }),
	};
}

/** The parameter that a message alone names: Codex-style endpoints answer with FastAPI's `detail`. */
function namedIn(message: string): string | undefined {
	return /unsupported parameter: ['"`]?([\w.]+)/i.exec(message)?.[1];
}

function classOf(source: FailureSource, codes: string, message: string): FailureClass {
	if (source.kind) return source.kind;
	const text = `${codes} ${message}`.trim();
	const rule = FAILURE_WORDINGS.find((row) => (row.status?.includes(source.status) ?? true) && row.pattern.test(text));
	if (rule) return rule.class;
	// Cerebras answers an overflow with 400 or 413 and an empty body (quirks.md 7).
	if ((source.status === 400 || source.status === 413) && source.body.trim() === "") return "context-overflow";
	return CLASS_BY_STATUS[source.status] ?? (source.status >= 400 && source.status < 500 ? "bad-request" : "transient");
}

/** llama.cpp: `n_prompt_tokens` and `n_ctx` tell the true numbers. */
function contextNumbers(json: Record<string, unknown> | undefined): Pick<Failure, "tokens" | "maximum"> {
	const error = json?.["error"] as Record<string, unknown> | undefined;
	const number = (value: unknown) => (typeof value === "number" ? value : undefined);
	return { tokens: number(error?.["n_prompt_tokens"]), maximum: number(error?.["n_ctx"]) };
}

/** `the valid range of max_tokens is [1, 8192]`, `at most 16384`, `<= 4096`: the largest number that is allowed. */
function readCeiling(message: string): number | undefined {
	const match =
		/\[\s*\d+\s*,\s*(\d+)\s*\]/.exec(message) ??
		/(?:at most|less than or equal to|<=|maximum (?:value )?(?:of|is)?|up to|limit of) ?(\d+)/i.exec(message);
	return match?.[1] === undefined ? undefined : Number(match[1]);
}

function errorField(json: Record<string, unknown> | undefined, name: string): string | undefined {
	const text = (json?.["error"] as Record<string, unknown> | undefined)?.[name];
	return typeof text === "string" ? text : undefined;
}
