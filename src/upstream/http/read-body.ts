import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { networkFailure, type UpstreamFailure } from "../failures/failure.ts";

/**
 * Reads a reply's decompressed bytes. `take` gets what has arrived since the last call, and returns false to stop reading.
 * Resolves at the end, with the failure if the connection broke; rejects with what `take` throws.
 */
export type ReadBytes = (
	take: (bytes: Uint8Array) => boolean | Promise<boolean>,
) => Promise<UpstreamFailure | undefined>;

/**
 * A reader often has all it needs before the last bytes of the HTTP framing arrive. They get this long, so that the
 * connection can be used again.
 */
const LINGER_MS = 250;

export function openBody(body: IncomingMessage, encoding: string | undefined): ReadBytes {
	const source = decompress(body, encoding);
	let failure: UpstreamFailure | undefined;
	let wake = () => {};
	// Events and `read()` instead of an async iterator, which costs a tenth of a small request (docs/performance.md).
	source.on("readable", () => wake());
	source.on("end", () => wake());
	source.on("error", (error) => {
		failure = networkFailure(error);
		wake();
	});
	source.on("close", () => {
		if (!source.readableEnded) failure ??= networkFailure(body.errored ?? "ECONNRESET: aborted");
		wake();
	});
	return async (take) => {
		for (;;) {
			// All that has arrived since the last call.
			const bytes: Buffer | null = source.read();
			if (bytes === null) {
				if (failure) return failure;
				if (source.readableEnded) return undefined;
				await new Promise<void>((resolve) => {
					wake = resolve;
				});
			} else if (!(await takeOrDestroy(take, bytes, body))) {
				// While somebody listens for it, `resume` reads nothing.
				source.removeAllListeners("readable");
				discardRest(body);
				return undefined;
			}
		}
	};
}

async function takeOrDestroy(
	take: Parameters<ReadBytes>[0],
	bytes: Uint8Array,
	body: IncomingMessage,
): Promise<boolean> {
	try {
		return await take(bytes);
	} catch (error) {
		body.destroy();
		throw error;
	}
}

/** Reads what remains, so that the connection can be used again; closes it if that takes too long. */
function discardRest(body: IncomingMessage): void {
	body.resume();
	if (body.complete) return;
	const timer = setTimeout(() => body.destroy(), LINGER_MS).unref();
	body.once("close", () => clearTimeout(timer));
}

/** Some gateways compress despite `accept-encoding: identity`. */
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
