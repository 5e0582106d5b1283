import { afterEach, describe, expect, test } from "vitest";
import type { Profile } from "../../src/profile/model/profile.ts";
import { targetOf } from "../../src/profile/model/profile.ts";
import { withDialect } from "../../src/profile/model/target.ts";
import { type ProxyServer, startProxy } from "../../src/proxy/server.ts";
import type { ExchangeRecord } from "../../src/trace/record/exchange-record.ts";
import { classifyFailure } from "../../src/upstream/failures/classify.ts";
import { type Behaviour, chatStream, type FaultServer, startFaultServer } from "../support/fault-server.ts";
import { testProfile } from "../support/profile.ts";
import { ASK, sdkClient } from "../support/sdk-client.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const close of closers.splice(0).reverse()) await close();
});

const response = {
	id: "resp_1",
	status: "completed",
	output: [{ type: "message", content: [{ text: "over Responses" }] }],
};
const overResponses: Behaviour = { stream: [`data: ${JSON.stringify({ type: "response.completed", response })}\n\n`] };
const refused = (message: string, code: string | null = null): Behaviour => ({
	status: 400,
	body: JSON.stringify({ error: { message, type: "invalid_request_error", code } }),
});
const SAY = "Function tools with reasoning_effort are not supported. Please use /v1/responses";

interface Setup {
	proxy: ProxyServer;
	server: FaultServer;
	records: ExchangeRecord[];
}

async function setup(
	script: Parameters<typeof startFaultServer>[0],
	more: Partial<Profile> = {},
	isAlone = false,
): Promise<Setup> {
	const server = await startFaultServer(script);
	const records: ExchangeRecord[] = [];
	const baseUrl = `${server.url}/v1`;
	const others = isAlone ? {} : { "openai-responses": { baseUrl, headers: { "x-wire": "responses" } } };
	const endpoints = { "openai-chat": { baseUrl }, ...others };
	const profile = testProfile(server.url, { endpoints, ...more });
	const proxy = await startProxy({ profile, onExchange: (record) => records.push(record) });
	closers.push(
		() => server.close(),
		() => proxy.close(),
	);
	return { proxy, server, records };
}

async function ask({ proxy }: Setup): Promise<string> {
	const message = await sdkClient(proxy).messages.stream(ASK).finalMessage();
	return message.content.map((block) => (block.type === "text" ? block.text : "")).join("");
}

const urlsOf = ({ server }: Setup) => server.requests.map(({ url }) => url);

describe("a model that demands another wire", () => {
	test("is asked again over it at once, and from then on only over it", async () => {
		const run = await setup(({ url }) => (url.endsWith("/responses") ? overResponses : refused(SAY)));
		expect(await ask(run)).toBe("over Responses");
		expect(urlsOf(run)).toEqual(["/v1/chat/completions", "/v1/responses"]);
		expect(run.server.requests[1]?.headers).toMatchObject({ "x-wire": "responses", authorization: expect.any(String) });
		expect(run.records[0]?.divergences).toContainEqual({
			kind: "dialect-switched",
			where: "upstream",
			seen: SAY,
			done: "sent again over openai-responses",
		});
		expect(await ask(run)).toBe("over Responses");
		expect(urlsOf(run).slice(2)).toEqual(["/v1/responses"]);
		expect(run.records[1]?.divergences.map(({ kind }) => kind)).not.toContain("dialect-switched");
	});

	test("is sent back to chat completions where these are what it wants", async () => {
		const script = ({ url }: { url: string }): Behaviour =>
			url.endsWith("/responses")
				? refused("model x is not supported via the responses API; use chat completions", "unsupported_api_for_model")
				: { stream: chatStream({ content: "over chat" }) };
		const run = await setup(script, { dialect: "openai-responses" });
		expect(await ask(run)).toBe("over chat");
		expect(urlsOf(run)).toEqual(["/v1/responses", "/v1/chat/completions"]);
	});

	test("gets the error when both wires are refused: each is tried once", async () => {
		const run = await setup(() => refused(SAY));
		await expect(ask(run)).rejects.toThrow(SAY);
		expect(urlsOf(run)).toEqual(["/v1/chat/completions", "/v1/responses"]);
	});

	test("gets the error where its profile has no other endpoint", async () => {
		const run = await setup(() => refused(SAY), {}, true);
		await expect(ask(run)).rejects.toThrow(SAY);
		expect(urlsOf(run)).toEqual(["/v1/chat/completions"]);
	});
});

test.each([
	["This model is only supported in v1/responses and not in v1/chat/completions.", 404],
	['model "grok-4.7" is not accessible via the /chat/completions endpoint', 400],
	[SAY, 400],
])("%s", (message, status) => {
	const body = JSON.stringify({ error: { message, type: "invalid_request_error", code: null } });
	expect(classifyFailure({ status, headers: {}, body }).class).toBe("wrong-dialect");
});

test("an address of the model's own has no alternatives, and a switch has no way back", () => {
	const profile = testProfile("http://127.0.0.1:1");
	const target = targetOf(profile, "test-model");
	const switched = withDialect(target, "anthropic");
	expect(switched).toMatchObject({ dialect: "anthropic", baseUrl: "http://127.0.0.1:1", alternatives: [] });
	expect(withDialect(switched, "openai-chat")).toBe(switched);
	const model = { ...profile.models["test-model"]!, endpoint: { baseUrl: "http://127.0.0.1:2" } };
	expect(targetOf({ ...profile, models: { "test-model": model } }, "test-model").alternatives).toBeUndefined();
});
