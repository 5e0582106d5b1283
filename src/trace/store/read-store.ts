import { existsSync } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import type { AttemptInputs } from "../../pipeline/build.ts";
import { isObject } from "../../platform/json.ts";
import { UserError } from "../../platform/user-error.ts";
import { DEFAULT_QUIRKS, DIALECTS, type DialectName } from "../../profile/model/quirks.ts";
import type { Target } from "../../profile/model/target.ts";
import type { MessageEvent } from "../../protocol/events.ts";
import type { MessageRequest } from "../../protocol/messages.ts";
import type { ExchangeRecord } from "../record/exchange-record.ts";
import { type PackedEvent, unpackEvents } from "../record/packed-events.ts";
import { type Files, unpackArchive } from "./archive.ts";
import { decompress, restoreParts } from "./blobs.ts";

/** One attempt as it was recorded. */
export interface StoredAttempt {
	/** Without key and headers, and with an empty base URL. */
	target: Target;
	betas: string[];
	inputs: AttemptInputs;
	outgoing: StoredRequest | undefined;
	head: { status: number; headers: Record<string, string> } | undefined;
	reply: { bytes: Buffer; isStream: boolean } | undefined;
	/** Text of the failure that ended it. */
	failure: string | undefined;
	/** Time of each read, in milliseconds from the start of the exchange, and its size. */
	reads: [time: number, bytes: number][];
	/** What was sent to Claude Code. */
	events: MessageEvent[];
	/** Index of the read that each event came from. */
	eventReads: number[];
}

export interface StoredRequest {
	path: string;
	headers: Record<string, string>;
	body: Record<string, unknown>;
	toolNames?: Record<string, string>;
}

/** One exchange: its request, and every attempt. Claude Code got the reply of the last one. */
export interface StoredExchange {
	record: ExchangeRecord | undefined;
	request: MessageRequest;
	attempts: StoredAttempt[];
}

/**
 * Reads an exchange: an archive of a full trace, or the folder of an exported bundle, which is a test fixture. Throws a
 * `UserError`.
 */
export async function readExchange(place: string): Promise<StoredExchange> {
	try {
		return await readFiles(place, await filesOf(place));
	} catch (error) {
		if (error instanceof UserError) throw error;
		throw new UserError(`${place} is damaged: ${error instanceof Error ? error.message : error}`);
	}
}

async function readFiles(place: string, files: Files): Promise<StoredExchange> {
	const parts = join(place, "../parts");
	const request = readJson(files, "request.json");
	if (!isObject(request) || !Array.isArray(request["messages"])) {
		throw new UserError(`${place} holds no recorded exchange: request.json is missing or damaged`, {
			hint: "record one with --trace, and export it: cc-any trace export SESSION N DIR",
		});
	}
	const folders = [...files.keys()].flatMap((name) => /^attempt-\d+\//.exec(name)?.[0] ?? []);
	const earlier = [...new Set(folders)].sort(
		(a, b) => Number.parseInt(a.slice(8), 10) - Number.parseInt(b.slice(8), 10),
	);
	const dialect = DIALECTS.find((name) => name === basename(dirname(place)));
	const attempts = await Promise.all([...earlier, ""].map((folder) => readAttempt(files, folder, parts, dialect)));
	return {
		record: readJson<ExchangeRecord>(files, "record.json"),
		request: (await restoreParts(request, parts)) as MessageRequest,
		attempts: attempts.filter((attempt) => attempt !== undefined),
	};
}

async function filesOf(place: string): Promise<Files> {
	if (!existsSync(place)) return new Map();
	if ((await stat(place)).isFile()) return readArchive(place);
	const entries = (await readdir(place, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
	const read = async (path: string) => [relative(place, path).replaceAll(sep, "/"), await readFile(path)] as const;
	return new Map(await Promise.all(entries.map((entry) => read(join(entry.parentPath, entry.name)))));
}

async function readArchive(path: string): Promise<Files> {
	return unpackArchive(await decompress(await readFile(path)));
}

async function readAttempt(
	files: Files,
	folder: string,
	parts: string,
	dialect: DialectName | undefined,
): Promise<StoredAttempt | undefined> {
	const outgoing = readJson<StoredRequest>(files, `${folder}upstream-request.json`);
	const file = readJson<TargetFile>(files, `${folder}target.json`);
	if (!outgoing && !file) return undefined;
	const body = outgoing && ((await restoreParts(outgoing.body, parts)) as StoredRequest["body"]);
	const frames = readJson<FramesFile>(files, `${folder}frames.json`);
	return {
		target: targetOf(file ?? {}, dialect),
		betas: file?.betas ?? [],
		inputs: readJson<AttemptInputs>(files, `${folder}inputs.json`) ?? {},
		outgoing: outgoing && body && { ...outgoing, body },
		head: readJson<NonNullable<StoredAttempt["head"]>>(files, `${folder}upstream.head.json`),
		reply: readReply(files, folder),
		failure: files.get(`${folder}upstream-failure.txt`)?.toString("utf8"),
		reads: frames?.reads ?? [],
		events: readEvents(files, folder),
		eventReads: frames?.events ?? [],
	};
}

function readEvents(files: Files, folder: string): MessageEvent[] {
	const packed = readJson<PackedEvent[]>(files, `${folder}events.packed.json`);
	if (packed) return unpackEvents(packed);
	// An exported bundle has what Claude Code got beside what the decoder alone makes of the reply.
	const lines = files.get(`${folder}delivered.jsonl`) ?? files.get(`${folder}events.jsonl`);
	return jsonLines(lines?.toString("utf8") ?? "") as MessageEvent[];
}

interface TargetFile extends Partial<Omit<Target, "quirks">> {
	quirks?: Partial<Target["quirks"]>;
	betas?: string[];
}

interface FramesFile {
	reads: [number, number][];
	events: number[];
}

/** A target from a fixture; absent fields get defaults. A fixture is in the folder of its dialect. */
function targetOf({ betas: _betas, ...file }: TargetFile, dialect: DialectName = "openai-chat"): Target {
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
		dialect,
		...file,
		quirks: { ...DEFAULT_QUIRKS, ...file.quirks },
	};
}

function readReply(files: Files, folder: string): StoredAttempt["reply"] {
	const stream = files.get(`${folder}upstream.sse`);
	if (stream) return { bytes: stream, isStream: true };
	const json = files.get(`${folder}upstream.json`);
	return json && { bytes: json, isStream: false };
}

/** A JSON file that cc-any wrote itself, so its shape is not checked. */
function readJson<T>(files: Files, name: string): T | undefined {
	const bytes = files.get(name);
	return bytes && JSON.parse(bytes.toString("utf8"));
}

/** The values of JSON lines. A last line that a killed process left incomplete is ignored. */
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
