import type { FailureClass } from "./failure-class.ts";

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
