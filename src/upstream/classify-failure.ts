import type { FailureSource } from "./failure.ts";

/** What a failure means for what happens next. */
export type FailureClass =
	| "rate-limit"
	| "overloaded"
	| "quota"
	| "balance"
	| "auth"
	| "permission"
	| "model-not-found"
	| "context-overflow"
	| "max-tokens"
	| "content-filter"
	| "bad-request"
	| "transient"
	| "network";

export interface Failure {
	class: FailureClass;
	/** The provider's own words. */
	message: string;
	/** HTTP status as it came; 200 for an error inside a reply, 0 when there was no reply. */
	status: number;
	/** Seconds the provider asked to wait; undefined when it did not say. Never invented. */
	retryAfter?: number | undefined;
	requestId?: string | undefined;
	/** Tokens of the request and of the window, where an overflow message tells them. */
	tokens?: number | undefined;
	maximum?: number | undefined;
}

/** One row: what is looked for in the message or error code, and what it means. The first match counts. */
interface FailureRule {
	class: FailureClass;
	pattern: RegExp;
	/** Statuses the row applies to; all when absent. */
	status?: readonly number[];
}

const RULES: readonly FailureRule[] = [
	{ class: "context-overflow", pattern: /prompt is too long|context_length_exceeded|maximum context length/i },
	{ class: "context-overflow", pattern: /exceed_context_size_error|exceeds the available context size/i },
	{ class: "balance", pattern: /insufficient[_ ]balance|balance is insufficient/i },
	{ class: "quota", pattern: /insufficient_quota|exceeded_current_quota_error/i },
	{ class: "overloaded", pattern: /overloaded/i },
	{ class: "rate-limit", pattern: /rate[_ ]limit|too many requests/i },
];

const CLASS_BY_STATUS: Readonly<Record<number, FailureClass>> = {
	0: "network",
	401: "auth",
	402: "balance",
	403: "permission",
	404: "model-not-found",
	413: "context-overflow",
	429: "rate-limit",
	503: "overloaded",
	529: "overloaded",
};

/** Says what a failed attempt means: first the table, then the status, else bad request (4xx) or transient. */
export function classifyFailure(source: FailureSource): Failure {
	const { message, code } = readErrorBody(source.body);
	const text = `${code} ${message}`;
	const rule = RULES.find((row) => (row.status?.includes(source.status) ?? true) && row.pattern.test(text));
	const fallback = source.status >= 400 && source.status < 500 ? "bad-request" : "transient";
	return {
		class: rule?.class ?? CLASS_BY_STATUS[source.status] ?? fallback,
		message,
		status: source.status,
		retryAfter: retryAfterSeconds(source.headers["retry-after"]),
		requestId: source.headers["request-id"] ?? source.headers["x-request-id"],
	};
}

/** The message and the code or type of an error body in any vendor's form; the body itself when it is not JSON. */
function readErrorBody(body: string): { message: string; code: string } {
	let parsed: unknown;
	try {
		parsed = JSON.parse(body);
	} catch (error) {
		if (!(error instanceof SyntaxError)) throw error;
		return { message: body.trim(), code: "" };
	}
	const first = Array.isArray(parsed) ? parsed[0] : parsed;
	const outer = asRecord(first);
	const inner = asRecord(outer["error"]);
	const message = inner["message"] ?? outer["message"] ?? outer["error"] ?? outer["detail"] ?? body;
	const codes = [inner["code"], inner["type"], outer["code"], outer["type"]];
	return {
		message: typeof message === "string" ? message : JSON.stringify(message),
		code: codes.filter((value) => value !== undefined && value !== null).join(" "),
	};
}

function asRecord(value: unknown): Record<string, unknown> {
	return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function retryAfterSeconds(header: string | undefined): number | undefined {
	const seconds = Number(header);
	return header !== undefined && Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined;
}
