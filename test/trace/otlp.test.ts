import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Span } from "../../src/trace/otlp/encode.ts";
import { OtlpExporter } from "../../src/trace/otlp/exporter.ts";
import { Redactor } from "../../src/trace/record/redact.ts";
import { chatChunk, type FaultServer, startFaultServer } from "../support/fault-server.ts";
import { post, RecordedSession } from "../support/recorded-session.ts";
import { sampleRecord } from "../support/sample-session.ts";

interface Received {
	path: string;
	headers: IncomingHttpHeaders;
	body: { resourceSpans: { resource: object; scopeSpans: { spans: Span[] }[] }[] };
}

let state: RecordedSession;
let provider: FaultServer;
let collector: ReturnType<typeof createServer>;
let received: Received[];
let statuses: number[];

beforeEach(async () => {
	state = new RecordedSession();
	received = [];
	statuses = [];
	collector = createServer(async (request, response) => {
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk);
		received.push({
			path: request.url ?? "",
			headers: request.headers,
			body: JSON.parse(Buffer.concat(chunks).toString()),
		});
		response.writeHead(statuses.shift() ?? 200).end("{}");
	});
	await new Promise<void>((resolve) => collector.listen(0, "127.0.0.1", resolve));
	const usage = { prompt_tokens: 1000, completion_tokens: 7, prompt_tokens_details: { cached_tokens: 600 } };
	const leaked = '<tool_call>{"name":"Bash","arguments":{"command":"cat diary"}}</tool_call>';
	provider = await startFaultServer([
		{ status: 503, body: '{"error":{"message":"busy"}}' },
		{
			stream: [
				chatChunk({ content: leaked }),
				chatChunk({}, "stop"),
				`data: ${JSON.stringify({ choices: [], usage })}\n\n`,
				"data: [DONE]\n\n",
			],
		},
		{ status: 401, body: '{"error":{"message":"invalid api key provider-secret-key"}}' },
	]);
});
afterEach(async () => {
	await state.resources.release();
	await provider.close();
	collector.closeAllConnections();
	await new Promise((resolve) => collector.close(resolve));
	state.remove();
});

const ask = {
	model: "claude-opus-4-8",
	max_tokens: 9,
	stream: true,
	messages: [{ role: "user", content: "read my diary, the key is provider-secret-key" }],
	tools: [{ name: "Bash", input_schema: { type: "object", properties: { command: { type: "string" } } } }],
};

async function exported(more: Record<string, string> = {}): Promise<Span[]> {
	const endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
	const env = {
		CC_ANY_OTLP_ENDPOINT: endpoint,
		CC_ANY_OTLP_HEADERS: "x-team=blue%20team,x-key=collector-key",
		...more,
	};
	const session = await state.open(provider.url, { env });
	for (const _ask of [1, 2]) await post(session, ask, { "x-claude-code-session-id": "conversation-1" });
	await state.resources.release();
	return received.flatMap(({ body }) =>
		body.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
	);
}

const valuesOf = (attributes: Span["attributes"] = []) =>
	Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

test("each exchange is a GenAI span of the session's trace", async () => {
	const [first, second, session, ...others] = await exported();
	expect(others).toEqual([]);
	expect(received[0]).toMatchObject({
		path: "/v1/traces",
		headers: { "content-type": "application/json", "x-team": "blue team", "x-key": "collector-key" },
	});
	expect(first).toMatchObject({ name: "chat test-model", kind: 3, status: { code: 0 } });
	expect(valuesOf(first?.attributes)).toMatchObject({
		"gen_ai.operation.name": "chat",
		"gen_ai.provider.name": "test",
		"gen_ai.request.model": "claude-opus-4-8",
		"gen_ai.response.model": "test-model",
		"gen_ai.conversation.id": "conversation-1",
		"gen_ai.response.finish_reasons": { values: [{ stringValue: "tool_use" }] },
		"gen_ai.usage.input_tokens": "1000",
		"gen_ai.usage.cache_read.input_tokens": "600",
		"gen_ai.usage.output_tokens": "7",
		"cc_any.attempts": "2",
		"cc_any.purpose": "main",
	});
	const kinds = first?.events.map(({ attributes }) => valuesOf(attributes)["cc_any.divergence.kind"]);
	expect(kinds).toEqual(expect.arrayContaining(["retry", "leaked-tool-call"]));
	expect(second?.status).toMatchObject({ code: 2, message: expect.stringContaining("auth") });
	expect(valuesOf(second?.attributes)["error.type"]).toBe("auth");
	expect(session?.name).toBe("invoke_agent Claude Code");
	for (const span of [first, second]) {
		expect(span?.traceId).toBe(session?.traceId);
		expect(span?.parentSpanId).toBe(session?.spanId);
		expect(span?.spanId).toMatch(/^[0-9a-f]{16}$/);
		expect(BigInt(span?.endTimeUnixNano ?? 0)).toBeGreaterThanOrEqual(BigInt(span?.startTimeUnixNano ?? 0));
	}
	expect(session?.traceId).toMatch(/^[0-9a-f]{32}$/);
});

test("no content without CC_ANY_OTLP_CONTENT, and never a key", async () => {
	await exported();
	expect(JSON.stringify(received)).not.toMatch(/diary|provider-secret-key/);
});

test("content when it is requested, without keys", async () => {
	const [first] = await exported({ CC_ANY_OTLP_CONTENT: "1" });
	const values = valuesOf(first?.attributes);
	expect(JSON.parse(String(values["gen_ai.input.messages"]))).toEqual([
		{ role: "user", parts: [{ type: "text", content: "read my diary, the key is [redacted]" }] },
	]);
	expect(JSON.parse(String(values["gen_ai.output.messages"]))[0].parts).toMatchObject([
		{ type: "tool_call", name: "Bash", arguments: { command: "cat diary" } },
	]);
	expect(JSON.stringify(received.map(({ body }) => body))).not.toContain("provider-secret-key");
});

test("off without its own endpoint, whatever else is set", async () => {
	const endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
	await exported({ CC_ANY_OTLP_ENDPOINT: "", OTEL_EXPORTER_OTLP_ENDPOINT: endpoint });
	expect(received).toEqual([]);
});

test.each([
	[{ CC_ANY_OTLP_ENDPOINT: "collector:4318" }, "CC_ANY_OTLP_ENDPOINT is not an HTTP URL: collector:4318"],
	[{ CC_ANY_OTLP_ENDPOINT: "ftp://me:secret@host" }, "CC_ANY_OTLP_ENDPOINT is not an HTTP URL: ftp://…@host"],
	[{ CC_ANY_OTLP_ENDPOINT: "http://me:secret@host" }, "CC_ANY_OTLP_ENDPOINT contains a user name or a password"],
	[{ CC_ANY_OTLP_HEADERS: "x-key=100%" }, "CC_ANY_OTLP_HEADERS: the value of x-key is not percent-encoded"],
])("%s is reported before anything starts", async (variables, message) => {
	await expect(exported(variables)).rejects.toThrow(message);
});

test("a busy collector is asked once more, a broken one loses spans and nothing else", async () => {
	statuses = [503];
	expect(await exported()).toHaveLength(6);
	await new Promise((resolve) => setImmediate(resolve));
	received = [];
	statuses = [400];
	expect(await exported()).toHaveLength(3);
});

test("at most 2,000 spans wait for a collector that hangs; the others are counted as lost", async () => {
	const held: (() => void)[] = [];
	collector.removeAllListeners("request");
	collector.on("request", (request, response) => {
		request.resume();
		if (held.length === 0) held.push(() => response.end("{}"));
		else response.end("{}");
	});
	const { port } = collector.address() as AddressInfo;
	const head = { session: "s", startedAt: 0, profile: "p", version: "0", directory: "/", pid: 1, traced: false };
	const options = { endpoint: `http://127.0.0.1:${port}`, headers: {}, content: false };
	const exporter = new OtlpExporter(options, head, new Redactor());
	for (let number = 1; number <= 2100; number++) exporter.append(sampleRecord(number, 0));
	const closed = exporter.close();
	while (held.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
	held[0]?.();
	// The span of the session is lost too.
	expect((await closed)?.message).toMatch(/^101 spans did not reach .*: the queue was full$/);
});
