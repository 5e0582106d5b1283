import type { IncomingMessage } from "node:http";
import { type Duplex, PassThrough, pipeline, type Readable } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from "node:zlib";
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
	const source = decompress(body, encoding?.toLowerCase() ?? "");
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

/** Some gateways compress despite `accept-encoding: identity`, and some name an encoding and do not compress. */
function decompress(body: IncomingMessage, encoding: string): Readable {
	if (encoding === "" || encoding === "identity") return body;
	const output = new PassThrough();
	const endEmpty = () => output.end();
	body.once("end", endEmpty);
	body.once("data", (first: Buffer) => {
		body.off("end", endEmpty);
		body.pause();
		body.unshift(first);
		const decoder = decoderOf(encoding, first);
		// Its failure is the output's.
		if (decoder) pipeline(body, decoder, output, () => {});
		else pipeline(body, output, () => {});
	});
	body.once("error", (error) => output.destroy(error));
	return output;
}

/** The decoder for a body that begins like this; undefined for one that is not compressed. */
function decoderOf(encoding: string, [first = 0, second = 0]: Uint8Array): Duplex | undefined {
	if (encoding === "br") return createBrotliDecompress();
	if (first === 0x1f && second === 0x8b) return createGunzip();
	if (encoding !== "deflate") return undefined;
	// With a zlib header (RFC 1950), or without one.
	const hasHeader = (first & 0x0f) === 8 && (first * 256 + second) % 31 === 0;
	return hasHeader ? createInflate() : createInflateRaw();
}
