import { expect, test, vi } from "vitest";
import type { MessageEvent } from "../../src/protocol/events.ts";
import { newMessage } from "../../src/protocol/new-message.ts";
import { passEvent, passMessage } from "../../src/proxy/exchange.ts";
import type { Reply } from "../../src/proxy/replies/reply.ts";
import { startProxy } from "../../src/proxy/server.ts";
import type { ExchangeRecord } from "../../src/trace/record/exchange-record.ts";
import { FirstTokenTimes } from "../../src/upstream/resilience/reply-timeouts.ts";
import { chatStream, startFaultServer } from "../support/fault-server.ts";
import { testProfile } from "../support/profile.ts";
import { ASK, sdkClient } from "../support/sdk-client.ts";

function exchangeAt(startedAt: number) {
	const events: MessageEvent[] = [];
	const reply = { push: (event: MessageEvent) => events.push(event) } as Partial<Reply> as Reply;
	const record = { startedAt, tools: [] as string[] } as Partial<ExchangeRecord> as ExchangeRecord;
	return { events, reply, record };
}

const start = (usage: {
	input_tokens: number;
	output_tokens: number;
	cache_read_input_tokens?: number;
}): MessageEvent => ({
	type: "message_start",
	message: { ...newMessage("m", [], (prefix) => `${prefix}1`), usage },
});

test("the usage of message_delta replaces what it names, and keeps the rest of message_start's", () => {
	const { record, reply } = exchangeAt(Date.now());
	passEvent(start({ input_tokens: 7, output_tokens: 1, cache_read_input_tokens: 5 }), { record, reply });
	const delta = { stop_reason: "end_turn", stop_sequence: null } as const;
	passEvent({ type: "message_delta", delta, usage: { output_tokens: 9 } }, { record, reply });
	expect(record.usage).toEqual({ input_tokens: 7, output_tokens: 9, cache_read_input_tokens: 5 });
	expect(record.stopReason).toBe("end_turn");
});

test("the next attempt's usage replaces all of the last one's", () => {
	const { record, reply } = exchangeAt(Date.now());
	passEvent(start({ input_tokens: 7, output_tokens: 1, cache_read_input_tokens: 5 }), { record, reply });
	passEvent(start({ input_tokens: 3, output_tokens: 0 }), { record, reply });
	expect(record.usage).toEqual({ input_tokens: 3, output_tokens: 0 });
});

test("the first content sets the time, and no later block changes it", () => {
	const { record, reply } = exchangeAt(Date.now() - 1000);
	passEvent(start({ input_tokens: 1, output_tokens: 0 }), { record, reply });
	expect(record.firstToken).toBeUndefined();
	passEvent({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }, { record, reply });
	expect(record.firstToken).toBeGreaterThanOrEqual(1000);
	record.firstToken = 1;
	passEvent({ type: "content_block_start", index: 1, content_block: { type: "text", text: "" } }, { record, reply });
	expect(record.firstToken).toBe(1);
});

test("every event is passed on, and the names of the tools are recorded in order", () => {
	const exchange = exchangeAt(Date.now());
	const call = (name: string) => ({ type: "tool_use" as const, id: name, name, input: {} });
	const message = newMessage(
		"m",
		[{ type: "text", text: "I look." }, call("Read"), call("Bash")],
		(prefix) => `${prefix}1`,
	);
	passMessage(message, exchange);
	expect(exchange.record.tools).toEqual(["Read", "Bash"]);
	expect(exchange.events[0]?.type).toBe("message_start");
	expect(exchange.events.at(-1)?.type).toBe("message_stop");
	expect(exchange.events.filter(({ type }) => type === "content_block_start")).toHaveLength(3);
});

test("the time to the first token is learned once from a reply, however many blocks it has", async () => {
	const provider = await startFaultServer([{ stream: chatStream({ reasoning_content: "Hm." }, { content: "Four." }) }]);
	const proxy = await startProxy({ profile: testProfile(provider.url) });
	const observe = vi.spyOn(FirstTokenTimes.prototype, "observe");
	try {
		const message = await sdkClient(proxy).messages.stream(ASK).finalMessage();
		expect(message.content.map(({ type }) => type)).toEqual(["thinking", "text"]);
		expect(observe).toHaveBeenCalledTimes(1);
	} finally {
		observe.mockRestore();
		await proxy.close();
		await provider.close();
	}
});

test.each([
	["while its reply streams", { stream: chatStream({ content: "I lo" }).slice(0, 1), after: "hang" }],
	["before a header came", { before: "hang" }],
] as const)(
	"an exchange in flight, %s, is recorded before the proxy is closed: it may cost money",
	async (_when, behaviour) => {
		const provider = await startFaultServer([behaviour]);
		const records: ExchangeRecord[] = [];
		const profile = testProfile(provider.url);
		const proxy = await startProxy({ profile, onExchange: (record) => records.push(record) });
		const reply = sdkClient(proxy).messages.stream(ASK);
		reply.on("error", () => {});
		await expect.poll(() => provider.requests.length, { timeout: 20_000 }).toBe(1);
		await proxy.close();
		expect(records).toMatchObject([{ failure: "the client disconnected" }]);
		await expect(reply.done()).rejects.toThrow();
		await provider.close();
	},
);
