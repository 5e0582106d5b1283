import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { Profile } from "../../src/profile/model/profile.ts";
import { type Explanation, explain } from "../../src/trace/explain/explain.ts";
import { exportExchange, fixtureOfExchange } from "../../src/trace/store/export.ts";
import { readExchange } from "../../src/trace/store/read-store.ts";
import { readSession, readTrace } from "../../src/trace/store/sessions.ts";
import { type Behaviour, chatChunk, type FaultServer, startFaultServer } from "../support/fault-server.ts";
import { decodeReply, encodeFixture, loadBundle, parseFixture, pretty } from "../support/fixture.ts";
import { post, RecordedSession } from "../support/recorded-session.ts";

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

const BASH = { name: "Bash", description: "runs", input_schema: { $schema: "x", type: "object", properties: {} } };
const ASK = {
	model: "claude-opus-4-8",
	max_tokens: 64_000,
	stream: true,
	system: [{ type: "text", text: "You are a tool." }],
	messages: [{ role: "user", content: "hi" }] as object[],
	tools: [BASH],
	context_management: { edits: [] },
};
type Stream = Extract<Behaviour, { stream: readonly string[] }>;

const usage = `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 9, completion_tokens: 1 } })}\n\n`;
const chat = (finish: string, ...deltas: object[]): Stream => ({
	stream: [...deltas.map((delta) => chatChunk(delta)), chatChunk({}, finish), usage, "data: [DONE]\n\n"],
});
const fine = chat("stop", { content: "fine" });

async function explained(
	script: Behaviour[],
	body: object = ASK,
	profile: Partial<Profile> = {},
	trace = true,
): Promise<Explanation> {
	server = await startFaultServer(script);
	const session = await state.open(server.url, { trace, profile });
	await post(session, body);
	await state.resources.release();
	const id = session.recording.session;
	const [record] = (await readSession(state.folder, id)).records;
	return explain(record as never, await readTrace(state.folder, id, 1));
}

const history = (...messages: object[]) => ({ ...ASK, messages });
const call = (id: string) => ({ role: "assistant", content: [{ type: "tool_use", id, name: "Bash", input: {} }] });
const result = (id: string) => ({ role: "user", content: [{ type: "tool_result", tool_use_id: id, content: "ok" }] });
const events = (...list: { type: string; [field: string]: unknown }[]): Stream => ({
	stream: list.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`),
});
const start = {
	type: "message_start",
	message: {
		id: "m",
		type: "message",
		role: "assistant",
		model: "test-model",
		content: [],
		usage: { input_tokens: 1, output_tokens: 1 },
	},
};
const open = { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } };
const delta = { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "hi" } };
const close = { type: "content_block_stop", index: 0 };
const end = {
	type: "message_delta",
	delta: { stop_reason: "end_turn", stop_sequence: null },
	usage: { output_tokens: 1 },
};
const stop = { type: "message_stop" };
const anthropic = { dialect: "anthropic" as const };

describe("each seeded fault is named: kind, stage, verdict", () => {
	test.each<[string, Behaviour[], object, Partial<Profile>, [string, string, string]]>([
		[
			"a call without result",
			[fine],
			history({ role: "user", content: "a" }, call("t1"), { role: "user", content: "b" }),
			{},
			["missing-tool-result", "request repair", "client"],
		],
		[
			"a result without call",
			[fine],
			history({ role: "user", content: "a" }, { role: "assistant", content: "b" }, result("t9")),
			{},
			["orphan-tool-result", "request repair", "client"],
		],
		[
			"an id used twice",
			[fine],
			history({ role: "user", content: "a" }, call("t1"), result("t1"), call("t1"), result("t1")),
			{},
			["repeated-tool-id", "request repair", "client"],
		],
		[
			"busy, then fine",
			[{ status: 503, body: '{"error":{"message":"busy"}}' }, fine],
			ASK,
			{},
			["retry", "upstream", "provider"],
		],
		[
			"a bad key",
			[{ status: 401, body: '{"error":{"message":"invalid api key"}}' }],
			ASK,
			{},
			["failure auth", "upstream", "client"],
		],
		[
			"an unknown field",
			[{ status: 400, body: `{"error":{"message":"Unrecognized request argument supplied: foo"}}` }],
			ASK,
			{},
			["failure unsupported-parameter", "upstream", "cc-any"],
		],
		[
			"a tool call as text",
			[chat("stop", { content: '<tool_call>{"name":"Bash","arguments":{}}</tool_call>' })],
			ASK,
			{},
			["leaked-tool-call", "response repair", "model"],
		],
		["a foreign finish reason", [chat("because", { content: "x" })], ASK, {}, ["finish-reason", "decode", "provider"]],
		[
			"no message_stop",
			[events(start, open, delta, close, end)],
			ASK,
			anthropic,
			["missing-message-stop", "decode", "provider"],
		],
		[
			"a block that stays open",
			[events(start, open, delta, end, stop)],
			ASK,
			anthropic,
			["unclosed-block", "decode", "provider"],
		],
		[
			"a delta without its block",
			[events(start, delta, close, end, stop)],
			ASK,
			anthropic,
			["stray-delta", "decode", "provider"],
		],
		[
			"a stream without its start",
			[events(open, delta, close, end, stop)],
			ASK,
			anthropic,
			["missing-message-start", "decode", "provider"],
		],
	])("%s", async (_name, script, body, profile, expected) => {
		const { first, routine } = await explained(script, body, profile);
		expect([first?.kind, first?.rule?.stage, first?.rule?.verdict]).toEqual(expected);
		expect(first?.seen).not.toBe("");
		expect(routine.map(({ kind }) => kind)).toContain("model-mapped");
	});

	test("a healthy exchange has no divergence", async () => {
		const { first } = await explained([events(start, open, delta, close, end, stop)], ASK, anthropic);
		expect(first).toBeUndefined();
	});
});

describe("what was asked and what was sent", () => {
	test("each difference has the rule that made it", async () => {
		const body = {
			...ASK,
			system: [{ type: "text", text: "x-anthropic-billing-header: cc_version=1; cc_entrypoint=cli;" }, ...ASK.system],
			messages: [
				{ role: "user", content: "hi" },
				{ role: "system", content: "later" },
				{ role: "user", content: "go" },
			],
		};
		const { changes } = await explained([fine], body);
		const rules = Object.fromEntries((changes ?? []).map(({ place, rule }) => [place, rule]));
		expect(rules).toMatchObject({
			system: "billing-line",
			model: "model-mapped",
			max_tokens: "max-tokens",
			"tools.Bash": "quirks schemaRemove and schemaRewrite",
			"messages[1] system": "later-system",
			stream_options: "quirk streamUsage",
		});
		expect(changes?.find(({ place }) => place === "max_tokens")).toMatchObject({ before: "64000", after: "8192" });
		expect(changes?.find(({ place }) => place === "context_management")?.rule).toMatch(/wire/);
	});

	test("without a full trace nothing is said about it", async () => {
		expect((await explained([fine], ASK, {}, false)).changes).toBeUndefined();
	});
});

describe("a bundle", () => {
	test.each([
		[
			"openai-chat",
			chat("stop", { reasoning_content: "hm" }, { content: "fi" }, { content: "ne" }).stream.join(""),
			{},
		],
		["anthropic", events(start, open, delta, close, end).stream.join(""), anthropic],
		["a reply that breaks", chatChunk({ content: "half" }), {}],
	])("of %s is a fixture: the harness of the codecs accepts it", async (_name, stream, profile) => {
		server = await startFaultServer([{ stream: [stream] }]);
		const session = await state.open(server.url, { trace: true, profile });
		await post(session, ASK, { "anthropic-beta": "a-beta-2026-01-01" });
		await state.resources.release();
		const stored = await readTrace(state.folder, session.recording.session, 1);
		const outside = mkdtempSync(join(tmpdir(), "cc-any-bundle-"));
		onTestFinished(() => rmSync(outside, { recursive: true }));
		const folder = join(outside, "bundle");
		await exportExchange(stored as never, folder);
		const fixture = loadBundle(folder);
		const read = (file: string) => readFileSync(join(folder, file), "utf8");
		const { upstream } = encodeFixture(fixture);
		const { path, headers, body } = upstream;
		expect(pretty({ path, headers, body })).toBe(read("upstream-request.json"));
		const decoded = decodeReply(fixture, { bytes: Buffer.from(stream) });
		expect(decoded.events.map((event) => `${JSON.stringify(event)}\n`).join("")).toBe(read("events.jsonl"));
		expect(pretty(decoded.failure ?? decoded.message)).toBe(read(decoded.failure ? "failure.json" : "message.json"));
		expect(read("about.md")).toMatch(/^recorded /);
		// `cc-any trace fixture` prints the same case as one file.
		const { dialect, text } = await fixtureOfExchange(stored as never);
		const printed = parseFixture(text, dialect);
		expect(printed.goldens.json("upstream request")).toMatchObject({ body: encodeFixture(printed).upstream.body });
		const { events: printedEvents } = decodeReply(printed, printed.reply ?? { bytes: Buffer.of() });
		expect(printed.goldens.events()).toEqual(printedEvents);
		// The bundle reads back as what was recorded.
		const again = await readExchange(folder);
		expect(again.request).toEqual(stored?.request);
		expect(again.attempts[0]?.events).toEqual(stored?.attempts.at(-1)?.events);
		await expect(exportExchange(stored as never, folder)).rejects.toThrow("not empty");
	});
});
