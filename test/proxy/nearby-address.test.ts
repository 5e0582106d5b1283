import { afterEach, describe, expect, test } from "vitest";
import type { Profile } from "../../src/profile/model/profile.ts";
import { startProxy } from "../../src/proxy/server.ts";
import { type Behaviour, chatStream, startFaultServer } from "../support/fault-server.ts";
import { testProfile } from "../support/profile.ts";
import { ASK } from "../support/sdk-client.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
	for (const close of closers.splice(0).reverse()) await close();
});

const NGINX = { status: 404, body: "<html>\r\n<head><title>404 Not Found</title></head><body>nginx</body></html>" };
const FASTAPI = { status: 404, body: '{"detail":"Not Found"}' };
const LOGIN = { status: 200, body: "<!DOCTYPE html><title>Sign in</title>", headers: { "content-type": "text/html" } };
const API: Behaviour = { status: 400, body: '{"error":{"message":"messages: required"}}' };

/** A server with an API at one path. */
async function setup(path: string, elsewhere: Behaviour, dialect: Profile["dialect"], base: string, more = {}) {
	const server = await startFaultServer(({ url }) => (url === path ? API : elsewhere));
	const endpoints = { [dialect]: { baseUrl: `${server.url}${base}` } };
	const profile = testProfile(server.url, { dialect, endpoints, isAddress: true, ...more });
	const proxy = await startProxy({ profile });
	closers.push(
		() => server.close(),
		() => proxy.close(),
	);
	const ask = async (content = "Hello") => {
		const reply = await fetch(`${proxy.url}/v1/messages`, {
			method: "POST",
			headers: { authorization: `Bearer ${proxy.token}`, "user-agent": "claude-cli/2.1.332 (external, cli)" },
			body: JSON.stringify({ ...ASK, stream: true, messages: [{ role: "user", content }] }),
		});
		const { error } = JSON.parse(await reply.text()) as { error: { message: string } };
		return { status: reply.status, message: error.message.replaceAll(server.url, "URL") };
	};
	return { server, ask, urls: () => server.requests.map(({ url }) => url) };
}

describe("the same wire, at the neighbouring path", () => {
	test.each<[Profile["dialect"], string, string, string]>([
		["openai-chat", "", "/v1/chat/completions", "/v1"],
		["openai-chat", "/v1/v1", "/v1/chat/completions", "/v1"],
		["openai-chat", "/api", "/api/v1/chat/completions", "/api/v1"],
		["openai-chat", "/v1", "/chat/completions", ""],
		["openai-chat", "/v1beta", "/v1beta/openai/chat/completions", "/v1beta/openai"],
		["openai-responses", "", "/v1/responses", "/v1"],
		["anthropic", "", "/anthropic/v1/messages", "/anthropic"],
		["anthropic", "/anthropic", "/v1/messages", ""],
		["anthropic", "/v1", "/v1/messages", ""],
		["gemini", "", "/v1beta/models/test-model:streamGenerateContent?alt=sse", "/v1beta"],
		["gemini", "/v1", "/v1beta/models/test-model:streamGenerateContent?alt=sse", "/v1beta"],
	])("%s at %j: the API is at %s", async (dialect, base, path, right) => {
		const run = await setup(path, FASTAPI, dialect, base);
		const { status, message } = await run.ask();
		expect(status).toBe(424);
		expect(message).toContain("answers 404: Not Found");
		expect(message).toContain(`did you mean --base-url URL${right} [`);
		expect(run.urls()).toHaveLength(2);
		// Examined once, and the same advice for other messages.
		expect((await run.ask("Other words")).message).toBe(message);
		expect(run.urls()).toHaveLength(3);
	});

	test.each<[string, Behaviour, string]>([
		["a page of nginx", NGINX, 'answers 404: an HTML page titled "404 Not Found"'],
		[
			"Express",
			{ status: 404, body: "<!DOCTYPE html><title>Error</title><pre>Cannot POST /x</pre>" },
			'titled "Error"',
		],
		["Go", { status: 404, body: "404 page not found\n" }, "404 page not found"],
		["an empty body", { status: 404 }, "HTTP 404 without a body"],
		["llama.cpp", { status: 404, body: '{"error":{"code":404,"message":"File Not Found"}}' }, "File Not Found"],
		["405", { status: 405, body: '{"detail":"Method Not Allowed"}' }, "answers 405: Method Not Allowed"],
		["LM Studio", { status: 200, body: '{"error":"Unexpected endpoint or method. (POST /x)"}' }, "Unexpected endpoint"],
		[
			"OpenAI",
			{ status: 404, body: '{"error":{"message":"Invalid URL (POST /v1/v1/chat/completions)"}}' },
			"Invalid URL",
		],
		["a web site", LOGIN, 'answers with an HTML page titled "Sign in"'],
	])("%s", async (_name, elsewhere, words) => {
		const run = await setup("/v1/chat/completions", elsewhere, "openai-chat", "");
		const { message } = await run.ask();
		expect(message).toContain(words);
		expect(message).toContain("did you mean --base-url URL/v1");
		expect(message).not.toMatch(/profiles show|model .* not found/);
	});
});

describe("another wire", () => {
	test.each<[Profile["dialect"], string, string, string]>([
		["openai-chat", "/v1", "/v1/messages", "use --dialect anthropic with --base-url URL ["],
		["anthropic", "", "/v1/chat/completions", "use --dialect openai-chat with --base-url URL/v1 ["],
		["openai-responses", "/v1", "/v1/chat/completions", "use --dialect openai-chat ["],
		["openai-responses", "/v1", "/v1/messages", "use --dialect anthropic with --base-url URL ["],
		["gemini", "/v1beta", "/v1/chat/completions", "use --dialect openai-chat with --base-url URL/v1 ["],
		["gemini", "/v1beta", "/v1/messages", "use --dialect anthropic with --base-url URL ["],
	])("%s at %j, the API is at %s", async (dialect, base, path, advice) => {
		const run = await setup(path, FASTAPI, dialect, base);
		expect((await run.ask()).message).toContain(advice);
		expect(run.urls().length).toBeLessThanOrEqual(4);
	});
});

test("a wire that the provider names itself", async () => {
	const words = {
		status: 400,
		body: '{"error":{"message":"Function tools are not supported. Please use /v1/responses"}}',
	};
	const run = await setup("/nowhere", words, "openai-chat", "/v1");
	const { status, message } = await run.ask();
	expect(status).toBe(424);
	expect(message).toContain("served in openai-responses, not in openai-chat: use --dialect openai-responses [");
	expect(run.urls()).toHaveLength(1);
});

test("a login page everywhere: its title, and no advice that is a guess", async () => {
	const run = await setup("/nowhere", LOGIN, "openai-chat", "/v1");
	const { status, message } = await run.ask();
	expect(status).toBe(424);
	expect(message).toMatch(/HTML page titled "Sign in"\nthis is a web page, such as a login or a portal/);
});

test("a profile's own setting is named, not an option", async () => {
	const run = await setup("/v1/chat/completions", NGINX, "openai-chat", "", { isAddress: undefined });
	expect((await run.ask()).message).toContain("did you mean URL/v1 [test/test-model]");
});

test("a redirect names the address that it leads to, and is not followed", async () => {
	const location = "https://other.example/v1/chat/completions";
	const run = await setup("/nowhere", { status: 308, headers: { location } }, "openai-chat", "/v1");
	expect((await run.ask()).message).toContain("did you mean https://other.example/v1\n");
	expect(run.urls()).toHaveLength(1);
});

test("a model that is missing is a 404, without a probe", async () => {
	const missing = { status: 404, body: '{"error":{"message":"The model `test-model` does not exist."}}' };
	const run = await setup("/nowhere", missing, "openai-chat", "/v1");
	expect(await run.ask()).toEqual({
		status: 404,
		message: expect.stringContaining("The model `test-model` does not exist.\n127.0.0.1:"),
	});
	expect(run.urls()).toHaveLength(1);
});

test("an error inside a page of an API that answered before is passing: a gateway's", async () => {
	const page: Behaviour = { stream: ["<html><title>502 Bad Gateway</title></html>"] };
	const server = await startFaultServer([page, { stream: chatStream({ content: "fine" }) }]);
	const proxy = await startProxy({ profile: testProfile(server.url) });
	closers.push(
		() => server.close(),
		() => proxy.close(),
	);
	const reply = await fetch(`${proxy.url}/v1/messages`, {
		method: "POST",
		headers: { authorization: `Bearer ${proxy.token}` },
		body: JSON.stringify(ASK),
	});
	expect(reply.status).toBe(200);
	expect(server.requests).toHaveLength(2);
});
