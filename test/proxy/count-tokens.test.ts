import { afterEach, expect, test } from "vitest";
import type { Profile } from "../../src/profile/model/profile.ts";
import { estimateTokens } from "../../src/protocol/count-tokens.ts";
import { startProxy } from "../../src/proxy/server.ts";
import type { ExchangeRecord } from "../../src/trace/record/exchange-record.ts";
import { chatStream, startFaultServer } from "../support/fault-server.ts";
import { testProfile } from "../support/profile.ts";
import { ASK, sdkClient } from "../support/sdk-client.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const close of closers.splice(0).reverse()) await close();
});

const LONG = { ...ASK, messages: [{ role: "user" as const, content: "a few ordinary words ".repeat(100) }] };
const QUESTION = {
	model: "test-model",
	messages: [{ role: "user" as const, content: "How many tokens is this text?" }],
};

async function setup(script: Parameters<typeof startFaultServer>[0], overrides: Partial<Profile> = {}) {
	const server = await startFaultServer(script);
	const records: ExchangeRecord[] = [];
	const endpoints = { [overrides.dialect ?? "openai-chat"]: { baseUrl: server.url } };
	const profile = testProfile(server.url, { endpoints, ...overrides });
	const proxy = await startProxy({ profile, onExchange: (record) => records.push(record) });
	closers.push(
		() => server.close(),
		() => proxy.close(),
	);
	return { server, client: sdkClient(proxy), records };
}

test("the provider's own count, where it has the route", async () => {
	const { server, client } = await setup([{ status: 200, body: '{"input_tokens":4711}' }], {
		dialect: "anthropic",
		quirks: { countTokens: true },
	});
	expect((await client.messages.countTokens(QUESTION)).input_tokens).toBe(4711);
	expect(server.requests[0]?.url).toBe("/v1/messages/count_tokens");
	expect(server.requests[0]?.headers.authorization).toBe("Bearer provider-secret-key");
});

test.each([
	{
		dialect: "openai-responses",
		url: "/responses/input_tokens",
		reply: { object: "response.input_tokens", input_tokens: 4711 },
		asked: { input: [{ type: "message", role: "user", content: "How many tokens is this text?" }] },
	},
	{
		dialect: "gemini",
		url: "/models/test-model:countTokens",
		reply: { totalTokens: 4711 },
		asked: { generateContentRequest: { model: "models/test-model" } },
	},
] as const)("the provider's own count over $dialect", async ({ dialect, url, reply, asked }) => {
	const { server, client, records } = await setup([{ status: 200, body: JSON.stringify(reply) }], {
		dialect,
		quirks: { countTokens: true },
	});
	expect((await client.messages.countTokens(QUESTION)).input_tokens).toBe(4711);
	expect(server.requests[0]?.url).toBe(url);
	expect(JSON.parse(server.requests[0]?.body ?? "")).toMatchObject(asked);
	expect(records[0]?.divergences).toEqual([]);
});

test("a conversation is counted as it would be sent: repaired", async () => {
	const { server, client } = await setup([{ status: 200, body: '{"totalTokens":5}' }], {
		dialect: "gemini",
		quirks: { countTokens: true },
	});
	const orphan = { type: "tool_result" as const, tool_use_id: "none", content: "a.txt" };
	await client.messages.countTokens({
		...QUESTION,
		messages: [...QUESTION.messages, { role: "user", content: [orphan] }],
	});
	expect(server.requests[0]?.body).toContain("a.txt");
	expect(server.requests[0]?.body).not.toContain("functionResponse");
});

test.each([
	[{ status: 500, body: "{}" }, "status 500", 2],
	[{ status: 200, body: '{"promptTokensDetails":[]}' }, "no count in the reply", 2],
	[{ status: 200, body: "<html>" }, "no count in the reply", 2],
	// A route that does not exist is tried once.
	[{ status: 404, body: "{}" }, "status 404", 1],
	[{ status: 405, body: "{}" }, "status 405", 1],
	[{ status: 501, body: "{}" }, "status 501", 1],
] as const)("an estimate, and a record of it, where the answer is %o", async (behaviour, seen, asked) => {
	const { server, client, records } = await setup([behaviour], { dialect: "gemini", quirks: { countTokens: true } });
	for (let count = 0; count < 2; count++)
		expect((await client.messages.countTokens(QUESTION)).input_tokens).toBe(await estimateTokens(QUESTION));
	expect(records[0]?.divergences).toEqual([{ kind: "token-count", where: "upstream", seen, done: "estimated" }]);
	expect(server.requests).toHaveLength(asked);
});

test("an estimate where the route fails", async () => {
	const { client } = await setup([{ status: 404, body: "{}" }], {
		dialect: "anthropic",
		quirks: { countTokens: true },
	});
	expect((await client.messages.countTokens(QUESTION)).input_tokens).toBe(await estimateTokens(QUESTION));
});

test("an estimate is corrected by the usage that the provider reported for the model", async () => {
	const estimate = await estimateTokens(QUESTION);
	const truth = Math.round((await estimateTokens(LONG)) * 1.5);
	const usage = `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: truth, completion_tokens: 1 } })}\n\n`;
	const pieces = chatStream({ content: "fine" });
	const { client } = await setup([{ stream: [...pieces.slice(0, -1), usage, "data: [DONE]\n\n"] }]);
	expect((await client.messages.countTokens(QUESTION)).input_tokens).toBe(estimate);
	await client.messages.stream(LONG).finalMessage();
	const corrected = (await client.messages.countTokens(QUESTION)).input_tokens;
	expect(corrected / estimate).toBeGreaterThan(1.3);
	expect(corrected / estimate).toBeLessThan(1.7);
});
