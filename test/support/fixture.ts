import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { anthropic } from "../../src/dialects/anthropic/index.ts";
import type { Dialect, UpstreamRequest } from "../../src/dialects/dialect.ts";
import { gemini } from "../../src/dialects/gemini/index.ts";
import { openaiChat } from "../../src/dialects/openai-chat/index.ts";
import { openaiResponses } from "../../src/dialects/openai-responses/index.ts";
import { DEFAULT_QUIRKS, type Quirks, type QuirksInput } from "../../src/profile/model/quirks.ts";
import type { Target } from "../../src/profile/model/target.ts";
import type { Divergence } from "../../src/protocol/divergence.ts";
import type { MessageEvent } from "../../src/protocol/events.ts";
import { MessageCollector } from "../../src/protocol/message-events.ts";
import type { Message, MessageRequest } from "../../src/protocol/messages.ts";
import { type Frame, sseFrames } from "../../src/protocol/sse-frames.ts";
import { sink } from "../../src/protocol/stage.ts";
import { repairRequest } from "../../src/repairs/index.ts";
import { UpstreamFailure } from "../../src/upstream/failures/failure.ts";

export const FIXTURES = new URL("../fixtures/", import.meta.url).pathname;
/** Every dialect there is. */
export const ALL_DIALECTS: readonly Dialect[] = [openaiChat, openaiResponses, gemini, anthropic];

export interface Fixture {
	name: string;
	folder: string;
	dialect: Dialect;
	request: MessageRequest;
	target: Target;
	betas: string[];
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
	return ALL_DIALECTS.flatMap((dialect) => {
		const parent = join(FIXTURES, dialect.name);
		if (!existsSync(parent)) return [];
		return readdirSync(parent)
			.sort()
			.map((name) => loadFixture(dialect, join(parent, name), `${dialect.name}/${name}`));
	});
}

function loadFixture(dialect: Dialect, folder: string, name: string): Fixture {
	const read = (file: string) => JSON.parse(readFileSync(join(folder, file), "utf8"));
	const { betas = [], ...changes } = existsSync(join(folder, "target.json")) ? read("target.json") : {};
	return { name, folder, dialect, request: read("request.json"), target: makeTarget(dialect.name, changes), betas };
}

/** A bundle that `cc-any trace export` wrote. */
export function loadBundle(folder: string): Fixture {
	const { dialect: name } = JSON.parse(readFileSync(join(folder, "target.json"), "utf8"));
	const dialect = ALL_DIALECTS.find((candidate) => candidate.name === name);
	if (!dialect) throw new Error(`${folder} names no dialect`);
	return loadFixture(dialect, folder, folder);
}

export function encodeFixture(fixture: Fixture): { upstream: UpstreamRequest; divergences: Divergence[] } {
	const divergences: Divergence[] = [];
	const note = (divergence: Divergence) => divergences.push(divergence);
	const { dialect, target, betas } = fixture;
	const request = repairRequest(fixture.request, { target, mintId: counter(), note });
	return { upstream: dialect.encode(request, target, note, betas), divergences };
}

/** The request for a token count, for a dialect that has such a route. */
export function encodeCount(fixture: Fixture): UpstreamRequest {
	const { dialect, target } = fixture;
	const silent = { target, mintId: counter(), note: () => {} };
	const encoded = dialect.tokenCounter?.encode(repairRequest(fixture.request, silent), target, silent.note);
	if (!encoded) throw new Error(`${dialect.name} counts no tokens`);
	return encoded;
}

/** Whether the fixture shows a token count. */
export function hasCount(fixture: Fixture): boolean {
	return existsSync(join(fixture.folder, "count-reply.json"));
}

/** The bytes of the reply; undefined for a fixture of a request alone. */
export function replyOf(fixture: Fixture): { bytes: Buffer; isStream: boolean } | undefined {
	for (const [file, isStream] of [
		["upstream.sse", true],
		["upstream.json", false],
	] as const) {
		const path = join(fixture.folder, file);
		if (existsSync(path)) return { bytes: readFileSync(path), isStream };
	}
	return undefined;
}

/** Runs a reply through the line, the bytes cut at the given places. */
export function decodeReply(
	fixture: Fixture,
	reply: { bytes: Buffer; isStream: boolean },
	cuts: readonly number[] = [],
): Decoded {
	const decoded: Decoded = { events: [], message: undefined, divergences: [] };
	const collector = new MessageCollector();
	const output = sink<MessageEvent>((event) => {
		decoded.events.push(event);
		collector.push(event);
	});
	const { upstream } = encodeFixture(fixture);
	const decoder = fixture.dialect.decode({
		request: fixture.request,
		target: fixture.target,
		toolNames: upstream.toolNames,
		mintId: counter(),
		note: (divergence) => decoded.divergences.push(divergence),
	})(output);
	try {
		if (reply.isStream) pushBytes(sseFrames()(decoder), reply.bytes, cuts);
		else pushFrames(decoder, fixture.dialect.framesOf(reply.bytes.toString()));
		decoded.message = collector.message;
	} catch (error) {
		if (!(error instanceof UpstreamFailure)) throw error;
		decoded.failure = { message: error.message, status: error.source.status, body: error.source.body };
	}
	return decoded;
}

function pushBytes(line: { push(bytes: Uint8Array): void; end(): void }, bytes: Buffer, cuts: readonly number[]): void {
	const edges = [0, ...cuts, bytes.length];
	for (let index = 1; index < edges.length; index++) line.push(bytes.subarray(edges[index - 1], edges[index]));
	line.end();
}

function pushFrames(line: { push(frame: Frame): void; end(): void }, frames: readonly Frame[]): void {
	for (const frame of frames) line.push(frame);
	line.end();
}

/** The golden file's text; with UPDATE_FIXTURES=1 it is written first. Undefined where there is none. */
export function golden(fixture: Fixture, file: string, actual: string | undefined): string | undefined {
	const path = join(fixture.folder, file);
	if (process.env["UPDATE_FIXTURES"] === "1" && actual !== undefined) writeFileSync(path, actual);
	return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

export function pretty(value: unknown): string {
	return `${JSON.stringify(value, null, "\t")}\n`;
}
