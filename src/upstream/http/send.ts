import type { Target } from "../../profile/model/target.ts";
import { UpstreamFailure } from "../failures/failure.ts";
import type { Cancellable } from "./cancellation.ts";
import type { Transport, TransportReply } from "./transport.ts";

/** The part of an upstream request that a dialect writes. */
export interface OutgoingRequest {
	path: string;
	headers: Record<string, string>;
	/** Serialised JSON. */
	body: string;
}

/** Bytes of an error body that are read at most. */
const ERROR_BODY_LIMIT = 256 * 1024;

/**
 * Sends one attempt. Resolves with a reply of status 2xx; throws `UpstreamFailure` for everything else.
 * The provider's key is put in here, and only here.
 */
export async function send(
	transport: Transport,
	target: Target,
	outgoing: OutgoingRequest,
	signal: Cancellable,
): Promise<TransportReply> {
	const url = `${target.baseUrl}${outgoing.path}`;
	const reply = await transport.request({
		method: "POST",
		url,
		headers: requestHeaders(target, outgoing.headers),
		body: outgoing.body,
		signal,
	});
	if (reply.status >= 200 && reply.status < 300) return reply;
	const body = await readText(reply, ERROR_BODY_LIMIT);
	if (reply.status >= 300 && reply.status < 400) {
		// A conversation must not travel to another place than the one the user named.
		const location = reply.headers["location"] ?? "an unnamed place";
		const message = `${url} redirects to ${location}, which is not followed`;
		throw new UpstreamFailure(message, {
			status: reply.status,
			headers: reply.headers,
			body: message,
			class: "bad-request",
		});
	}
	throw new UpstreamFailure(`HTTP ${reply.status} from ${url}`, { status: reply.status, headers: reply.headers, body });
}

/** Headers of every request to a target, the key among them. */
export function requestHeaders(target: Target, dialectHeaders: Record<string, string>): Record<string, string> {
	const headers: Record<string, string> = {
		"content-type": "application/json",
		"accept-encoding": "identity",
		...dialectHeaders,
		...target.headers,
	};
	if (target.key !== undefined) headers[target.auth.header] = target.auth.value.replace("{key}", target.key);
	return headers;
}

/** Reads a body as UTF-8 text, at most `limit` bytes. */
export async function readText({ read }: TransportReply, limit: number): Promise<string> {
	const chunks: Uint8Array[] = [];
	let size = 0;
	const broken = await read((chunk) => {
		chunks.push(chunk);
		size += chunk.length;
		return size < limit;
	});
	if (broken) throw broken;
	return Buffer.concat(chunks).toString("utf8", 0, limit);
}
