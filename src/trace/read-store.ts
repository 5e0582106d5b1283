import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { MessageEvent } from "../anthropic/events.ts";
import type { MessageRequest } from "../anthropic/messages.ts";
import { DEFAULT_QUIRKS, DIALECTS, type DialectName } from "../profile/quirks.ts";
import type { Target } from "../profile/target.ts";
import { UserError } from "../ui/fail.ts";
import { decompress, restoreParts } from "./blobs.ts";
import type { ExchangeRecord } from "./exchange-record.ts";
import { type PackedEvent, unpackEvents } from "./packed-events.ts";

/** One attempt as it was recorded. */
export interface StoredAttempt {
	/** Without key and headers; address unknown. */
	target: Target;
	betas: string[];
	outgoing: StoredRequest | undefined;
	head: { status: number; headers: Record<string, string> } | undefined;
	reply: { bytes: Buffer; isStream: boolean } | undefined;
	/** Text of the failure that ended it. */
	failure: string | undefined;
	/** Milliseconds from the start of the exchange, and bytes, of each read. */
	reads: [time: number, bytes: number][];
	/** What Claude Code was sent. */
	events: MessageEvent[];
	/** Which read each event came from. */
	eventReads: number[];
}

export interface StoredRequest {
	path: string;
	headers: Record<string, string>;
	body: Record<string, unknown>;
	toolNames?: Record<string, string>;
}

/** One exchange: its request, and every attempt; the last one is what Claude Code got. */
export interface StoredExchange {
	record: ExchangeRecord | undefined;
	request: MessageRequest;
	attempts: StoredAttempt[];
}

/** Reads an exchange of a full trace, or an exported bundle, which is a test fixture. Throws a `UserError`. */
export async function readExchange(folder: string): Promise<StoredExchange> {
	const parts = join(folder, "../parts");
	const request = await readJson(folder, "request.json");
	if (request === undefined) {
		throw new UserError(`${folder} holds no recorded exchange: request.json is missing`, {
			hint: "record one with --trace, and export it: cc-any trace export SESSION N DIR",
		});
	}
	const earlier = (await readdir(folder)).filter((name) => /^attempt-\d+$/.test(name)).sort(byNumber);
	const places = [...earlier.map((name) => join(folder, name)), folder];
	const attempts = await Promise.all(places.map((place) => readAttempt(place, parts)));
	return {
		record: (await readJson(folder, "record.json")) as ExchangeRecord | undefined,
		request: (await restoreParts(request, parts)) as MessageRequest,
		attempts: attempts.filter((attempt) => attempt !== undefined),
	};
}

function byNumber(a: string, b: string): number {
	return Number(a.slice("attempt-".length)) - Number(b.slice("attempt-".length));
}

async function readAttempt(folder: string, parts: string): Promise<StoredAttempt | undefined> {
	const outgoing = (await readJson(folder, "upstream-request.json")) as StoredRequest | undefined;
	const file = (await readJson(folder, "target.json")) as TargetFile | undefined;
	if (!outgoing && !file) return undefined;
	const body = outgoing && ((await restoreParts(outgoing.body, parts)) as StoredRequest["body"]);
	const frames = (await readJson(folder, "frames.json")) as FramesFile | undefined;
	return {
		target: targetOf(file ?? {}, folder),
		betas: file?.betas ?? [],
		outgoing: outgoing && body && { ...outgoing, body },
		head: (await readJson(folder, "upstream.head.json")) as StoredAttempt["head"],
		reply: await readReply(folder),
		failure: await readText(folder, "upstream-failure.txt"),
		reads: frames?.reads ?? [],
		events: await readEvents(folder),
		eventReads: frames?.events ?? [],
	};
}

async function readEvents(folder: string): Promise<MessageEvent[]> {
	const packed = (await readJson(folder, "events.packed.json")) as PackedEvent[] | undefined;
	if (packed) return unpackEvents(packed);
	// An exported bundle keeps what Claude Code got apart from what the decoder gives by itself.
	const lines = (await readText(folder, "delivered.jsonl")) ?? (await readText(folder, "events.jsonl")) ?? "";
	return jsonLines(lines) as MessageEvent[];
}

interface TargetFile extends Partial<Omit<Target, "quirks">> {
	quirks?: Partial<Target["quirks"]>;
	betas?: string[];
}

interface FramesFile {
	reads: [number, number][];
	events: number[];
}

/** A target as a fixture writes it; what is not named has its default. Fixtures lie in the folder of their dialect. */
function targetOf({ betas: _betas, ...file }: TargetFile, folder: string): Target {
	const parent = basename(dirname(folder));
	const dialect = file.dialect ?? DIALECTS.find((name) => name === parent) ?? "openai-chat";
	return {
		profile: "unknown",
		model: "unknown",
		baseUrl: "",
		key: undefined,
		auth: { header: "authorization", value: "Bearer {key}" },
		headers: {},
		contextWindow: undefined,
		maxOutput: undefined,
		vision: true,
		thinking: "toggle",
		price: undefined,
		limits: {},
		patience: {},
		disabledRepairs: [],
		...file,
		dialect: dialect satisfies DialectName,
		quirks: { ...DEFAULT_QUIRKS, ...file.quirks },
	};
}

async function readReply(folder: string): Promise<StoredAttempt["reply"]> {
	const stream = await readBytes(folder, "upstream.sse");
	if (stream) return { bytes: stream, isStream: true };
	const json = await readBytes(folder, "upstream.json");
	return json && { bytes: json, isStream: false };
}

async function readJson(folder: string, name: string): Promise<unknown> {
	const text = await readText(folder, name);
	return text === undefined ? undefined : JSON.parse(text);
}

async function readText(folder: string, name: string): Promise<string | undefined> {
	return (await readBytes(folder, name))?.toString("utf8");
}

/** A file, plain or compressed. */
async function readBytes(folder: string, name: string): Promise<Buffer | undefined> {
	const path = join(folder, name);
	if (existsSync(path)) return readFile(path);
	return existsSync(`${path}.gz`) ? decompress(await readFile(`${path}.gz`)) : undefined;
}

/** The values of JSON lines; a last line that a kill cut off is left out. */
export function jsonLines(text: string): unknown[] {
	const lines = text.split("\n").filter((line) => line !== "");
	return lines.flatMap((line, index) => {
		try {
			return [JSON.parse(line)];
		} catch (error) {
			if (index === lines.length - 1) return [];
			throw error;
		}
	});
}
