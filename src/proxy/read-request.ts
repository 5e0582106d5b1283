import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { type BrotliDecompress, createBrotliDecompress, createGunzip, createInflate, type Gunzip } from "node:zlib";
import { isObject, type JsonObject } from "../platform/json.ts";
import type { ErrorType } from "../protocol/errors.ts";

/** Largest request body, after decompression. */
export const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** A request that is refused before it becomes an exchange. */
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

/** Reads a JSON object from a request: compressed or not, at most `MAX_BODY_BYTES` bytes. */
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

function readBody(request: IncomingMessage): Promise<string> {
	if (Number(request.headers["content-length"]) > MAX_BODY_BYTES) throw tooLarge();
	const source = decompressed(request);
	return new Promise((resolve, reject) => {
		const chunks: Buffer[] = [];
		let size = 0;
		source.on("data", (chunk: Buffer) => {
			size += chunk.length;
			if (size <= MAX_BODY_BYTES) return chunks.push(chunk);
			source.pause();
			reject(tooLarge());
		});
		// The listener lives as long as the exchange; the chunks, megabytes for a long conversation, must not.
		source.on("end", () => resolve(Buffer.concat(chunks.splice(0)).toString("utf8")));
		source.on("error", (error) => {
			reject(new RequestError(400, "invalid_request_error", `the request body could not be read: ${error.message}`));
		});
	});
}

function tooLarge(): RequestError {
	const limit = MAX_BODY_BYTES / 1024 / 1024;
	return new RequestError(413, "request_too_large", `the request body is larger than ${limit} MB`);
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

/** V8's message with line and column. It names a position, or quotes the text around it. */
function describe(error: SyntaxError, text: string): string {
	const quoted = /\.\.\."([\s\S]{1,80}?)"(?:\.\.\.)? is not valid JSON$/.exec(error.message)?.[1];
	const named = /position (\d+)/.exec(error.message)?.[1];
	const position = named === undefined ? text.indexOf(quoted ?? text) : Number(named);
	if (position < 0) return error.message;
	const before = text.slice(0, position).split("\n");
	return `${error.message} (near line ${before.length} column ${(before.at(-1)?.length ?? 0) + 1})`;
}
