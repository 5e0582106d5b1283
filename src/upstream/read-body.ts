import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { networkFailure, type UpstreamFailure } from "./failure.ts";

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

/** Reads the body of a reply. */
export function readBody(
	body: IncomingMessage,
	headers: Record<string, string>,
	take: Parameters<ReadBytes>[0],
): Promise<UpstreamFailure | undefined> {
	const source = decompress(body, headers["content-encoding"]);
	return new Promise((resolve, reject) => {
		// A read is all that has come by now: a server writes each event as an HTTP chunk of its own, and each `data` event
		// is one of them, and would be one write to Claude Code.
		const arrived: Buffer[] = [];
		let state: "open" | "held" | "stopped" = "open";
		let hasEnded = false;
		const fail = (error: unknown) => {
			state = "stopped";
			body.destroy();
			reject(error);
		};
		const stop = () => {
			state = "stopped";
			// What is left is read, so that the connection can be used again.
			body.resume();
			if (!body.complete) limitLingering(body);
			resolve(undefined);
		};
		const hold = (more: Promise<boolean>) => {
			state = "held";
			source.pause();
			more
				.then((goesOn) => {
					if (!goesOn) return stop();
					state = "open";
					source.resume();
					readOn();
				})
				.catch(fail);
		};
		const takeArrived = () => {
			try {
				const more = take(joined(arrived.splice(0)));
				if (more === false) stop();
				else if (more !== true) hold(more);
			} catch (error) {
				fail(error);
			}
		};
		const readOn = () => {
			if (state === "open" && arrived.length > 0) takeArrived();
			if (state === "open" && hasEnded) resolve(undefined);
		};
		source.on("data", (bytes: Buffer) => {
			if (state === "stopped") return;
			if (arrived.push(bytes) === 1) process.nextTick(readOn);
		});
		// Node may say that it is the end before it gives the last bytes.
		source.on("end", () => {
			hasEnded = true;
			readOn();
		});
		source.on("error", (error) => {
			readOn();
			resolve(networkFailure(error));
		});
		// A request that was aborted before its reply was read gives no further event.
		if (body.destroyed && !body.readableEnded)
			resolve(networkFailure(body.errored ?? new Error("ECONNRESET: aborted")));
	});
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
