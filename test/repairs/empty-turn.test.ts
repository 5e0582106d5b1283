import { afterEach, describe, expect, test } from "vitest";
import { type ProxyServer, startProxy } from "../../src/proxy/server.ts";
import { emptyTurn } from "../../src/repairs/response/empty-turn.ts";
import type { ExchangeRecord } from "../../src/trace/record/exchange-record.ts";
import { call, reply, text, thinking } from "../support/event-lines.ts";
import { chatChunk, chatStream, type FaultServer, startFaultServer } from "../support/fault-server.ts";
import { testProfile } from "../support/profile.ts";
import { runRepairs } from "../support/run-repair.ts";
import { ASK, sdkClient } from "../support/sdk-client.ts";

test.each([
	["text", [text("a")], "end_turn"],
	["a tool call", [call("Bash", {})], "tool_use"],
	["thinking and text", [thinking("a"), text("b")], "end_turn"],
	["a limit", [thinking("a")], "max_tokens"],
	["a refusal", [], "refusal"],
	["a stop sequence at once", [text("")], "stop_sequence"],
] as const)("no empty turn: %s", (_name, content, stop) => {
	expect(runRepairs([emptyTurn], reply([...content], stop)).notes).toEqual([]);
});

test.each([
	["nothing", [], "end_turn"],
	["white space", [text(" \n")], "end_turn"],
	["reasoning alone", [thinking("a")], "end_turn"],
	["an announced tool call", [text("I call it now.")], "tool_use"],
] as const)("an empty turn that was shown already passes with a note: %s", (_name, content, stop) => {
	const events = reply([...content], stop);
	const { events: out, notes } = runRepairs([emptyTurn], events);
	expect(out).toEqual(events);
	expect(notes.map(({ kind }) => kind)).toEqual(["empty-turn"]);
});

describe("in the proxy", () => {
	let proxy: ProxyServer;
	let server: FaultServer;
	let records: ExchangeRecord[];
	afterEach(async () => {
		await proxy.close();
		await server.close();
	});
	const start = async (replies: string[][]) => {
		records = [];
		server = await startFaultServer(replies.map((stream) => ({ stream })));
		proxy = await startProxy({
			profile: testProfile(server.url),

			onExchange: (record) => records.push(record),
		});
	};
	const whole = (message: object) => [JSON.stringify({ choices: [{ index: 0, message, finish_reason: "stop" }] })];
	const kinds = () => records.flatMap(({ divergences }) => divergences.map(({ kind }) => kind));

	test("reasoning alone, in one piece: asked again", async () => {
		await start([whole({ reasoning_content: "hm" }), whole({ content: "4" })]);
		const message = await sdkClient(proxy).messages.create(ASK);
		expect(message.content).toMatchObject([{ type: "text", text: "4" }]);
		expect(kinds()).toContain("retry");
	});

	test("nothing but a control token: asked again, and then an honest error", async () => {
		await start([chatStream({ content: "<|im_end|>" })]);
		const failure = await sdkClient(proxy)
			.messages.stream(ASK)
			.finalMessage()
			.catch((error: Error) => error);
		// 400: Claude Code would ask ten times more after a 500.
		expect(String(failure)).toMatch(/400.*twice without an answer: empty reply/s);
		expect(server.requests.length).toBe(2);
	});

	test("reasoning that was shown: passed on, and noted", async () => {
		await start([[chatChunk({ reasoning_content: "hm" }), chatChunk({}, "stop"), "data: [DONE]\n\n"]]);
		const message = await sdkClient(proxy).messages.stream(ASK).finalMessage();
		expect(message.content).toMatchObject([{ type: "thinking", thinking: "hm" }]);
		expect(server.requests.length).toBe(1);
		expect(kinds()).toContain("empty-turn");
		// Claude Code asks once more by itself; then it would show nothing.
		const again = await sdkClient(proxy).messages.stream(ASK).finalMessage();
		expect(again.content.at(-1)).toMatchObject({
			type: "text",
			text: expect.stringContaining("reasoning and no answer"),
		});
	});
});
