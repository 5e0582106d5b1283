import { execFileSync, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { collectEvents } from "../../src/protocol/message-events.ts";
import { Redactor } from "../../src/trace/record/redact.ts";
import { packArchive, unpackArchive } from "../../src/trace/store/archive.ts";
import { BlobWriter, restoreParts } from "../../src/trace/store/blobs.ts";
import { readExchange } from "../../src/trace/store/read-store.ts";
import { readTrace } from "../../src/trace/store/sessions.ts";
import { archiveName } from "../../src/trace/store/store.ts";
import { type Behaviour, chatStream, type FaultServer, startFaultServer } from "../support/fault-server.ts";
import { CC_ANY, until } from "../support/processes.ts";
import { post, RecordedSession } from "../support/recorded-session.ts";

const KEY = "provider-secret-key";
const LONG = "a part of the conversation that is sent again and again ".repeat(20);

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

function ask(...texts: string[]) {
	const messages = texts.map((content, index) => ({ role: index % 2 === 0 ? "user" : "assistant", content }));
	return { model: "test-model", max_tokens: 100, stream: true, messages };
}

const fine: Behaviour = { stream: chatStream({ content: "fi" }, { content: "ne" }) };

test("an archive gives back every file, in order; a truncated one is refused", async () => {
	const files = new Map([
		["record.json", Buffer.from("é")],
		["attempt-1/upstream.sse", Buffer.alloc(100_000, 97)],
		["empty", Buffer.alloc(0)],
		["last", Buffer.alloc(512, 98)],
	]);
	const archive = await packArchive(files);
	expect([...(await unpackArchive(archive))]).toEqual([...files]);
	await expect(unpackArchive(archive.subarray(0, 50_000))).rejects.toThrow("truncated");
});

describe("a full trace", () => {
	test("holds the four bodies, with the time of each read and the read of each event", async () => {
		server = await startFaultServer([{ ...fine, pause: 5 }]);
		const session = await state.open(server.url, { trace: true });
		await post(session, ask(LONG), { "anthropic-beta": "some-beta-2026-01-01" });
		await state.resources.release();
		const stored = await readTrace(state.folder, session.recording.session, 1);
		const [attempt] = stored?.attempts ?? [];
		expect(stored?.request).toEqual(ask(LONG));
		expect(attempt?.outgoing?.body).toEqual(JSON.parse(server.requests[0]?.body ?? ""));
		expect(attempt?.outgoing?.path).toBe("/chat/completions");
		expect(attempt?.reply?.bytes.toString()).toBe(fine.stream.join(""));
		expect(attempt?.head?.status).toBe(200);
		expect(attempt?.target).toMatchObject({
			profile: "test",
			model: "test-model",
			dialect: "openai-chat",
			key: undefined,
		});
		expect(attempt?.betas).toEqual(["some-beta-2026-01-01"]);
		expect(attempt?.events.map(({ type }) => type).slice(-2)).toEqual(["message_delta", "message_stop"]);
		expect(attempt?.eventReads).toHaveLength(attempt?.events.length ?? -1);
		expect(attempt?.reads.reduce((sum, [, bytes]) => sum + bytes, 0)).toBe(fine.stream.join("").length);
		expect(stored?.record).toMatchObject({ number: 1, status: 200 });
	});

	test("keeps every attempt", async () => {
		server = await startFaultServer([{ status: 503, body: '{"error":{"message":"busy"}}' }, { before: "reset" }, fine]);
		const session = await state.open(server.url, { trace: true });
		expect((await post(session, ask("hi"))).status).toBe(200);
		await state.resources.release();
		const stored = await readTrace(state.folder, session.recording.session, 1);
		expect(stored?.attempts.map(({ head, failure }) => [head?.status, failure?.slice(0, 20)])).toEqual([
			[503, '{"error":{"message":'],
			[0, expect.stringContaining("ECONNRESET")],
			[200, undefined],
		]);
	});

	test("stores what many requests share once", async () => {
		server = await startFaultServer([fine]);
		const session = await state.open(server.url, { trace: true });
		for (const more of [[], ["a", "b"], ["a", "b", "c", "d"]]) await post(session, ask(LONG, ...more));
		await state.resources.release();
		const holders = (await state.files()).filter(({ text }) => text.includes(LONG));
		// The two wires write a user message alike here, so that one part serves both.
		expect(holders.map(({ path }) => path)).toEqual([expect.stringMatching(/parts\/[0-9a-f]{64}\.gz$/)]);
	});

	test("is an archive that tar reads", async () => {
		server = await startFaultServer([{ status: 503, body: '{"error":{"message":"busy"}}' }, fine]);
		const session = await state.open(server.url, { trace: true });
		await post(session, ask("hi"));
		await state.resources.release();
		const archive = join(state.folder, session.recording.session, archiveName(1));
		const names = execFileSync("tar", ["--list", "--gzip", "--file", archive], { encoding: "utf8" }).trim().split("\n");
		expect(names).toContain("attempt-1/upstream-failure.txt");
		const sse = execFileSync("tar", ["--extract", "--to-stdout", "--gzip", "--file", archive, "upstream.sse"]);
		expect(sse.toString()).toBe(fine.stream.join(""));
	});

	test("that is damaged is reported with its path", async () => {
		server = await startFaultServer([fine]);
		const session = await state.open(server.url, { trace: true });
		await post(session, ask("hi"));
		await state.resources.release();
		const archive = join(state.folder, session.recording.session, archiveName(1));
		const bytes = gunzipSync(readFileSync(archive));
		bytes[3] = 0;
		writeFileSync(archive, gzipSync(bytes));
		await expect(readTrace(state.folder, session.recording.session, 1)).rejects.toThrow(`${archive} is damaged`);
	});

	test("of an earlier version is still read", async () => {
		const { request, attempts } = await readExchange(join(import.meta.dirname, "archive-0.1.0/00001.tar.gz"));
		expect(request.system).toEqual([{ type: "text", text: "You are a tool. ".repeat(40) }]);
		expect(attempts[0]?.failure).toContain("busy");
		expect(collectEvents(attempts[1]?.events ?? [])?.content).toEqual([{ type: "text", text: "finé" }]);
	});

	test("can be requested by the variable and by the profile too", async () => {
		server = await startFaultServer([fine]);
		const session = await state.open(server.url, { profile: { trace: true } });
		await post(session, ask("hi"));
		await state.resources.release();
		expect(await readTrace(state.folder, session.recording.session, 1)).toBeDefined();
	});

	test("is for this user alone", async () => {
		server = await startFaultServer([fine]);
		await post(await state.open(server.url, { trace: true }), ask(LONG));
		await state.resources.release();
		expect(new Set((await state.files()).map(({ mode }) => mode))).toEqual(new Set([0o600]));
		expect(new Set((await state.files()).map(({ folderMode }) => folderMode))).toEqual(new Set([0o700]));
	});
});

test("no secret reaches the disk: key, token, header, pattern; whole, split, or repeated by the provider", async () => {
	const header = "header-secret-0123456789";
	const pieces = KEY.match(/.{1,4}/g) ?? [];
	const streamed: Behaviour = {
		stream: chatStream(...pieces.map((content) => ({ content })), { content: " and employee-4711" }),
		headers: { "x-echo": KEY, "set-cookie": "session=abc" },
	};
	const refused: Behaviour = { status: 400, body: `{"error":{"message":"bad key ${KEY}, header ${header}"}}` };
	server = await startFaultServer([streamed, refused, { stream: [JSON.stringify({ error: { message: KEY } })] }]);
	const profile = { headers: { "x-extra": header }, redact: ["employee-\\d+"] };
	const session = await state.open(server.url, { trace: true, profile });
	const secrets = [KEY, header, session.token, "employee-4711", ["sk", "ant", "0123456789abcdefghij"].join("-")];
	const prompt = `${LONG}${secrets.join(" ")} Authorization: Bearer abcdefgh12345678`;
	const toolInput = { command: `curl -H 'x-api-key: ${KEY}'` };
	for (const text of [prompt, `short ${KEY}`, LONG]) {
		const body = ask(text, "ok", "more");
		body.messages.push({
			role: "assistant",
			content: [{ type: "tool_use", id: "t1", name: "Bash", input: toolInput }] as never,
		});
		body.messages.push({
			role: "user",
			content: [{ type: "tool_result", tool_use_id: "t1", content: session.token }] as never,
		});
		await post(session, body);
	}
	await state.resources.release();
	const files = await state.files();
	expect(files.filter(({ path }) => path.includes("upstream.sse"))).toHaveLength(1);
	expect(files.some(({ text }) => text.includes("[redacted]"))).toBe(true);
	for (const secret of [...secrets, "abcdefgh12345678", "session=abc"]) {
		expect(
			files.filter(({ text }) => text.includes(secret)).map(({ path }) => path),
			secret,
		).toEqual([]);
	}
	// In pieces: neither the raw frames nor the events add up to the key.
	const [stored] = [await readTrace(state.folder, session.recording.session, 1)];
	const texts = stored?.attempts[0]?.events.map((event) =>
		event.type === "content_block_delta" && event.delta.type === "text_delta" ? event.delta.text : "",
	);
	expect(texts?.join("")).toBe("[redacted] and [redacted]");
	const raw = stored?.attempts[0]?.reply?.bytes.toString() ?? "";
	expect([...raw.matchAll(/"content":"([^"]*)"/g)].map((match) => match[1]).join("")).toBe("[redacted] and [redacted]");
});

test("a kill at any time loses at most what is in flight, and the store stays readable", async () => {
	server = await startFaultServer([{ ...fine, pause: 10 }]);
	const options = ["serve", "--json", "--trace", "--base-url", `${server.url}/v1`, "--model", "m"];
	const env = { PATH: process.env["PATH"] ?? "", HOME: state.state, XDG_STATE_HOME: state.state };
	const seen = new Set<string>();
	for (const wait of [0, 3, 10, 30]) {
		const child = spawn(process.execPath, [CC_ANY, ...options], {
			env,
			cwd: state.state,
			stdio: ["ignore", "pipe", "inherit"],
		});
		const [line] = await new Promise<string[]>((resolve) =>
			child.stdout.once("data", (data) => resolve(String(data).split("\n"))),
		);
		const session = JSON.parse(line ?? "");
		const answered: number[] = [];
		const asking = (async () => {
			for (let number = 1; ; number++) {
				await post(session, ask(`${LONG} ${number}`));
				answered.push(number);
			}
		})().catch(() => undefined);
		// The record of the first is there: from now on the kill may come at any moment.
		const id = await until(() => newSession(seen));
		await until(() => (existsSync(join(state.folder, id, archiveName(1))) ? true : undefined));
		await delay(wait);
		child.kill("SIGKILL");
		await asking;
		const complete = readdirSync(join(state.folder, id))
			.filter((name) => /^\d+\.tar\.gz$/.test(name))
			.map((name) => Number.parseInt(name, 10))
			.sort((a, b) => a - b);
		for (const number of complete) {
			const stored = await readTrace(state.folder, id, number);
			expect(stored?.request).toEqual(ask(`${LONG} ${number}`));
			expect(stored?.attempts[0]?.reply?.bytes.toString()).toBe(fine.stream.join(""));
		}
		// In order and without a gap; the last ones may still have been on their way to the disk.
		expect(complete).toEqual(complete.map((_number, index) => index + 1));
		expect(answered.length - complete.length).toBeLessThanOrEqual(3);
	}
});

/** The session that was not seen before, once there is one. */
function newSession(seen: Set<string>): string | undefined {
	if (!existsSync(state.folder)) return undefined;
	const names = readdirSync(state.folder).filter((name) => name.endsWith(".jsonl"));
	const id = names.map((name) => name.replace(".jsonl", "")).find((name) => !seen.has(name));
	if (id !== undefined) seen.add(id);
	return id;
}

test("a part of 256 characters of JSON is stored apart, a shorter one stays in the body", async () => {
	const folder = join(state.state, "parts");
	const body = { short: "a".repeat(253), long: "b".repeat(254) };
	const written = JSON.parse(new BlobWriter(folder, new Redactor()).write(body));
	expect(written.short).toBe(body.short);
	expect(Object.keys(written.long)).toEqual(["$blob"]);
	expect(await restoreParts(written, folder)).toEqual(body);
});
