import { afterEach, expect, test } from "vitest";
import type { Profile } from "../../src/profile/model/profile.ts";
import { type ProxyServer, startProxy } from "../../src/proxy/server.ts";
import type { ExchangeRecord } from "../../src/trace/record/exchange-record.ts";
import { type Behaviour, chatStream, type FaultServer, startFaultServer } from "../support/fault-server.ts";
import { testProfile } from "../support/profile.ts";
import { ASK, sdkClient } from "../support/sdk-client.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const close of closers.splice(0).reverse()) await close();
});

interface Setup {
	proxy: ProxyServer;
	server: FaultServer;
	records: ExchangeRecord[];
}

/** A provider that refuses each of these parameters, one per request. */
async function setup(
	refused: readonly string[],
	more: Partial<Profile> = {},
	refusal: (body: object) => string | undefined = () => undefined,
): Promise<Setup> {
	const server = await startFaultServer(({ url, body }): Behaviour => {
		const words = refusal(JSON.parse(body));
		if (words) return { status: 400, body: words };
		const found = refused.find((path) => valueAt(JSON.parse(body), path.split(".")) !== undefined);
		if (found) {
			const message = `Unsupported parameter: '${found}' is not supported with this model.`;
			const error = { message, type: "invalid_request_error", param: found, code: "unsupported_parameter" };
			return { status: 400, body: JSON.stringify({ error }) };
		}
		if (!url.endsWith("/responses")) return { stream: chatStream({ content: "fine" }) };
		const response = { status: "completed", output: [{ type: "message", content: [{ text: "fine" }] }] };
		return { stream: [`data: ${JSON.stringify({ type: "response.completed", response })}\n\n`] };
	});
	const records: ExchangeRecord[] = [];
	const baseUrl = `${server.url}/v1`;
	const endpoints = { "openai-chat": { baseUrl }, "openai-responses": { baseUrl } };
	const proxy = await startProxy({
		profile: testProfile(server.url, { endpoints, ...more }),
		onExchange: (record) => records.push(record),
	});
	closers.push(
		() => server.close(),
		() => proxy.close(),
	);
	return { proxy, server, records };
}

function valueAt(value: unknown, [name, ...path]: readonly string[]): unknown {
	if (name === undefined) return value;
	return valueAt((value as Record<string, unknown> | undefined)?.[name], path);
}

async function ask({ proxy }: Setup, more: object = {}): Promise<string> {
	const message = await sdkClient(proxy)
		.messages.stream({ ...ASK, ...more })
		.finalMessage();
	return message.content.map((block) => (block.type === "text" ? block.text : "")).join("");
}

test("a model that accepts neither max_tokens nor temperature is asked without them from then on", async () => {
	const run = await setup(["max_tokens", "temperature"]);
	expect(await ask(run, { temperature: 0.5 })).toBe("fine");
	expect(run.server.requests).toHaveLength(3);
	const last = JSON.parse(run.server.requests[2]?.body ?? "") as Record<string, unknown>;
	expect(last).toMatchObject({ max_completion_tokens: ASK.max_tokens });
	expect(run.records[0]?.divergences.filter(({ kind }) => kind === "parameter-refused")).toHaveLength(2);
	expect(await ask(run, { temperature: 0.5 })).toBe("fine");
	expect(run.server.requests).toHaveLength(4);
});

test.each([
	["reasoning.summary", "no summary for an account that is not verified", { reasoning: { effort: "high" } }],
	["include", "nothing encrypted for a model that does not reason", { store: false }],
])("over Responses without %s: %s", async (parameter, _why, left) => {
	const quirks = { thinkingOn: { reasoning: { summary: "auto", effort: "high" } } };
	const run = await setup([parameter], { dialect: "openai-responses", quirks });
	expect(await ask(run, { thinking: { type: "adaptive" } })).toBe("fine");
	expect(run.server.requests).toHaveLength(2);
	const last = JSON.parse(run.server.requests[1]?.body ?? "") as Record<string, unknown>;
	expect(last).toMatchObject(left);
	expect(valueAt(last, parameter.split("."))).toBeUndefined();
});

test("a Codex-style endpoint that accepts no output limit, and names it only in its message", async () => {
	const run = await setup([], { dialect: "openai-responses" }, (body) =>
		"max_output_tokens" in body ? '{"detail":"Unsupported parameter: max_output_tokens"}' : undefined,
	);
	expect(await ask(run)).toBe("fine");
	expect(await ask(run)).toBe("fine");
	const limits = run.server.requests.map(({ body }) => body.includes("max_output_tokens"));
	expect(limits).toEqual([true, false, false]);
	expect(run.records[0]?.divergences).toContainEqual(
		expect.objectContaining({ kind: "parameter-refused", done: "sent again without max_output_tokens" }),
	);
});

test("a refused parameter that is required is an error", async () => {
	const run = await setup(["messages"]);
	await expect(ask(run)).rejects.toThrow(/messages/);
	expect(run.server.requests).toHaveLength(1);
});

test("five requests at most for one that is refused again and again, then the provider's error", async () => {
	const fields = ["temperature", "top_p", "top_k", "stop", "stream_options", "seed"];
	const run = await setup(fields, { quirks: { extraBody: { seed: 1 } } });
	const more = { temperature: 0.5, top_p: 0.5, top_k: 5, stop_sequences: ["x"] };
	await expect(ask(run, more)).rejects.toThrow(/'stream_options' is not supported/);
	expect(run.server.requests).toHaveLength(5);
	expect(run.records[0]?.divergences.filter(({ kind }) => kind === "parameter-refused")).toHaveLength(4);
	// The same messages again: Claude Code's other forms of a refused request.
	await expect(ask(run, more)).rejects.toThrow(/'stream_options' is not supported/);
	expect(run.server.requests).toHaveLength(5);
	expect(await ask(run, { ...more, messages: [{ role: "user", content: "Next" }] })).toBe("fine");
	expect(run.server.requests).toHaveLength(8);
});

test("two requests at once learn the same, and neither fails", async () => {
	const run = await setup(["stream_options", "temperature"]);
	expect(await Promise.all([ask(run, { temperature: 1 }), ask(run, { temperature: 1 })])).toEqual(["fine", "fine"]);
	expect(run.server.requests.length).toBeLessThanOrEqual(6);
});
