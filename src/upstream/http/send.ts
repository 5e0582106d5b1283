import { requestUrl } from "../../profile/model/base-url.ts";
import type { Target } from "../../profile/model/target.ts";
import { UpstreamFailure } from "../failures/failure.ts";
import { type Cancellable, Cancellation } from "./cancellation.ts";
import type { Transport, TransportReply } from "./transport.ts";

/** The part of an upstream request that the dialect determines. */
export interface OutgoingRequest {
	path: string;
	headers: Record<string, string>;
	/** Serialised JSON. */
	body: string;
}

const MAX_ERROR_BODY_BYTES = 256 * 1024;

/** The status matters most. If a server sends it and then hangs, cc-any does not wait. */
const MAX_ERROR_BODY_MS = 5000;

/** Sends one request. Resolves with a reply of status 2xx; rejects with `UpstreamFailure` for everything else. */
export async function send(
	transport: Transport,
	target: Target,
	outgoing: OutgoingRequest,
	signal: Cancellable,
): Promise<TransportReply> {
	const url = requestUrl(target, outgoing.path);
	const request = new Cancellation(signal);
	const reply = await transport.request({
		method: "POST",
		url,
		headers: requestHeaders(target, outgoing.headers),
		body: outgoing.body,
		signal: request,
	});
	if (reply.status >= 200 && reply.status < 300) return reply;
	const body = await readErrorBody(reply, request);
	if (reply.status >= 300 && reply.status < 400) {
		// A conversation is only sent to the address that the user configured.
		const location = reply.headers["location"] ?? "an unnamed address";
		const isMoved = location.endsWith(outgoing.path) && URL.canParse(location);
		const moved = isMoved ? `: did you mean ${location.slice(0, -outgoing.path.length)}` : "";
		const message = `${url} redirects to ${location}, which is not followed${moved}`;
		throw new UpstreamFailure(message, {
			status: reply.status,
			headers: reply.headers,
			body: message,
			class: "wrong-address",
		});
	}
	throw new UpstreamFailure(`HTTP ${reply.status} from ${url}`, { status: reply.status, headers: reply.headers, body });
}

/** What has come of an error's body when it ends, breaks or takes too long. */
async function readErrorBody({ read }: TransportReply, request: Cancellation): Promise<string> {
	const timer = setTimeout(() => request.abort(), MAX_ERROR_BODY_MS).unref();
	const body = new BoundedText(MAX_ERROR_BODY_BYTES);
	await read((bytes) => body.push(bytes));
	clearTimeout(timer);
	request.detach();
	return body.text;
}

/** Headers of every request to a target. The only place that adds the provider's key. */
export function requestHeaders(target: Target, dialectHeaders: Record<string, string>): Record<string, string> {
	const headers: Record<string, string> = {
		"content-type": "application/json",
		"accept-encoding": "identity",
		...dialectHeaders,
		...target.headers,
	};
	const { key, auth } = target;
	// A function, because `$&` in a replacement text would be replaced.
	if (key !== undefined) headers[auth.header] = auth.value.replace("{key}", () => key);
	return headers;
}

/** Reads at most `maxBytes` of a body as UTF-8 text. */
export async function readText({ read }: TransportReply, maxBytes: number): Promise<string> {
	const body = new BoundedText(maxBytes);
	const broken = await read((bytes) => body.push(bytes));
	if (broken) throw broken;
	return body.text;
}

class BoundedText {
	readonly #maxBytes: number;
	readonly #chunks: Uint8Array[] = [];
	#size = 0;

	constructor(maxBytes: number) {
		this.#maxBytes = maxBytes;
	}

	/** False: no more is needed. */
	push(bytes: Uint8Array): boolean {
		this.#chunks.push(bytes);
		this.#size += bytes.length;
		return this.#size < this.#maxBytes;
	}

	get text(): string {
		return Buffer.concat(this.#chunks).toString("utf8", 0, this.#maxBytes);
	}
}
