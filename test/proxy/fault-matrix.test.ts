import { afterEach, describe, expect, test } from "vitest";
import { grammarCheck } from "../../src/protocol/grammar.ts";
import { failureResponse } from "../../src/proxy/replies/failure-response.ts";
import { startProxy } from "../../src/proxy/server.ts";
import { classifyFailure } from "../../src/upstream/failures/classify.ts";
import { FAILURES } from "../../src/upstream/failures/table.ts";
import { FAILURE_WORDINGS } from "../../src/upstream/failures/wordings.ts";
import { type Behaviour, chatChunk, chatStream, startFaultServer } from "../support/fault-server.ts";
import { OVERFLOW_EXAMPLES } from "../support/overflow-examples.ts";
import { testProfile } from "../support/profile.ts";
import { ASK } from "../support/sdk-client.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const close of closers.splice(0).reverse()) await close();
});

const good: Behaviour = { stream: chatStream({ content: "fine" }) };
const text = [chatChunk({ role: "assistant" }), chatChunk({ content: "half an " }), chatChunk({ content: "an" })];
const call = [
	...text,
	chatChunk({ tool_calls: [{ index: 0, id: "c1", function: { name: "Write", arguments: '{"content":"ha' } }] }),
];

/** Where in a reply the fault occurs. */
const STAGES = {
	"before headers": undefined,
	"after headers": [": processing\n\n"],
	"after some text": text,
	"in a tool call": call,
} as const;

/** What goes wrong there. */
const FAULTS: Record<string, (pieces: readonly string[]) => Behaviour> = {
	"a reset": (stream) => ({ stream, after: "reset", pause: 20 }),
	"an end": (stream) => ({ stream, pause: 20 }),
	silence: (stream) => ({ stream, after: "hang", pause: 20 }),
	"an error object": (stream) => ({ stream: [...stream, 'data: {"error":{"message":"overloaded"}}\n\n'], pause: 20 }),
	"a damaged frame": (stream) => ({ stream: [...stream, 'data: {"choices":[{"delta"\n\n'], pause: 20 }),
	"an HTML page": (stream) => ({ stream: [...stream, "data: <html>502</html>\n\n"], pause: 20 }),
};
const BEFORE_HEADERS: Record<string, Behaviour> = {
	"a reset": { before: "reset" },
	silence: { before: "hang" },
	"an error object": { status: 503, body: '{"error":{"message":"overloaded"}}' },
	"an HTML page": { status: 502, body: "<html><title>502 Bad Gateway</title></html>" },
};

const cases = Object.entries(STAGES).flatMap(([stage, pieces]) =>
	Object.entries(FAULTS).flatMap(([fault, make]) => {
		const behaviour = pieces ? make(pieces) : BEFORE_HEADERS[fault];
		return behaviour
			? [{ stage, fault, behaviour, committed: stage.startsWith("after some") || stage.startsWith("in a") }]
			: [];
	}),
);

async function ask(script: Behaviour[]) {
	const server = await startFaultServer(script);
	const patience = { firstToken: 0.4, progress: 0.4 };
	const proxy = await startProxy({ profile: testProfile(server.url, { patience }) });
	closers.push(
		() => server.close(),
		() => proxy.close(),
	);
	const tools = [{ name: "Write", input_schema: { type: "object" } }];
	const reply = await fetch(`${proxy.url}/v1/messages`, {
		method: "POST",
		headers: { authorization: `Bearer ${proxy.token}` },
		body: JSON.stringify({ ...ASK, tools, stream: true }),
	});
	const body = await reply.text();
	const events = [...body.matchAll(/^data: (.*)$/gm)].map((match) => JSON.parse(match[1] ?? ""));
	return { status: reply.status, events, requests: server.requests.length };
}

describe("every fault at every stage", () => {
	test.each(cases)("$fault $stage", async ({ behaviour, committed }) => {
		const { status, events, requests } = await ask([behaviour, good]);
		const check = grammarCheck();
		for (const event of events) expect(check(event)).toBeUndefined();
		expect(status).toBe(200);
		if (committed) {
			// Content is written: an error event, no end of turn, and no retry.
			expect(events.at(-1)).toMatchObject({ type: "error" });
			expect(events.map(({ type }) => type)).not.toContain("message_stop");
			expect(requests).toBe(1);
		} else {
			expect(events.at(-1)).toEqual({ type: "message_stop" });
			expect(JSON.stringify(events)).toContain("fine");
			expect(requests).toBe(2);
		}
	});

	test.each(["a reset", "an end", "silence"] as const)("%s after the finish reason loses nothing", async (fault) => {
		const complete = [chatChunk({ content: "whole" }), chatChunk({}, "stop")];
		const { events, requests } = await ask([FAULTS[fault]?.(complete) ?? good]);
		expect(events.at(-1)).toEqual({ type: "message_stop" });
		expect(requests).toBe(1);
	});
});

describe("every wording, and what Claude Code receives", () => {
	const told = (status: number, body: string) => {
		const failure = classifyFailure({ status, headers: {}, body });
		return {
			failure,
			answer: failureResponse(failure, { profile: "p", model: "m" }),
		};
	};

	test.each(FAILURE_WORDINGS.map((rule) => [rule.class, rule.provider, rule.example] as const))(
		"%s: %s",
		(failureClass, _provider, example) => {
			const { health, status } = FAILURES[failureClass];
			const { failure, answer } = told(health === "unknown" ? 400 : status, example);
			const retried = answer.headers["x-should-retry"] === "true";
			const passes = [
				"rate-limit",
				"concurrency",
				"overloaded",
				"transient",
				"network",
				"truncated",
				"tool-use-failed",
				"generation-failed",
			];
			expect(retried).toBe(passes.includes(failureClass));
			// Claude Code 2.1.332 retries 408, 409, 429 and 5xx, and nothing else.
			expect(answer.status === 429 || answer.status >= 500).toBe(retried);
			if (failureClass === "context-overflow")
				expect(answer.body.error.message).toMatch(/^prompt is too long(: \d+ tokens > \d+ maximum)?\n/);
			else expect(answer.body.error.message.startsWith(failure.message)).toBe(true);
			expect(answer.headers["retry-after"]).toBe(
				failure.retryAfter !== undefined && retried ? String(Math.ceil(failure.retryAfter)) : undefined,
			);
		},
	);

	test.each(OVERFLOW_EXAMPLES)("overflow: %s: %s", (_provider, example) => {
		const { answer } = told(400, JSON.stringify({ error: { message: example } }));
		expect(answer.status).toBe(400);
		expect(answer.body.error.message).toMatch(
			/^(prompt is too long(: \d+ tokens > \d+ maximum)?|input length and `max_tokens` exceed context limit: \d+ \+ \d+ > \d+)\n/,
		);
	});
});
