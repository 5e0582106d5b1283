import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
// The names of the cases are paths, and have slashes on Windows too.
import { dirname, join } from "node:path/posix";
import { fileURLToPath } from "node:url";
import { anthropic } from "../../src/dialects/anthropic/index.ts";
import type { Dialect, UpstreamRequest } from "../../src/dialects/dialect.ts";
import { gemini } from "../../src/dialects/gemini/index.ts";
import { openaiChat } from "../../src/dialects/openai-chat/index.ts";
import { openaiResponses } from "../../src/dialects/openai-responses/index.ts";
import { decodeReply as decode, type EncodedRequest, encodeRequest } from "../../src/pipeline/build.ts";
import { DEFAULT_QUIRKS, type Quirks, type QuirksInput } from "../../src/profile/model/quirks.ts";
import type { Target } from "../../src/profile/model/target.ts";
import type { Divergence, Note } from "../../src/protocol/divergence.ts";
import { type MessageEvent, singleEvents } from "../../src/protocol/events.ts";
import { MessageCollector } from "../../src/protocol/message-events.ts";
import type { Message, MessageRequest } from "../../src/protocol/messages.ts";
import { sink } from "../../src/protocol/stage.ts";
import { repairRequest } from "../../src/repairs/index.ts";
import { CaseFile } from "../../src/trace/fixture/case-file.ts";
import { caseOfBundle } from "../../src/trace/fixture/case-of-bundle.ts";
import { parseReply } from "../../src/trace/fixture/raw-reply.ts";
import { UpstreamFailure } from "../../src/upstream/failures/failure.ts";
import { Goldens, isUpdate } from "./fixture-format/goldens.ts";

export const FIXTURES = fileURLToPath(new URL("../fixtures/", import.meta.url));
const EXTENSION = ".fixture";
/** The folder of requests alone, each encoded in several dialects. */
const ENCODE = "encode";
/** The case that the others inherit from. */
const DEFAULT = join(ENCODE, `default${EXTENSION}`);
/** Every dialect there is. */
export const ALL_DIALECTS: readonly Dialect[] = [openaiChat, openaiResponses, gemini, anthropic];

export interface Fixture {
	/** `DIALECT/CASE`, or `encode/CASE/DIALECT`. */
	name: string;
	about: string;
	dialect: Dialect;
	request: MessageRequest;
	target: Target;
	betas: string[];
	/** The reply; undefined for a fixture of a request alone. */
	reply: Reply | undefined;
	goldens: Goldens;
}

interface Reply {
	bytes: Buffer;
	isStream: boolean;
}

/** What a reply came to: its events up to the end or to the failure. */
export interface Decoded {
	events: MessageEvent[];
	message: Message | undefined;
	divergences: Divergence[];
	failure?: { message: string; status: number; body: string };
}

/** A target with the default quirks, changed as the fixture says. */
export function makeTarget(
	dialect: Dialect["name"],
	changes: Partial<Omit<Target, "quirks">> & { quirks?: QuirksInput } = {},
): Target {
	return {
		profile: "test",
		model: "test-model",
		dialect,
		baseUrl: "http://127.0.0.1:1",
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
		...changes,
		quirks: { ...DEFAULT_QUIRKS, ...changes.quirks } as Quirks,
	};
}

export function counter(): (prefix: string) => string {
	let count = 0;
	return (prefix) => `${prefix}minted${String(++count).padStart(2, "0")}`;
}

export function loadFixtures(): Fixture[] {
	const base = readCase(DEFAULT);
	const others = [ENCODE, ...ALL_DIALECTS.map(({ name }) => name)].flatMap((folder) =>
		readdirSync(join(FIXTURES, folder))
			.map((file) => join(folder, file))
			.filter((path) => path !== DEFAULT)
			.sort(),
	);
	// The default comes first, so that what the others inherit is up to date when they are written.
	return [...casesOf(DEFAULT, base, base), ...others.flatMap((path) => loadCases(path, base))];
}

function loadCases(path: string, base: CaseFile): Fixture[] {
	return path.endsWith(EXTENSION) ? casesOf(path, readCase(path), base) : [bundleCase(path, base)];
}

function readCase(path: string): CaseFile {
	return CaseFile.parse(readFileSync(join(FIXTURES, path), "utf8"));
}

/** The case of a file; in `encode`, one for each of its dialects. */
function casesOf(path: string, file: CaseFile, base: CaseFile): Fixture[] {
	const name = path.slice(0, -EXTENSION.length);
	const goldens = (dialect: string) => new Goldens(join(FIXTURES, path), file, base, dialect);
	const folder = dirname(path);
	if (folder !== ENCODE) return [fixtureOf(name, folder, goldens(folder))];
	if (file.dialects.length === 0) throw new Error(`${path} names no dialects`);
	return file.dialects.map((dialect) => fixtureOf(`${name}/${dialect}`, dialect, goldens(dialect)));
}

/** A bundle in the folder of its dialect; UPDATE_FIXTURES=1 turns it into a file. */
function bundleCase(path: string, base: CaseFile): Fixture {
	const folder = join(FIXTURES, path);
	const dialect = dirname(path);
	const goldens = new Goldens(folder + EXTENSION, caseOfBundle(filesOf(folder), dialect), base, dialect);
	if (isUpdate()) {
		// Written anew, a request like the default is inherited.
		goldens.expectedJson("request", goldens.json("request"));
		goldens.write();
		rmSync(folder, { recursive: true });
	}
	return fixtureOf(path, dialect, goldens);
}

/** The reply of the fixture `DIALECT/CASE`, as text. */
export function readReply(name: string): string {
	const file = readCase(name + EXTENSION);
	const section = file.find("upstream.sse", dirname(name)) ?? file.find("upstream.json", dirname(name));
	if (!section) throw new Error(`${name} has no reply`);
	return parseReply(section).toString();
}

function fixtureOf(name: string, dialectName: string, goldens: Goldens): Fixture {
	const dialect = dialectNamed(dialectName);
	const { betas = [], ...changes } = goldens.json("target") as Partial<Target> & { betas?: string[] };
	return {
		name,
		about: goldens.about,
		dialect,
		request: goldens.json("request") as MessageRequest,
		target: makeTarget(dialect.name, changes),
		betas,
		reply: goldens.reply(),
		goldens,
	};
}

function dialectNamed(name: string): Dialect {
	const dialect = ALL_DIALECTS.find((candidate) => candidate.name === name);
	if (!dialect) throw new Error(`there is no dialect ${name}`);
	return dialect;
}

function filesOf(folder: string): (name: string) => Buffer | undefined {
	return (name) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name)) : undefined);
}

/** A fixture that `cc-any trace fixture` printed. */
export function parseFixture(text: string, dialect: string): Fixture {
	return fixtureOf("printed", dialect, new Goldens("", CaseFile.parse(text), undefined, dialect));
}

/** A bundle that `cc-any trace export` wrote. */
export function loadBundle(folder: string): Fixture {
	const { dialect } = JSON.parse(readFileSync(join(folder, "target.json"), "utf8"));
	return fixtureOf(folder, dialect, new Goldens(folder, caseOfBundle(filesOf(folder), dialect), undefined, dialect));
}

export function encodeFixture(fixture: Fixture): { upstream: UpstreamRequest; divergences: Divergence[] } {
	const divergences: Divergence[] = [];
	return { upstream: encodeOnce(fixture, (divergence) => divergences.push(divergence)).outgoing, divergences };
}

function encodeOnce({ dialect, target, request, betas }: Fixture, note: Note): EncodedRequest {
	return encodeRequest(request, { dialect, target, mintId: counter(), note }, betas);
}

/** The request for a token count, for a dialect that has such a route. */
export function encodeCount(fixture: Fixture): UpstreamRequest {
	const { dialect, target } = fixture;
	const silent = { target, mintId: counter(), note: () => {} };
	const encoded = dialect.tokenCounter?.encode(repairRequest(fixture.request, silent), target, silent.note);
	if (!encoded) throw new Error(`${dialect.name} counts no tokens`);
	return encoded;
}

/** Runs a reply through the codec, its bytes cut at the given places. */
export function decodeReply(fixture: Fixture, { bytes }: Pick<Reply, "bytes">, cuts: readonly number[] = []): Decoded {
	const decoded: Decoded = { events: [], message: undefined, divergences: [] };
	const collector = new MessageCollector();
	const output = sink<MessageEvent>((event) => {
		decoded.events.push(...singleEvents(event));
		collector.push(event);
	});
	const { dialect, target } = fixture;
	const note: Note = (divergence) => decoded.divergences.push(divergence);
	const context = { dialect, target, mintId: counter(), note };
	const reader = decode(
		encodeOnce(fixture, () => {}),
		context,
		output,
	);
	const edges = [0, ...cuts, bytes.length];
	try {
		for (let index = 1; index < edges.length; index++) reader.push(bytes.subarray(edges[index - 1], edges[index]));
		reader.end();
		decoded.message = collector.message;
	} catch (error) {
		if (!(error instanceof UpstreamFailure)) throw error;
		decoded.failure = { message: error.message, status: error.source.status, body: error.source.body };
	}
	return decoded;
}

export function pretty(value: unknown): string {
	return `${JSON.stringify(value, null, "\t")}\n`;
}
