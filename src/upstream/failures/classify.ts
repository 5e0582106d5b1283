import { asObject } from "../../platform/json.ts";
import { readErrorBody } from "./error-body.ts";
import type { FailureSource } from "./failure.ts";
import { readOverflow } from "./overflow.ts";
import { retryHint } from "./retry-hint.ts";
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
	/** Tokens of the prompt, of the context window and of the requested output, where an overflow message names them. */
	tokens?: number | undefined;
	maximum?: number | undefined;
	output?: number | undefined;
	/** Highest output limit that the model allows, where a `max-tokens` message names it. */
	ceiling?: number | undefined;
	/** Path of the refused body field, where an `unsupported-parameter` error names it. */
	parameter?: string | undefined;
	/** Text of a tool call that the server could not parse (Groq). */
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
 * Classifies a failed attempt: by an overflow message, else by the first wording that matches, else by the status. An
 * unknown 4xx is a bad request, everything else unknown is transient.
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
		...(failureClass === "unsupported-parameter" && {
			parameter: errorField(json, "param") ?? parameterInMessage(message),
		}),
		...(failureClass === "tool-use-failed" && { failedGeneration: errorField(json, "failed_generation") }),
		...(FAILURES[failureClass].mayNameWait && { retryAfter: retryHint(source.headers, message, json, now) }),
	};
}

/** Codex-style endpoints name the parameter in FastAPI's `detail` only. */
function parameterInMessage(message: string): string | undefined {
	return /unsupported parameter: ['"`]?([\w.]+)/i.exec(message)?.[1];
}

function classOf(source: FailureSource, codes: string, message: string): FailureClass {
	if (source.class) return source.class;
	const text = `${codes} ${message}`.trim();
	const wording = FAILURE_WORDINGS.find(({ pattern }) => pattern.test(text));
	if (wording) return wording.class;
	// Cerebras answers an overflow with 400 or 413 and an empty body.
	if ((source.status === 400 || source.status === 413) && source.body.trim() === "") return "context-overflow";
	return CLASS_BY_STATUS[source.status] ?? (source.status >= 400 && source.status < 500 ? "bad-request" : "transient");
}

/** llama.cpp sends the numbers as fields: `n_prompt_tokens` and `n_ctx`. */
function contextNumbers(json: Record<string, unknown> | undefined): Pick<Failure, "tokens" | "maximum"> {
	const { n_prompt_tokens: tokens, n_ctx: maximum } = asObject(json?.["error"]);
	const number = (value: unknown) => (typeof value === "number" ? value : undefined);
	return { tokens: number(tokens), maximum: number(maximum) };
}

/** The number in `the valid range of max_tokens is [1, 8192]`, `at most 16384`, `<= 4096`. */
function readCeiling(message: string): number | undefined {
	const match =
		/\[\s*\d+\s*,\s*(\d+)\s*\]/.exec(message) ??
		/(?:at most|less than or equal to|<=|maximum (?:value )?(?:of|is)?|up to|limit of) ?(\d+)/i.exec(message);
	return match?.[1] === undefined ? undefined : Number(match[1]);
}

function errorField(json: Record<string, unknown> | undefined, name: string): string | undefined {
	const text = asObject(json?.["error"])[name];
	return typeof text === "string" ? text : undefined;
}
