import { existsSync, mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ExchangeRecord } from "../../src/trace/record/exchange-record.ts";
import { newSessionId, SESSION_ID } from "../../src/trace/record/session-id.ts";
import { prune } from "../../src/trace/store/prune.ts";
import { type Behaviour, chatChunk, chatStream, type FaultServer, startFaultServer } from "../support/fault-server.ts";
import { post, RecordedSession } from "../support/recorded-session.ts";

const SECRET_PROMPT = "the prompt that is nobody's business";
const SECRET_REPLY = "the reply that is nobody's business";
const ASK = {
	model: "claude-opus-4-8",
	max_tokens: 100,
	stream: true,
	messages: [{ role: "user", content: SECRET_PROMPT }],
	tools: [{ name: "Bash", input_schema: { type: "object", properties: {} } }],
};
const usage = { prompt_tokens: 1000, completion_tokens: 40, prompt_tokens_details: { cached_tokens: 600 } };
const toolCall = { index: 0, id: "call_1", function: { name: "Bash", arguments: "{}" } };
const withUsage: Behaviour = {
	stream: [
		chatChunk({ content: SECRET_REPLY }),
		chatChunk({ tool_calls: [toolCall] }),
		chatChunk({}, "tool_calls"),
		`data: ${JSON.stringify({ id: "c1", choices: [], usage })}\n\n`,
		"data: [DONE]\n\n",
	],
	pause: 5,
};

let state: RecordedSession;
let server: FaultServer;
beforeEach(() => {
	state = new RecordedSession();
});
afterEach(async () => {
	await state.resources.release();
	await server?.close();
	state.remove();
});

async function run(script: Behaviour[], bodies: object[], options = {}): Promise<ExchangeRecord[]> {
	server = await startFaultServer(script);
	const session = await state.open(server.url, options);
	for (const body of bodies) await post(session, body, { "x-claude-code-session-id": "s1" });
	await state.resources.release();
	const [, ...lines] = await lightLines();
	return lines.map((line) => JSON.parse(line));
}

async function lightLines(): Promise<string[]> {
	const light = (await state.files()).find(({ path }) => path.endsWith(".jsonl"));
	return light?.text.trimEnd().split("\n") ?? [];
}

describe("the light record", () => {
	test("holds the figures of each exchange", async () => {
		const price = { input: 2, output: 10, cacheRead: 0.5 };
		const model = { id: "test-model", vision: true, thinking: "toggle", price } as const;
		const [record] = await run([withUsage], [ASK], { profile: { models: { "test-model": model } } });
		expect(record).toMatchObject({
			number: 1,
			purpose: "main",
			claudeSession: "s1",
			requestedModel: "claude-opus-4-8",
			servedModel: "test-model",
			profile: "test",
			attempts: 1,
			status: 200,
			stopReason: "tool_use",
			tools: ["Bash"],
			usage: { input_tokens: 400, cache_read_input_tokens: 600, output_tokens: 40 },
		});
		expect(record?.cost).toBeCloseTo((400 * 2 + 600 * 0.5 + 40 * 10) / 1e6, 12);
		expect(record?.divergences.map(({ kind }) => kind)).toContain("model-mapped");
		const { sentAt = -1, headersAt = -1, firstToken = -1, duration = -1 } = record ?? {};
		expect([sentAt, headersAt, firstToken, duration]).toEqual(
			[sentAt, headersAt, firstToken, duration].sort((a, b) => a - b),
		);
		expect(sentAt).toBeGreaterThanOrEqual(0);
		expect(record?.tokensPerSecond).toBeGreaterThan(0);
		expect(record?.marks?.length).toBeGreaterThan(0);
	});

	test("a price that is not known is no price of zero", async () => {
		const [record] = await run([withUsage], [ASK]);
		expect(record).not.toHaveProperty("cost");
	});

	test("holds no prompt, no reply, no key", async () => {
		const leak: Behaviour = {
			stream: chatStream({
				content: `<tool_call>{"name":"Bash","arguments":{"command":"${SECRET_REPLY}"}}</tool_call>`,
			}),
		};
		const keyInError: Behaviour = { status: 400, body: '{"error":{"message":"the key provider-secret-key is bad"}}' };
		const records = await run([withUsage, leak, keyInError], [ASK, ASK, ASK]);
		expect(records).toHaveLength(3);
		expect(records[1]?.divergences.map(({ kind }) => kind)).toContain("leaked-tool-call");
		expect(records[2]?.failure).toContain("[");
		const text = (await lightLines()).join("\n");
		for (const secret of [SECRET_PROMPT, SECRET_REPLY, "provider-secret-key"]) expect(text).not.toContain(secret);
	});

	test("keeps of a provider's words only the beginning", async () => {
		const page = "<html>".padEnd(5000, "x");
		const [record] = await run(
			[
				{ status: 503, body: page },
				{ status: 400, body: page },
			],
			[ASK],
		);
		expect(record?.divergences.map(({ kind }) => kind)).toContain("retry");
		expect(Math.max(...(await lightLines()).map((line) => line.length))).toBeLessThan(2500);
	});

	test("is for this user alone, and begins with the session", async () => {
		await run([withUsage], [ASK]);
		const [file] = await state.files();
		expect([file?.mode, file?.folderMode]).toEqual([0o600, 0o700]);
		const head = JSON.parse((await lightLines())[0] ?? "");
		expect(head).toMatchObject({ profile: "test", traced: false, pid: process.pid });
		expect(head.session).toMatch(SESSION_ID);
	});

	test("no exchange, no file", async () => {
		await run([withUsage], []);
		expect(existsSync(state.folder)).toBe(false);
	});

	test("a folder that cannot be written does not stop the session", async () => {
		mkdirSync(join(state.state, "cc-any"));
		writeFileSync(state.folder, "a file in the way");
		server = await startFaultServer([withUsage]);
		const session = await state.open(server.url);
		expect((await post(session, ASK)).status).toBe(200);
		await state.resources.release();
	});

	test("token counts are records of their own", async () => {
		server = await startFaultServer([withUsage]);
		const session = await state.open(server.url);
		await post(session, ASK, {}, "/v1/messages/count_tokens");
		expect(session.recording.records.map(({ purpose, status }) => [purpose, status])).toEqual([["count", 200]]);
	});
});

describe("old sessions", () => {
	const day = 24 * 3_600_000;
	const retention = { ageMs: 30 * day, recordBytes: 250, traceBytes: 250 };

	function store(daysAgo: number, size: number): string {
		const name = newSessionId(new Date(Date.now() - daysAgo * day));
		mkdirSync(state.folder, { recursive: true });
		const path = join(state.folder, `${name}.jsonl`);
		writeFileSync(path, "x".repeat(size));
		const time = (Date.now() - daysAgo * day) / 1000;
		utimesSync(path, time, time);
		return path;
	}

	test("of the last hour stay, whatever their size; later ones go once the limit is exceeded", async () => {
		const hour = day / 24;
		const now = Date.now();
		const [live, idle] = [store(0.99 / 24, 100), store(1.01 / 24, 100)];
		await prune(state.folder, newSessionId(), { ...retention, recordBytes: 200 }, now);
		expect([live, idle].map((path) => existsSync(path))).toEqual([true, true]);
		await prune(state.folder, newSessionId(), { ...retention, recordBytes: 99 }, now);
		expect([live, idle].map((path) => existsSync(path))).toEqual([true, false]);
		await prune(state.folder, newSessionId(), { ...retention, recordBytes: 99 }, now + hour);
		expect(existsSync(live)).toBe(false);
	});

	test("go by age, then by size, the oldest first; running ones and other files stay", async () => {
		const [ancient, old, recent, live] = [store(40, 10), store(3, 100), store(2, 100), store(0, 100)];
		const foreign = join(state.folder, "notes.txt");
		writeFileSync(foreign, "mine");
		const own = newSessionId();
		await prune(state.folder, own, retention);
		expect([ancient, old, recent, live, foreign].map((path) => existsSync(path))).toEqual([
			false,
			false,
			true,
			true,
			true,
		]);
	});
});

test("ids of one second sort by their milliseconds", () => {
	const at = (milliseconds: number) => newSessionId(new Date(2026, 10, 25, 12, 0, 0, milliseconds));
	const ids = [5, 40, 300, 301, 999].map(at);
	expect([...ids].sort()).toEqual(ids);
	expect(ids.every((id) => SESSION_ID.test(id))).toBe(true);
	expect(SESSION_ID.test("20261125-120000-0a1b")).toBe(true);
});
