import { withoutSecrets } from "../../platform/secrets.ts";
import type { FailureClass } from "./table.ts";

/** A failed attempt as it was received. Header names are lower case. */
export interface FailureSource {
	/** HTTP status; 200 for an error inside a reply, 0 when there was no reply. */
	status: number;
	headers: Readonly<Record<string, string>>;
	/** Body, error frame or text of a network error. */
	body: string;
	/** The class, where cc-any knows it without reading the body. */
	class?: FailureClass;
	/** The reply is a page for people, though its status is 200. */
	isPage?: boolean | undefined;
	/** The model of the request. */
	model?: string | undefined;
	/** The output limit of the request: some servers state only the sum of prompt and output. */
	maxTokens?: number | undefined;
	/** Sending the request again cannot help, whatever the class says. */
	final?: boolean | undefined;
}

/**
 * A failed attempt: an HTTP error, an error object inside a reply with status 200, a stream that broke off, or no
 * connection. Thrown by decoders and `send`; `classifyFailure` says what it means.
 */
export class UpstreamFailure extends Error {
	override name = "UpstreamFailure";
	readonly source: FailureSource;

	constructor(message: string, source: FailureSource, options?: ErrorOptions) {
		super(message, options);
		// A provider may repeat the key in its error. Before anything is cut from it.
		this.source = { ...source, body: withoutSecrets(source.body) };
	}

	/** An error object, or text that is not an event, inside a reply with status 200. */
	static inReply(body: string): UpstreamFailure {
		return new UpstreamFailure("the provider sent an error inside its reply", { status: 200, headers: {}, body });
	}

	/** A page with status 200: of a login, a portal, a web site at the wrong address, or an error of a gateway. */
	static page(body: string): UpstreamFailure {
		return new UpstreamFailure("the reply is a page", { status: 200, headers: {}, body, isPage: true });
	}

	/** A reply that ended early. `missing` says what it lacks. */
	static truncated(missing: string): UpstreamFailure {
		const body = `the provider's reply ended early: ${missing}`;
		return new UpstreamFailure(body, { status: 200, headers: {}, body, class: "truncated" });
	}

	/** A reply that stopped coming while the connection stayed open. `what` says for how long. */
	static stalled(what: string): UpstreamFailure {
		const body = `the provider is silent: ${what}`;
		return new UpstreamFailure(body, { status: 200, headers: {}, body, class: "stalled" });
	}

	/** A reply that is larger than any real one. It would be as large again. */
	static tooLarge(what: string, max: string): UpstreamFailure {
		const body = `${what} is larger than ${max}`;
		return new UpstreamFailure(body, { status: 200, headers: {}, body, class: "deterministic", final: true });
	}

	/** A turn without an answer and without a tool call. `final`: the request got one before. */
	static emptyTurn(seen: string, final = false): UpstreamFailure {
		const body = `the model ended its turn ${final ? "twice " : ""}without an answer: ${seen}`;
		return new UpstreamFailure(body, { status: 200, headers: {}, body, class: "empty-turn", final });
	}
}

function errorCode(error: unknown): string {
	return error instanceof Error && "code" in error ? String(error.code) : "";
}

/**
 * A failed attempt with status 0, whose text begins with the code of the network error: `ECONNREFUSED: …`. `proxy` names
 * the proxy of the connection.
 */
export function networkFailure(error: unknown, proxy?: string): UpstreamFailure {
	if (error instanceof UpstreamFailure) return error;
	const cause = error instanceof Error ? error : new Error(String(error));
	// A host with several addresses fails with an AggregateError without a message.
	const first = cause instanceof AggregateError ? String(cause.errors[0]?.message ?? "") : "";
	const words = [errorCode(cause), cause.message || first].filter(Boolean).join(": ");
	const text = proxy === undefined ? words : `${words} (through ${proxy})`;
	return new UpstreamFailure(text, { status: 0, headers: {}, body: text }, { cause });
}
