import { APIError } from "@anthropic-ai/sdk";
import { afterEach, describe, expect, test } from "vitest";
import type { Fallback, Profile } from "../../src/profile/model/profile.ts";
import { type ProxyServer, startProxy } from "../../src/proxy/server.ts";
import type { ExchangeRecord } from "../../src/trace/record/exchange-record.ts";
import { type Behaviour, chatChunk, chatStream, type FaultServer, startFaultServer } from "../support/fault-server.ts";
import { testProfile } from "../support/profile.ts";
import { ASK, sdkClient } from "../support/sdk-client.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const close of closers.splice(0).reverse()) await close();
});

const good: Behaviour = { stream: chatStream({ content: "fine" }) };
const limited = (headers: Record<string, string> = {}): Behaviour => ({
	status: 429,
	body: '{"error":{"message":"slow down","code":"rate_limit_exceeded"}}',
	headers,
});
const disguised: Behaviour = { status: 503, body: '{"error":{"message":"Service temporarily unavailable"}}' };

interface Setup {
	proxy: ProxyServer;
	server: FaultServer;
	records: ExchangeRecord[];
}

async function setup(
	script: Parameters<typeof startFaultServer>[0],
	fallbacks: Fallback[] = [],
	more: Partial<Profile> = {},
): Promise<Setup> {
	const server = await startFaultServer(script);
	const records: ExchangeRecord[] = [];
	const proxy = await startProxy({
		profile: testProfile(server.url, { fallbacks, ...more }),
		onExchange: (record) => records.push(record),
	});
	closers.push(
		() => server.close(),
		() => proxy.close(),
	);
	return { proxy, server, records };
}

async function ask({ proxy }: Setup, stream = true) {
	try {
		const client = sdkClient(proxy);
		const message = stream ? await client.messages.stream(ASK).finalMessage() : await client.messages.create(ASK);
		return { text: message.content.map((block) => (block.type === "text" ? block.text : "")).join("") };
	} catch (error) {
		if (!(error instanceof APIError)) throw error;
		const body = error.error as { error?: { type: string; message: string }; type?: string; message?: string };
		return { status: error.status, headers: error.headers, type: body.error?.type, message: body.error?.message ?? "" };
	}
}

/** The text of the reply to a prompt, as Claude Code asks; undefined for a failure. */
async function askFor({ proxy }: Setup, content: string): Promise<string | undefined> {
	const reply = await fetch(`${proxy.url}/v1/messages`, {
		method: "POST",
		headers: { authorization: `Bearer ${proxy.token}` },
		body: JSON.stringify({ ...ASK, stream: true, messages: [{ role: "user", content }] }),
	});
	const text = await reply.text();
	return text.includes("event: message_stop") ? /"text":"(\w+)"/.exec(text)?.[1] : undefined;
}

const kinds = (records: ExchangeRecord[]) =>
	records.flatMap(({ divergences }) => divergences.map(({ kind }) => kind)).filter((kind) => kind !== "later-system");

describe("before the first content a failure is retried and recorded", () => {
	test.each<[string, Behaviour[]]>([
		["overloaded, then fine", [disguised, good]],
		["reset before headers", [{ before: "reset" }, { before: "reset" }, good]],
		["an error object inside a 200 stream", [{ stream: ['data: {"error":{"message":"overloaded"}}\n\n'] }, good]],
		["an empty 200", [{ stream: [] }, good]],
		["a role-only stream that ends", [{ stream: [chatChunk({ role: "assistant" })] }, good]],
		["an HTML page with 200", [{ stream: ["<html><title>502 Bad Gateway</title></html>"] }, good]],
		["429 with a short wait", [limited({ "retry-after": "1" }), good]],
	])("%s", async (_name, script) => {
		const run = await setup(script);
		expect(await ask(run)).toEqual({ text: "fine" });
		expect(run.server.requests).toHaveLength(script.length);
		expect(kinds(run.records)).toContain("retry");
		expect(run.records[0]?.attempts).toBe(script.length);
	});
});

describe("what Claude Code receives", () => {
	test.each<[string, Behaviour, object]>([
		[
			"a long wait is a 429 without retries",
			limited({ "retry-after": "90" }),
			{ status: 429, type: "rate_limit_error" },
		],
		[
			"balance",
			{ status: 402, body: '{"error":{"message":"Insufficient Balance"}}' },
			{ status: 402, type: "billing_error" },
		],
		[
			"quota as 429",
			{ status: 429, body: '{"error":{"code":"insufficient_quota","message":"You exceeded your current quota"}}' },
			{ status: 402, type: "billing_error" },
		],
		[
			"auth",
			{ status: 401, body: '{"error":{"message":"Incorrect API key provided"}}' },
			{ status: 401, type: "authentication_error" },
		],
		[
			"model",
			{ status: 404, body: '{"error":{"message":"The model `x` does not exist"}}' },
			{ status: 404, type: "not_found_error" },
		],
		[
			"bad request",
			{ status: 400, body: '{"error":{"message":"temperature must be below 2"}}' },
			{ status: 400, type: "invalid_request_error" },
		],
	])("%s", async (_name, behaviour, expected) => {
		const run = await setup([behaviour]);
		const answer = await ask(run);
		expect(answer).toMatchObject(expected);
		expect(answer.headers?.get("x-should-retry")).toBe("false");
		expect(run.server.requests).toHaveLength(1);
	});

	test("the provider's message comes first, then what to do", async () => {
		const run = await setup([{ status: 402, body: '{"error":{"message":"Insufficient Balance"}}' }]);
		expect((await ask(run)).message).toMatch(/^Insufficient Balance\nadd money to the account of test/);
	});

	test("the provider's Retry-After is passed on; none is invented", async () => {
		const hinted = await setup([limited({ "retry-after": "20" })]);
		expect((await ask(hinted)).headers?.get("retry-after")).toBe("20");
		const silent = await setup([{ status: 503, body: "x" }]);
		expect((await ask(silent)).headers?.get("retry-after")).toBeNull();
	});

	test.each([
		[
			"with numbers",
			"This model's maximum context length is 128000 tokens. However, your messages resulted in 150000 tokens",
			"prompt is too long: 150000 tokens > 128000 maximum",
		],
		["without the used ones", "Range of input length should be [1, 129024]", "prompt is too long"],
		[
			"output counted",
			"This model's maximum context length is 102400 tokens. However, you requested 102772 tokens (70772 in the messages, 32000 in the completion).",
			"input length and `max_tokens` exceed context limit: 70772 + 32000 > 102400",
		],
	])("an overflow %s is one that Claude Code compacts on", async (_name, words, expected) => {
		const run = await setup([{ status: 400, body: JSON.stringify({ error: { message: words } }) }]);
		const { status, message } = await ask(run);
		expect({ status, message: message?.split("\n")[0] }).toEqual({ status: 400, message: expected });
	});

	test("a key that the provider's message repeats is masked", async () => {
		const run = await setup([{ status: 401, body: '{"error":{"message":"bad key provider-secret-key given"}}' }]);
		const { message } = await ask(run);
		expect(message).toContain("bad key [key] given");
	});

	test("a redirect is refused: the conversation goes nowhere else", async () => {
		const elsewhere = await startFaultServer([good]);
		closers.push(() => elsewhere.close());
		const run = await setup([{ status: 307, headers: { location: `${elsewhere.url}/v1/chat/completions` } }]);
		expect((await ask(run)).status).toBeGreaterThanOrEqual(400);
		expect(elsewhere.requests).toHaveLength(0);
	});
});

describe("after the first content", () => {
	const broken: Behaviour = { stream: [chatChunk({ content: "half an an" })], after: "reset", pause: 50 };

	test("a reset is an error event, never an end of turn, and nothing is sent twice", async () => {
		const run = await setup([broken]);
		const answer = await ask(run);
		expect(answer.text).toBeUndefined();
		expect(run.server.requests).toHaveLength(1);
		expect(run.records[0]?.failure).toMatch(/truncated|network/);
	});

	test("a stream that just ends is an error too", async () => {
		const run = await setup([{ stream: [chatChunk({ content: "half an an" })], pause: 50 }]);
		expect((await ask(run)).text).toBeUndefined();
	});

	test("a truncated tool call is a failure, streamed or not", async () => {
		const call = { index: 0, id: "c1", function: { name: "Write", arguments: '{"file_path":"/a","content":"half' } };
		const cut: Behaviour = { stream: [chatChunk({ tool_calls: [call] })], pause: 50 };
		expect((await ask(await setup([cut]))).text).toBeUndefined();
		expect((await ask(await setup([cut, cut, cut]), false)).text).toBeUndefined();
	});

	test("without streaming nothing is written yet, so it is retried", async () => {
		const run = await setup([broken, good]);
		expect(await ask(run, false)).toEqual({ text: "fine" });
	});
});

test("a complete answer is delivered though the socket stays open", async () => {
	const run = await setup([{ stream: chatStream({ content: "fine" }), after: "hang" }]);
	expect(await ask(run)).toEqual({ text: "fine" });
	await run.server.requests[0]?.aborted;
});

test("a finish reason without [DONE] on an open socket ends the reply after a grace period, and is recorded", async () => {
	const pieces = [chatChunk({ content: "fine" }), chatChunk({}, "stop")];
	const run = await setup([{ stream: pieces, after: "hang" }]);
	expect(await ask(run)).toEqual({ text: "fine" });
	expect(kinds(run.records)).toContain("open-end");
});

test("a prompt that was truncated silently is recorded", async () => {
	const usage = `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 4096, completion_tokens: 1 } })}\n\n`;
	const run = await setup([{ stream: [...chatStream({ content: "fine" }).slice(0, -1), usage, "data: [DONE]\n\n"] }]);
	const messages = [{ role: "user" as const, content: "word ".repeat(40_000) }];
	await sdkClient(run.proxy)
		.messages.stream({ ...ASK, messages })
		.finalMessage();
	expect(kinds(run.records)).toContain("silent-cut");
	await ask(run);
	expect(kinds(run.records).filter((kind) => kind === "silent-cut")).toHaveLength(1);
});

test("a length finish without a token is a full window: Claude Code compacts", async () => {
	const usage = 'data: {"choices":[],"usage":{"prompt_tokens":4096,"completion_tokens":0}}\n\n';
	const run = await setup([{ stream: [chatChunk({}, "length"), usage, "data: [DONE]\n\n"] }]);
	expect(await ask(run)).toMatchObject({ status: 400, message: expect.stringContaining("prompt is too long") });
});

test("a client that disconnects aborts the upstream request", async () => {
	const run = await setup([{ stream: [chatChunk({ content: "a" })], after: "hang" }]);
	const stream = sdkClient(run.proxy).messages.stream(ASK);
	const done = stream.done().catch(() => "aborted");
	await new Promise((resolve) => stream.on("text", resolve));
	stream.abort();
	expect(await done).toBe("aborted");
	await run.server.requests[0]?.aborted;
	await expect.poll(() => run.records[0]?.failure).toBe("the client disconnected");
	// Unknown, not "0 tokens in": the provider counts at the end.
	expect(run.records[0]?.usage).toBeUndefined();
});

describe("the gate of a target", () => {
	test("the wait that a limited provider named applies to all requests, and is not cut short by asking", async () => {
		const run = await setup([limited({ "retry-after": "40" })]);
		expect(await ask(run)).toMatchObject({ status: 429 });
		const answers = await Promise.all(Array.from({ length: 6 }, () => ask(run)));
		expect(answers.map(({ status }) => status)).toEqual([429, 429, 429, 429, 429, 429]);
		expect(run.server.requests).toHaveLength(1);
		for (const { headers } of answers) expect(Number(headers?.get("retry-after"))).toBeGreaterThan(35);
		expect(kinds(run.records).filter((kind) => kind === "brake")).toHaveLength(6);
	});

	test("a wait that Claude Code would only come back after is waited out inside", async () => {
		const run = await setup([limited({ "retry-after": "2" }), good]);
		const answers = await Promise.all(Array.from({ length: 6 }, () => ask(run)));
		expect(answers).toEqual(Array(6).fill({ text: "fine" }));
	});

	test("a provider that fails once serves all requests", async () => {
		const run = await setup([disguised, good]);
		const answers = await Promise.all(Array.from({ length: 6 }, () => ask(run)));
		expect(answers).toEqual(Array(6).fill({ text: "fine" }));
		expect(run.server.requests).toHaveLength(7);
	});

	test("a healthy provider serves parallel requests at once", async () => {
		const run = await setup([good]);
		await ask(run);
		await Promise.all(Array.from({ length: 8 }, () => ask(run)));
		expect(run.server.requests).toHaveLength(9);
	});
});

describe("fallback", () => {
	const fallbackTo = async (script: Behaviour[]) => {
		const server = await startFaultServer(script);
		closers.push(() => server.close());
		const profile = testProfile(server.url, { name: "second", key: "second-key" });
		return { server, fallback: { profile } satisfies Fallback };
	};

	test.each<[string, Behaviour]>([
		["quota", { status: 429, body: '{"error":{"code":"insufficient_quota","message":"quota"}}' }],
		["balance", { status: 402, body: '{"error":{"message":"Insufficient Balance"}}' }],
		["long rate limit", limited({ "retry-after": "90" })],
		["model not found", { status: 404, body: '{"error":{"message":"no such model"}}' }],
	])("on %s the next target answers this request and the next one, which is recorded", async (_name, behaviour) => {
		const second = await fallbackTo([good]);
		const run = await setup([behaviour], [second.fallback]);
		expect(await ask(run)).toEqual({ text: "fine" });
		expect(await ask(run)).toEqual({ text: "fine" });
		expect(run.server.requests).toHaveLength(1);
		expect(second.server.requests).toHaveLength(2);
		expect(kinds(run.records)).toContain("fallback");
		expect(run.records[0]?.profile).toBe(second.fallback.profile.name);
		expect(run.records[1]?.profile).toBe("second");
		expect(second.server.requests[0]?.headers.authorization).toBe("Bearer second-key");
	});

	test("the reply names it once, if the profile asks for that", async () => {
		const second = await fallbackTo([good]);
		const balance = { status: 402, body: '{"error":{"message":"Insufficient Balance"}}' };
		const run = await setup([balance], [second.fallback], { announceFallback: true });
		const tools = [{ name: "Bash", input_schema: { type: "object" as const } }];
		const texts = async () => {
			const { content } = await sdkClient(run.proxy)
				.messages.stream({ ...ASK, tools })
				.finalMessage();
			return content.map((block) => (block.type === "text" ? block.text : ""));
		};
		expect(await texts()).toEqual(["[cc-any: test/test-model: balance; answered by second/test-model]", "fine"]);
		expect(await texts()).toEqual(["fine"]);
	});

	test("the summary of a compaction never begins with the name of the fallback, nor does a suggested prompt", async () => {
		const second = await fallbackTo([good]);
		const balance = { status: 402, body: '{"error":{"message":"Insufficient Balance"}}' };
		const tools = [{ name: "Bash", input_schema: { type: "object" as const } }];
		const textOf = async (content: string, headers: Record<string, string>) => {
			const run = await setup([balance], [second.fallback], { announceFallback: true });
			const request = { ...ASK, tools, messages: [{ role: "user" as const, content }] };
			return sdkClient(run.proxy).messages.stream(request, { headers }).finalText();
		};
		const compaction = "CRITICAL: Respond with TEXT ONLY. Do NOT call any tools. Create a summary.";
		expect(await textOf(compaction, {})).toBe("fine");
		expect(await textOf("suggest a prompt", { "x-claude-code-request-class": "auxiliary" })).toBe("fine");
		expect(await textOf("go on", { "x-claude-code-request-class": "main" })).toMatch(/^\[cc-any: .*fine$/s);
	});

	test("a bad request is the same everywhere: no fallback", async () => {
		const second = await fallbackTo([good]);
		const run = await setup([{ status: 400, body: '{"error":{"message":"bad"}}' }], [second.fallback]);
		expect((await ask(run)).status).toBe(400);
		expect(second.server.requests).toHaveLength(0);
	});

	test("a reply that breaks off is sent again to the same target; when that breaks off too, the next goes to the fallback", async () => {
		const second = await fallbackTo([good]);
		const broken: Behaviour = { stream: [chatChunk({ content: "half" })], after: "reset", pause: 50 };
		const run = await setup([broken], [second.fallback]);
		expect((await ask(run)).text).toBeUndefined();
		expect(second.server.requests).toHaveLength(0);
		expect((await ask(run)).text).toBeUndefined();
		expect(await ask(run)).toEqual({ text: "fine" });
		expect([run.server.requests.length, second.server.requests.length]).toEqual([2, 1]);
	});

	test("a blip that cuts eight replies moves nobody to the fallback", async () => {
		const second = await fallbackTo([good]);
		let count = 0;
		const run = await setup(
			() => (++count <= 8 ? { stream: [chatChunk({ content: "half" })], after: "reset", pause: 50 } : good),
			[second.fallback],
		);
		await Promise.all(Array.from({ length: 8 }, (_, index) => askFor(run, `task ${index}`)));
		const again = await Promise.all(Array.from({ length: 8 }, (_, index) => askFor(run, `task ${index}`)));
		expect(again).toEqual(Array(8).fill("fine"));
		expect(second.server.requests).toHaveLength(0);
	});

	test("an outage sends each request to the fallback once, and the next ones at once", async () => {
		const second = await fallbackTo([good]);
		const run = await setup([disguised], [second.fallback]);
		const all = (round: number) =>
			Promise.all(Array.from({ length: 8 }, (_, index) => askFor(run, `task ${round}.${index}`)));
		expect(await all(1)).toEqual(Array(8).fill("fine"));
		expect(second.server.requests).toHaveLength(8);
		const asked = run.server.requests.length;
		expect(asked).toBeLessThanOrEqual(12);
		expect(await all(2)).toEqual(Array(8).fill("fine"));
		expect([run.server.requests.length, second.server.requests.length]).toEqual([asked, 16]);
	}, 20_000);

	test("a target whose window is too small is skipped", async () => {
		const server = await startFaultServer([good]);
		closers.push(() => server.close());
		const model = { id: "small", contextWindow: 10, vision: true, thinking: "none" as const };
		const tiers = { opus: "small", sonnet: "small", haiku: "small", fable: "small", subagent: "small" };
		const profile = testProfile(server.url, { models: { small: model }, tiers });
		const run = await setup([{ status: 402, body: '{"error":{"message":"Insufficient Balance"}}' }], [{ profile }]);
		expect((await ask(run)).status).toBe(402);
		expect(server.requests).toHaveLength(0);
	});
});

test("a ceiling of the output is learned from the 400, sent again once, and kept", async () => {
	const run = await setup((request) => {
		const { max_tokens } = JSON.parse(request.body) as { max_tokens: number };
		if (max_tokens <= 512) return good;
		return {
			status: 400,
			body: '{"error":{"message":"Invalid max_tokens value, the valid range of max_tokens is [1, 512]"}}',
		};
	});
	expect(await ask(run)).toEqual({ text: "fine" });
	expect(await ask(run)).toEqual({ text: "fine" });
	expect(run.server.requests).toHaveLength(3);
	expect(kinds(run.records)).toContain("max-tokens-learned");
});

describe("timeouts", () => {
	const silent: Behaviour = { stream: [": keep-alive\n\n"], after: "hang" };

	test("no first token within the budget: the fallback answers", async () => {
		const second = await startFaultServer([good]);
		closers.push(() => second.close());
		const fallback = { profile: testProfile(second.url, { name: "second" }) };
		const run = await setup([silent], [fallback], { patience: { firstToken: 0.2 } });
		expect(await ask(run)).toEqual({ text: "fine" });
		expect(kinds(run.records)).toContain("fallback");
		await run.server.requests[0]?.aborted;
	});

	test("keep-alives after the first token are not progress: the stall is an error", async () => {
		const stalled: Behaviour = {
			stream: [chatChunk({ content: "a" }), ...Array(20).fill(": ping\n\n")],
			pause: 40,
			after: "hang",
		};
		const run = await setup([stalled], [], { patience: { progress: 0.2 } });
		expect((await ask(run)).text).toBeUndefined();
		expect(run.records[0]?.failure).toContain("no progress");
	});
});

describe("a request that surely does not fit is not sent", () => {
	test("a conversation far above the window", async () => {
		const run = await setup([good]);
		const messages = [{ role: "user" as const, content: "word ".repeat(300_000) }];
		const reply = await fetch(`${run.proxy.url}/v1/messages`, {
			method: "POST",
			headers: { authorization: `Bearer ${run.proxy.token}` },
			body: JSON.stringify({ ...ASK, messages }),
		});
		const body = (await reply.json()) as { error: { message: string } };
		expect(reply.status).toBe(400);
		expect(body.error.message).toMatch(/^prompt is too long\nabout \d+ tokens do not fit the window of 128000/);
		expect(run.server.requests).toHaveLength(0);
		expect(kinds(run.records)).toEqual(["oversized-request"]);
	});

	test("megabytes of images are no long text: an image costs 1600 tokens at most", async () => {
		const run = await setup([good]);
		const source = { type: "base64" as const, media_type: "image/png" as const, data: "iVBO".repeat(300_000) };
		const content = [{ type: "image" as const, source }];
		const message = await sdkClient(run.proxy)
			.messages.stream({ ...ASK, messages: [{ role: "user", content }] })
			.finalMessage();
		expect(message.content).toMatchObject([{ text: "fine" }]);
	});

	test("one that may fit is sent", async () => {
		const run = await setup([good]);
		const messages = [{ role: "user" as const, content: "word ".repeat(80_000) }];
		const message = await sdkClient(run.proxy)
			.messages.stream({ ...ASK, messages })
			.finalMessage();
		expect(message.content).toMatchObject([{ text: "fine" }]);
	});
});

test("when the headers report a limit as used up, a refusal of the next request is for as long", async () => {
	const exhausted = { "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "40s" };
	const limited: Behaviour = { status: 429, body: '{"error":{"message":"rate limit"}}' };
	const run = await setup([{ stream: chatStream({ content: "fine" }), headers: exhausted }, limited]);
	expect(await ask(run)).toEqual({ text: "fine" });
	const next = await ask(run);
	expect(next).toMatchObject({ status: 429 });
	expect(Number(next.headers?.get("retry-after"))).toBeGreaterThan(35);
	expect(run.server.requests).toHaveLength(2);
});

test("a provider that says x-should-retry: false is not asked again", async () => {
	const run = await setup([{ ...disguised, headers: { "x-should-retry": "false" } }]);
	expect((await ask(run)).status).toBe(529);
	expect(run.server.requests).toHaveLength(1);
});

test("a fallback of the same name and model as the primary is asked at its own address, with its own key", async () => {
	const other = await startFaultServer([good]);
	closers.push(() => other.close());
	const fallback = testProfile(other.url, { key: "key-of-the-other-file" });
	const broke: Behaviour = { status: 402, body: '{"error":{"message":"Insufficient Balance"}}' };
	const { proxy, server } = await setup([broke], [{ profile: fallback, model: undefined }]);
	const { content } = await sdkClient(proxy).messages.stream(ASK).finalMessage();
	expect(content).toMatchObject([{ text: "fine" }]);
	expect(server.requests).toHaveLength(1);
	expect(other.requests.map(({ headers }) => headers["authorization"])).toEqual(["Bearer key-of-the-other-file"]);
});

test("a chain of targets with the same name and model ends when all of them fail", async () => {
	const broke: Behaviour = { status: 402, body: '{"error":{"message":"Insufficient Balance"}}' };
	const other = await startFaultServer([broke]);
	closers.push(() => other.close());
	const { proxy, server } = await setup([broke], [{ profile: testProfile(other.url), model: undefined }]);
	await expect(sdkClient(proxy).messages.stream(ASK).finalMessage()).rejects.toThrow("Insufficient Balance");
	expect([server.requests.length, other.requests.length]).toEqual([1, 1]);
});

describe("prompt and output together do not fit into the window", () => {
	const WINDOW = 16_384;
	const server =
		(tokens: number) =>
		({ body }: { body: string }): Behaviour => {
			const { max_tokens } = JSON.parse(body) as { max_tokens: number };
			const message = `'max_tokens' or 'max_completion_tokens' is too large: ${max_tokens}. This model's maximum context length is ${WINDOW} tokens and your request has ${tokens} input tokens (${max_tokens} > ${WINDOW} - ${tokens}).`;
			return max_tokens > WINDOW - tokens ? { status: 400, body: JSON.stringify({ error: { message } }) } : good;
		};

	test("sent again once with what is left, which later requests respect at once", async () => {
		const run = await setup(server(10_000));
		for (let turn = 0; turn < 2; turn++) {
			const message = await sdkClient(run.proxy)
				.messages.stream({ ...ASK, max_tokens: 8192 })
				.finalMessage();
			expect(message.content).toMatchObject([{ text: "fine" }]);
		}
		const limits = run.server.requests.map(({ body }) => (JSON.parse(body) as { max_tokens: number }).max_tokens);
		expect(limits).toEqual([8192, 6128, expect.any(Number)]);
		expect(limits[2]).toBeGreaterThan(5000);
	});

	test("too little left: the provider's own two numbers, and one request", async () => {
		const run = await setup(server(15_500));
		const reply = sdkClient(run.proxy)
			.messages.stream({ ...ASK, max_tokens: 8192 })
			.finalMessage();
		await expect(reply).rejects.toThrow("prompt is too long: 15500 tokens > 16384 maximum");
		expect(run.server.requests).toHaveLength(1);
	});
});
