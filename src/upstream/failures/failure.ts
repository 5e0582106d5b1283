import type { FailureClass } from "./table.ts";

/** What a failed attempt looked like from outside. Header names are lower case. */
export interface FailureSource {
	/** HTTP status; 200 when the error came inside a reply; 0 when no reply came at all. */
	status: number;
	headers: Readonly<Record<string, string>>;
	/** Body, error frame or network error text; never a key of ours. */
	body: string;
	/** Set where cc-any itself knows the class and nothing is left to read. */
	kind?: FailureClass;
}

/**
 * An attempt that failed: an HTTP error, an error object inside a 200 reply, a stream that broke, or no connection.
 * Decoders and `send` throw it, the exchange catches it; `classifyFailure` says what it means.
 */
export class UpstreamFailure extends Error {
	override name = "UpstreamFailure";
	readonly source: FailureSource;

	constructor(message: string, source: FailureSource, options?: ErrorOptions) {
		super(message, options);
		this.source = source;
	}

	/** An error object, or text that is no event, inside a stream or a reply with status 200. */
	static inReply(body: string): UpstreamFailure {
		return new UpstreamFailure("the provider sent an error inside its reply", { status: 200, headers: {}, body });
	}

	/** The reply ended before it was complete. `what` says what was missing. */
	static truncated(what: string): UpstreamFailure {
		const body = `the provider's reply ended early: ${what}`;
		return new UpstreamFailure(body, { status: 200, headers: {}, body, kind: "truncated" });
	}
}

function errorCode(error: unknown): string {
	return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** A network error as a failed attempt with status 0; the text names the code, as in `ECONNREFUSED`. */
export function networkFailure(error: unknown): UpstreamFailure {
	if (error instanceof UpstreamFailure) return error;
	const cause = error instanceof Error ? error : new Error(String(error));
	// A name with several addresses fails with one error for each, and with no words of its own.
	const first = cause instanceof AggregateError ? String(cause.errors[0]?.message ?? "") : "";
	const text = [errorCode(cause), cause.message || first].filter(Boolean).join(": ");
	return new UpstreamFailure(text, { status: 0, headers: {}, body: text }, { cause });
}
