import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { type BrotliDecompress, createBrotliDecompress, createGunzip, createInflate, type Gunzip } from "node:zlib";
import { isObject, type JsonObject } from "../platform/json.ts";
import type { ErrorType } from "../protocol/errors.ts";
import { fromUtf8 } from "../protocol/utf8.ts";
import { keepYoungGenerationSmall } from "./v8-flags.ts";

/** Largest request body, in bytes after decompression. */
export const BODY_LIMIT = 64 * 1024 * 1024;

/** A request that is answered with an error before it enters the line. */
export class RequestError extends Error {
	override name = "RequestError";
	readonly status: number;
	readonly type: ErrorType;

	constructor(status: number, type: ErrorType, message: string) {
		super(message);
		this.status = status;
		this.type = type;
	}
}

export interface JsonBody {
	value: JsonObject;
	/** Length of the JSON, in UTF-16 code units. */
	chars: number;
}

/** Reads a JSON object from a request: compressed or not, at most `BODY_LIMIT` bytes. */
export async function readJson(request: IncomingMessage): Promise<JsonBody> {
	const text = await readBody(request);
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch (error) {
		if (!(error instanceof SyntaxError)) throw error;
		throw new RequestError(
			400,
			"invalid_request_error",
			`the request body is not valid JSON: ${describe(error, text)}`,
		);
	}
	if (!isObject(value)) {
		throw new RequestError(400, "invalid_request_error", "the request body must be a JSON object");
	}
	return { value, chars: text.length };
}

/** Listeners cost a third of what an async iterator costs. */
function readBody(request: IncomingMessage): Promise<string> {
	const source = decompressed(request);
	return new Promise((resolve, reject) => {
		const chunks: Buffer[] = [];
		let size = 0;
		source.on("data", (chunk: Buffer) => {
			size += chunk.length;
			if (size <= BODY_LIMIT) return chunks.push(chunk);
			source.pause();
			const limit = BODY_LIMIT / 1024 / 1024;
			reject(new RequestError(413, "request_too_large", `the request body is larger than ${limit} MB`));
		});
		// The listener lives as long as the exchange: the chunks must not.
		source.on("end", () => resolve(textOf(chunks.splice(0), size)));
		source.on("error", (error) => {
			reject(new RequestError(400, "invalid_request_error", `the request body could not be read: ${error.message}`));
		});
	});
}

/** Room in which the chunks of a long body are put together, one body after the other. */
let room = Buffer.alloc(0);
/** Bytes of it that are kept. A conversation of a million tokens takes half. */
const LARGEST_ROOM = 8 * 1024 * 1024;

/** Megabytes that every request allocates stay until the next collection; these are used again. */
function textOf(chunks: Buffer[], size: number): string {
	const [only] = chunks;
	if (only && chunks.length === 1) return fromUtf8(only);
	if (size > LARGEST_ROOM) return fromUtf8(Buffer.concat(chunks));
	if (size > room.length) {
		if (room.length === 0) keepYoungGenerationSmall();
		room = Buffer.allocUnsafeSlow(Math.min(2 * size, LARGEST_ROOM));
	}
	let end = 0;
	for (const chunk of chunks) end += chunk.copy(room, end);
	return fromUtf8(room.subarray(0, end));
}

function decompressed(request: IncomingMessage): Readable {
	const encoding = request.headers["content-encoding"] ?? "identity";
	if (encoding === "identity") return request;
	const decoder = decoderOf(encoding);
	if (!decoder) {
		throw new RequestError(415, "invalid_request_error", `content-encoding ${encoding} is not supported`);
	}
	request.on("error", (error) => decoder.destroy(error));
	return request.pipe(decoder);
}

function decoderOf(encoding: string): Gunzip | BrotliDecompress | undefined {
	if (encoding === "gzip") return createGunzip();
	if (encoding === "br") return createBrotliDecompress();
	if (encoding === "deflate") return createInflate();
	return undefined;
}

/** V8's message, with line and column: it names a position, or quotes the place. */
function describe(error: SyntaxError, text: string): string {
	const quoted = /\.\.\."([\s\S]+?)"(?:\.\.\.)? is not valid JSON$/.exec(error.message)?.[1];
	const named = /position (\d+)/.exec(error.message)?.[1];
	const position = named === undefined ? text.indexOf(quoted ?? text) : Number(named);
	if (position < 0) return error.message;
	const before = text.slice(0, position).split("\n");
	return `${error.message} (near line ${before.length} column ${(before.at(-1)?.length ?? 0) + 1})`;
}
