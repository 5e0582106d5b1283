import { APIError } from "@anthropic-ai/sdk";
import { afterEach, expect, test } from "vitest";
import { type ProxyServer, startProxy } from "../../src/proxy/server.ts";
import type { ExchangeRecord } from "../../src/trace/record/exchange-record.ts";
import { type Behaviour, type FaultServer, startFaultServer } from "../support/fault-server.ts";
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

async function setup(...script: Behaviour[]): Promise<Setup> {
	const server = await startFaultServer(script);
	const records: ExchangeRecord[] = [];
	const auth = { header: "x-goog-api-key", value: "{key}" };
	const endpoints = { gemini: { baseUrl: `${server.url}/v1beta`, auth } };
	const profile = testProfile(server.url, { dialect: "gemini", endpoints });
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

const chunk = (parts: object[], finishReason?: string) => ({ candidates: [{ content: { parts }, finishReason }] });
const stream = (...chunks: object[]): Behaviour => ({
	stream: chunks.map((each) => `data: ${JSON.stringify(each)}\r\n\r\n`),
});
const kinds = ({ records }: Setup) => records.flatMap(({ divergences }) => divergences.map(({ kind }) => kind));
const malformed = stream(chunk([], "MALFORMED_FUNCTION_CALL"));

test("the model is in the path and the key in Google's header only", async () => {
	const run = await setup(stream(chunk([{ text: "fine" }], "STOP")));
	expect(await ask(run)).toBe("fine");
	const [request] = run.server.requests;
	expect(request?.url).toBe("/v1beta/models/test-model:streamGenerateContent?alt=sse");
	expect(request?.headers).toMatchObject({ "x-goog-api-key": "provider-secret-key" });
	expect(request?.headers.authorization).toBeUndefined();
	expect(request?.body).not.toContain("test-model");
});

test("a call that the server could not read is asked for again, and noted", async () => {
	const run = await setup(malformed, stream(chunk([{ text: "fine" }], "STOP")));
	expect(await ask(run)).toBe("fine");
	expect(run.server.requests).toHaveLength(2);
	expect(kinds(run)).toContain("retry");
});

test("when it stays unreadable, that is an error and no end of turn", async () => {
	const run = await setup(malformed);
	await expect(ask(run)).rejects.toThrow(/MALFORMED_FUNCTION_CALL/);
	// Once more, and no more: each time costs the whole prompt.
	expect(run.server.requests).toHaveLength(2);
	expect(kinds(run)).toEqual(["retry"]);
});

test("a stream that is a JSON array, as without `alt=sse`, is read all the same", async () => {
	const chunks = [chunk([{ text: "fi" }]), chunk([{ text: "ne" }], "STOP")];
	const text = JSON.stringify(chunks, null, 2);
	const run = await setup({
		stream: [text.slice(0, 20), text.slice(20)],
		headers: { "content-type": "application/json" },
	});
	expect(await ask(run)).toBe("fine");
});

test("an error that is a list of one names the wait that Google asks for", async () => {
	const details = [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "39s" }];
	const error = { code: 429, message: "Resource exhausted.", status: "RESOURCE_EXHAUSTED", details };
	const run = await setup({ status: 429, body: JSON.stringify([{ error }]) });
	const failure = await ask(run).catch((thrown: unknown) => thrown as APIError);
	expect(failure).toBeInstanceOf(APIError);
	expect((failure as APIError).status).toBe(429);
	expect(Number((failure as APIError).headers?.get("retry-after"))).toBeGreaterThan(30);
});

const refusal = (message: string): Behaviour => ({
	status: 400,
	body: JSON.stringify({ error: { code: 400, message, status: "INVALID_ARGUMENT" } }),
});
const call = { functionCall: { id: "c1", name: "Bash", args: { command: "ls" } }, thoughtSignature: "SIGNED" };
const tools = [
	{ name: "Bash", input_schema: { type: "object" as const, properties: { command: { type: "string" } } } },
];

/** A turn with a call, then its result: the second request carries the call. */
async function callAndAnswer(run: Setup): Promise<void> {
	const client = sdkClient(run.proxy);
	const asked = await client.messages.stream({ ...ASK, tools }).finalMessage();
	const result = { type: "tool_result" as const, tool_use_id: "c1", content: "a.txt" };
	const messages = [
		...ASK.messages,
		{ role: "assistant" as const, content: asked.content },
		{ role: "user" as const, content: [result] },
	];
	for (let turn = 0; turn < 2; turn++) await client.messages.stream({ ...ASK, tools, messages }).finalMessage();
}

test("a refused thought signature is not sent again", async () => {
	const script = [
		stream(chunk([call], "STOP")),
		refusal("Corrupted thought signature."),
		stream(chunk([{ text: "fine" }], "STOP")),
	];
	const run = await setup(...script);
	await callAndAnswer(run);
	expect(run.server.requests.map(({ body }) => body.includes('"SIGNED"'))).toEqual([false, true, false, false]);
	expect(kinds(run)).toContain("reasoning-scrubbed");
});

test("where a signature is missing, the documented stand-in is sent", async () => {
	const unsigned = { functionCall: call.functionCall };
	const run = await setup(stream(chunk([unsigned], "STOP")), stream(chunk([{ text: "fine" }], "STOP")));
	await callAndAnswer(run);
	const [first, ...later] = run.server.requests.map(({ body }) => body.includes("skip_thought_signature_validator"));
	expect(first).toBe(false);
	expect(later).not.toContain(false);
	expect(later.length).toBeGreaterThan(0);
	expect(kinds(run)).toContain("thought-signature-lost");
});
