import type { IncomingMessage } from "node:http";
// The global `process` is an accessor, which costs an event that comes alone a few microseconds.
import { nextTick } from "node:process";
import type { Readable } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { networkFailure, type UpstreamFailure } from "../failures/failure.ts";

/**
 * Reads a reply's decompressed bytes. `take` gets one read after the other: a promise of it holds the next one back,
 * false ends the reading. Resolves at the end, with the failure where the connection broke before it; rejects with what
 * `take` throws. A push costs a third of what an async iterator over a stream costs (docs/performance.md).
 */
export type ReadBytes = (
	take: (bytes: Uint8Array) => boolean | Promise<boolean>,
) => Promise<UpstreamFailure | undefined>;

/**
 * A reader that has all it needs leaves before the last bytes of the HTTP framing came. They get this long, in
 * milliseconds: then the connection can be used again, instead of being torn down after every reply.
 */
const LINGER = 250;

/**
 * Opens the body of a reply whose head has just come: what arrives from here on is kept until it is read. Called before
 * anything is awaited: a listener that comes later gets the first bytes by way of a buffer, which costs more.
 */
export function openBody(body: IncomingMessage, encoding: string | undefined): ReadBytes {
	const reader = new BodyReader(body, decompress(body, encoding));
	return (take) => reader.read(take);
}

class BodyReader {
	readonly #body: IncomingMessage;
	readonly #source: Readable;
	/**
	 * What has come by now is one read: a server writes each event as an HTTP chunk of its own, and each `data` event is
	 * one of them, and would be one write to Claude Code.
	 */
	#arrived: Buffer[] = [];
	#ending: { failure: UpstreamFailure | undefined } | undefined;
	#state: "unread" | "open" | "held" | "left" = "unread";
	#take: Parameters<ReadBytes>[0] = () => false;
	#resolve: (failure: UpstreamFailure | undefined) => void = () => {};
	#reject: (error: unknown) => void = () => {};

	constructor(body: IncomingMessage, source: Readable) {
		this.#body = body;
		this.#source = source;
		const readOn = () => this.#readOn();
		source.on("data", (bytes: Buffer) => {
			if (this.#state !== "left" && this.#arrived.push(bytes) === 1) nextTick(readOn);
		});
		source.on("end", () => this.#end(undefined));
		source.on("error", (error) => this.#end(networkFailure(error)));
	}

	read(take: Parameters<ReadBytes>[0]): Promise<UpstreamFailure | undefined> {
		this.#take = take;
		this.#state = "open";
		return new Promise((resolve, reject) => {
			this.#resolve = resolve;
			this.#reject = reject;
			const { destroyed, readableEnded, errored } = this.#body;
			// A request that was aborted before its reply was read gives no further event.
			if (destroyed && !readableEnded) this.#ending ??= { failure: networkFailure(errored ?? "ECONNRESET: aborted") };
			this.#readOn();
		});
	}

	/** Node may say that it is the end before it gives the last bytes. */
	#end(failure: UpstreamFailure | undefined): void {
		this.#ending ??= { failure };
		this.#readOn();
	}

	#readOn(): void {
		if (this.#state !== "open") return;
		try {
			const arrived = this.#arrived;
			if (arrived.length > 0) this.#arrived = [];
			const more = arrived.length === 0 || this.#take(joined(arrived));
			if (more === false) this.#leave();
			else if (more !== true) this.#hold(more);
			else if (this.#ending) this.#resolve(this.#ending.failure);
		} catch (error) {
			this.#fail(error);
		}
	}

	#hold(more: Promise<boolean>): void {
		this.#state = "held";
		this.#source.pause();
		const goOn = () => {
			this.#state = "open";
			this.#source.resume();
			this.#readOn();
		};
		more.then((goesOn) => (goesOn ? goOn() : this.#leave())).catch((error) => this.#fail(error));
	}

	#leave(): void {
		this.#state = "left";
		// What is left is read, so that the connection can be used again.
		this.#body.resume();
		if (!this.#body.complete) limitLingering(this.#body);
		this.#resolve(undefined);
	}

	#fail(error: unknown): void {
		this.#state = "left";
		this.#body.destroy();
		this.#reject(error);
	}
}

function joined(chunks: Buffer[]): Buffer {
	const [only] = chunks;
	return chunks.length === 1 && only ? only : Buffer.concat(chunks);
}

/** Tears the connection down where the end is not near (a stop sequence, a client that is gone). */
function limitLingering(body: IncomingMessage): void {
	const timer = setTimeout(() => body.destroy(), LINGER).unref();
	body.once("close", () => clearTimeout(timer));
}

/** `accept-encoding: identity` is sent, yet some gateways compress all the same. */
function decompress(body: IncomingMessage, encoding: string | undefined): Readable {
	const decoder =
		encoding === "gzip" || encoding === "x-gzip"
			? createGunzip()
			: encoding === "br"
				? createBrotliDecompress()
				: encoding === "deflate"
					? createInflate()
					: undefined;
	if (!decoder) return body;
	body.on("error", (error) => decoder.destroy(error));
	return body.pipe(decoder);
}
