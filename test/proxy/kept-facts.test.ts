import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Profile, targetOf } from "../../src/profile/model/profile.ts";
import { FactFiles } from "../../src/proxy/learning/fact-files.ts";
import type { Change } from "../../src/proxy/learning/facts.ts";
import { keyOf, LearnedFacts } from "../../src/proxy/learning/learned-facts.ts";
import { learnedModels } from "../../src/proxy/learning/offer-facts.ts";
import { startProxy } from "../../src/proxy/server.ts";
import type { ExchangeRecord } from "../../src/trace/record/exchange-record.ts";
import { type Behaviour, type FaultServer, startFaultServer } from "../support/fault-server.ts";
import { testProfile } from "../support/profile.ts";

let folder = "";
let server: FaultServer;
let endpoint: Endpoint;
beforeEach(async () => {
	folder = join(mkdtempSync(join(tmpdir(), "cc-any-facts-")), "learned");
	server = await startFaultServer(({ body }) => endpoint(JSON.parse(body) as Body));
});
afterEach(async () => {
	await server.close();
	rmSync(join(folder, ".."), { recursive: true, force: true });
});

const ANSWER: Behaviour = {
	stream: [
		'data: {"choices":[{"index":0,"delta":{"content":"Fine."},"finish_reason":"stop"}],"usage":{"prompt_tokens":2000,"completion_tokens":2}}\n\n',
	],
};
const refusal = (message: string): Behaviour => ({ status: 400, body: JSON.stringify({ error: { message } }) });
const files = () =>
	readdirSync(folder, { recursive: true, encoding: "utf8" })
		.filter((name) => name.endsWith(".json"))
		.map((name) => join(folder, name));

type Body = Record<string, unknown>;
type Endpoint = (body: Body) => Behaviour;

interface RunOptions {
	relearn?: boolean;
	times?: number;
	profile?: Partial<Profile>;
	request?: object;
}

/** One run of the proxy: how many requests the endpoint got for each prompt, and what was recorded. */
async function run(answer: Endpoint, { relearn, times = 1, profile, request }: RunOptions = {}) {
	endpoint = answer;
	const records: ExchangeRecord[] = [];
	const proxy = await startProxy({
		profile: testProfile(server.url, profile),
		onExchange: (record) => records.push(record),
		learned: { folder, relearn },
	});
	const counts: number[] = [];
	for (let time = 0; time < times; time++) {
		const before = server.requests.length;
		const body = {
			model: "test-model",
			max_tokens: 4000,
			messages: [{ role: "user", content: `x${time}` }],
			...request,
		};
		const headers = { authorization: `Bearer ${proxy.token}` };
		await (await fetch(`${proxy.url}/v1/messages`, { method: "POST", headers, body: JSON.stringify(body) })).text();
		counts.push(server.requests.length - before);
	}
	await proxy.close();
	return { counts, records, kinds: records.flatMap(({ divergences }) => divergences.map(({ kind }) => kind)) };
}

const withoutStreamOptions: Endpoint = (body) =>
	"stream_options" in body ? refusal("Unknown parameter: 'stream_options'.") : ANSWER;
const STREAM = { request: { stream: true } };

describe("what an endpoint has refused is kept for later runs", () => {
	test("in a private file, applied and recorded in the next run, forgotten by relearn", async () => {
		expect((await run(withoutStreamOptions, STREAM)).counts).toEqual([2]);
		expect(files().map((file) => statSync(file).mode & 0o777)).toEqual([0o600]);
		const next = await run(withoutStreamOptions, { ...STREAM, times: 2 });
		expect(next.counts).toEqual([1, 1]);
		expect(next.records[0]?.divergences).toContainEqual({
			kind: "learned-earlier",
			where: "request",
			seen: "1 refusal in earlier runs",
			done: "without stream_options",
		});
		expect((await run(withoutStreamOptions, { ...STREAM, relearn: true })).counts).toEqual([2]);
		expect((await run(withoutStreamOptions, STREAM)).counts).toEqual([1]);
	});

	test("for a week", async () => {
		await run(withoutStreamOptions, STREAM);
		const [file = ""] = files();
		const kept = JSON.parse(readFileSync(file, "utf8")) as { at: number };
		writeFileSync(file, JSON.stringify({ ...kept, at: Date.now() - 8 * 86_400_000 }));
		expect((await run(withoutStreamOptions, STREAM)).counts).toEqual([2]);
	});

	test.each([
		"",
		"{",
		"[]",
		'{"version":2}',
		'{"version":1,"profile":"p","model":"m","done":"","at":1,"change":{"__proto__":1}}',
	])("a damaged file is nothing learned, and is reported once: %s", async (text) => {
		await run(withoutStreamOptions, STREAM);
		writeFileSync(files()[0] ?? "", text);
		const { counts, kinds } = await run(withoutStreamOptions, { ...STREAM, times: 2 });
		expect(counts).toEqual([2, 1]);
		expect(kinds.filter((kind) => kind === "learned-lost")).toHaveLength(1);
	});

	test("a folder that cannot be written costs nothing but the memory", async () => {
		writeFileSync(folder, "a file in the place of the folder");
		const { counts, kinds } = await run(withoutStreamOptions, { ...STREAM, times: 2 });
		expect(counts).toEqual([2, 1]);
		expect(kinds).toContain("learned-lost");
	});

	test("a window: the prompt is sent nevertheless, because the window may have grown", async () => {
		const full = refusal(
			"This model's maximum context length is 4096 tokens. However, your messages resulted in 9000 tokens.",
		);
		const long = { request: { messages: [{ role: "user", content: "word ".repeat(10_000) }] } };
		const unknown = { profile: { models: {} } };
		await run(({ messages }) => (JSON.stringify(messages).length > 10_000 ? full : ANSWER), { ...unknown, ...long });
		await run(() => ANSWER, unknown);
		const later = await run(() => ANSWER, { ...unknown, ...long });
		expect(later.counts).toEqual([1]);
		expect(later.records[0]?.status).toBe(200);
	});
});

describe("what was learned is doubted", () => {
	test("a change that does not help is not made again in this run, and not kept", async () => {
		const never = await run(() => refusal("Unknown parameter: 'stream_options'."), { ...STREAM, times: 3 });
		expect(never.counts).toEqual([2, 1, 1]);
		expect(never.records[2]?.status).toBe(400);
		expect((await run(() => ANSWER, STREAM)).kinds).toEqual([]);
	});

	test("an endpoint that always refuses an inherited name gets one request", async () => {
		for (const name of ["constructor", "__proto__", "toString"]) {
			expect((await run(() => refusal(`Unknown parameter: '${name}'.`), { times: 2 })).counts).toEqual([1, 1]);
		}
	});

	test("an endpoint whose range changes with each request gets five", async () => {
		let limit = 4000;
		const shrinking: Endpoint = () =>
			refusal(`Invalid max_tokens value, the valid range of max_tokens is [1, ${--limit}]`);
		const { counts } = await run(shrinking, { times: 2 });
		expect(Math.max(...counts)).toBeLessThanOrEqual(5);
	});

	test("a request that was answered with what is refused contradicts the fact", () => {
		const target = targetOf(testProfile("http://endpoint.test"), "test-model");
		const sentAt = Date.now() + 1000;
		const forgets = (change: Change, body: Body, inputTokens: number) => {
			rmSync(folder, { recursive: true, force: true });
			const learned = new LearnedFacts(new FactFiles({ folder }));
			learned.learn(target, change, { done: "x" });
			learned.confirm(target, { body: {}, inputTokens: 0, sentAt });
			expect(learned.of(target)).toHaveLength(1);
			learned.confirm(target, { body, inputTokens, sentAt });
			return learned.of(target).length === 0 && new LearnedFacts(new FactFiles({ folder })).of(target).length === 0;
		};
		expect(forgets({ contextWindow: 4096 }, {}, 5000)).toBe(true);
		expect(forgets({ maxOutput: 4096 }, { max_tokens: 8192 }, 0)).toBe(true);
		expect(forgets({ sharedWindow: { tokens: 8000, tokensPerChar: 0.2 } }, { max_tokens: 4000 }, 5000)).toBe(true);
		expect(forgets({ edits: [{ path: ["seed"] }] }, { seed: 1 }, 0)).toBe(true);
		expect(
			forgets(
				{ vision: false },
				{ messages: [{ content: [{ type: "image_url", image_url: { url: "data:image/png;base64,AA" } }] }] },
				0,
			),
		).toBe(true);
		// A field of that name in a tool's input is no image.
		expect(
			forgets({ vision: false }, { messages: [{ content: [{ type: "tool_use", input: { image: "a" } }] }] }, 0),
		).toBe(false);
		expect(forgets({ contextWindow: 4096 }, {}, 3000)).toBe(false);
	});

	test("other numbers replace the earlier ones, and impossible ones are not believed", () => {
		const target = targetOf(testProfile("http://endpoint.test", { models: {} }), "m");
		const learned = new LearnedFacts();
		learned.learn(target, { contextWindow: 4096 }, { done: "x" });
		learned.learn(target, { contextWindow: 32_768 }, { done: "x" });
		for (const contextWindow of [40, 0, -5, Number.NaN, 1e12]) {
			expect(learned.learn(target, { contextWindow }, { done: "x" })).toBeUndefined();
		}
		expect(learned.learn(target, { maxOutput: 1 }, { done: "x" })).toBeUndefined();
		expect(learned.apply(target)).toMatchObject({ contextWindow: 32_768, maxOutput: undefined });
	});
});

test("processes that learn at the same time lose nothing", () => {
	const target = targetOf(testProfile("http://endpoint.test"), "test-model");
	const stores = Array.from({ length: 8 }, () => new LearnedFacts(new FactFiles({ folder })));
	for (const store of stores) store.of(target);
	stores.forEach((store, index) => {
		store.learn(target, { edits: [{ path: [`field_${index}`] }] }, { done: `without field_${index}` });
		store.confirm(target, { body: {}, inputTokens: 0, sentAt: Date.now() + 1 });
	});
	expect(new FactFiles({ folder }).read(keyOf(target))).toHaveLength(8);
});

test("the fields that are offered for the profile say the same as what was learned", async () => {
	const strict: Endpoint = (body) => {
		for (const name of ["stop", "user", "stream_options"])
			if (name in body) return refusal(`Unsupported parameter: '${name}'`);
		return Number(body["max_tokens"]) > 2048 ? refusal("max_tokens must be less than or equal to 2048") : ANSWER;
	};
	const request = { stream: true, stop_sequences: ["END"], metadata: { user_id: "u" } };
	const profile = { quirks: { userIdField: "user" as const } };
	expect((await run(strict, { request, profile })).counts).toEqual([5]);
	const [learned] = learnedModels(testProfile(server.url, profile), new FactFiles({ folder }));
	expect(learned).toMatchObject({
		model: "test-model",
		fields: {
			maxOutput: 2048,
			quirks: {
				refusedParameters: ["stop"],
				bodyEdits: [{ path: ["stop"] }, { path: ["user"] }, { path: ["stream_options"] }],
			},
		},
	});
	rmSync(folder, { recursive: true });
	const model = { id: "test-model", vision: true, thinking: "toggle" as const, ...learned?.fields };
	const offered = { ...profile, models: { "test-model": model } };
	expect((await run(strict, { request, profile: offered })).counts).toEqual([1]);
});
