import { afterEach, expect, test } from "vitest";
import { estimateTokens } from "../../src/anthropic/count-tokens.ts";
import { startProxy } from "../../src/proxy/proxy.ts";
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

async function setup(script: Parameters<typeof startFaultServer>[0], overrides = {}) {
	const server = await startFaultServer(script);
	const proxy = await startProxy({ profile: testProfile(server.url, overrides) });
	closers.push(
		() => server.close(),
		() => proxy.close(),
	);
	return { server, client: sdkClient(proxy) };
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
