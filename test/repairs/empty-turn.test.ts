import { afterEach, describe, expect, test } from "vitest";
import { targetOf } from "../../src/profile/model/profile.ts";
import type { MessageEvent } from "../../src/protocol/events.ts";
import type { ContentBlock, StopReason } from "../../src/protocol/messages.ts";
import { newMessage } from "../../src/protocol/new-message.ts";
import { runStage } from "../../src/protocol/stage.ts";
import { type ProxyServer, startProxy } from "../../src/proxy/server.ts";
import type { RepairContext } from "../../src/repairs/repair.ts";
import { emptyTurn } from "../../src/repairs/response/empty-turn.ts";
import type { ExchangeRecord } from "../../src/trace/record/exchange-record.ts";
import type { UpstreamFailure } from "../../src/upstream/failures/failure.ts";
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
		const again = sdkClient(proxy).messages.stream(ASK).finalMessage();
		await expect(again).rejects.toThrow(/without an answer: reasoning without an answer/);
		expect(server.requests.length).toBe(2);
		// Its next requests get the same answer.
		await expect(sdkClient(proxy).messages.create(ASK)).rejects.toThrow(/reasoning without an answer/);
		expect(server.requests.length).toBe(2);
	});
});

describe("before anything was shown", () => {
	function judge(content: ContentBlock[], more: Partial<RepairContext>, stop: StopReason = "end_turn") {
		const told: string[] = [];
		const context: RepairContext = {
			request: { model: "m", messages: [] },
			target: targetOf(testProfile("http://127.0.0.1:9"), "test-model"),
			mintId: (prefix) => prefix,
			note: ({ done }) => told.push(done),
			onEmptyTurn: () => told.push("empty"),
			...more,
		};
		try {
			runStage(emptyTurn.stage(context), reply(content, stop));
			return { told };
		} catch (error) {
			return { told, failure: error as UpstreamFailure };
		}
	}

	test("an empty turn is a failed attempt, the second time the last one", () => {
		const first = judge([], { isCommitted: () => false });
		expect(first.told).toEqual(["empty"]);
		expect(first.failure?.source).toMatchObject({ status: 200, class: "empty-turn", final: false });
		expect(first.failure?.message).toContain("empty reply");
		for (const earlierEmptyTurns of [1, 2]) {
			const second = judge([thinking("a")], { isCommitted: () => false, earlierEmptyTurns });
			expect(second.told).toEqual(["empty"]);
			expect(second.failure?.source).toEqual({
				status: 200,
				headers: {},
				body: "the model ended its turn twice without an answer: reasoning without an answer",
				class: "empty-turn",
				final: true,
			});
		}
		expect(judge([], { isCommitted: () => false, earlierEmptyTurns: 0 }).failure?.source.final).toBe(false);
	});

	test("afterwards the first one passes, and the second one fails", () => {
		for (const more of [{}, { isCommitted: () => true }]) {
			expect(judge([thinking("a")], more).told).toEqual(["empty", "passed on: it was already shown"]);
			const second = judge([thinking("a")], { ...more, earlierEmptyTurns: 1 });
			expect(second.told).toEqual(["empty"]);
			expect(second.failure?.source).toMatchObject({ class: "empty-turn", final: true });
		}
	});

	test.each([
		["a prompt that filled the window", 4096, 0, true],
		["an output limit that was reached", 4096, 64, false],
		["a short prompt, with hidden reasoning that is not counted", 13, 0, false],
	])("a limit without a visible token: %s", (_name, input_tokens, output_tokens, isOverflow) => {
		const events: MessageEvent[] = [
			{
				type: "message_start",
				message: { ...newMessage("m", [], () => "msg_1"), usage: { input_tokens, output_tokens } },
			},
			{ type: "message_delta", delta: { stop_reason: "max_tokens", stop_sequence: null }, usage: { output_tokens } },
			{ type: "message_stop" },
		];
		const run = () => runRepairs([emptyTurn], events).events;
		if (isOverflow) expect(run).toThrow("an error inside its reply");
		else expect(run()).toEqual(events);
	});

	test.each<[string, ContentBlock[], StopReason, string | undefined]>([
		["nothing", [], "end_turn", "empty reply"],
		["white space", [text(" \n")], "end_turn", "empty reply"],
		["reasoning", [thinking("a"), text(" ")], "end_turn", "reasoning without an answer"],
		[
			"hidden reasoning",
			[{ type: "redacted_thinking", data: "x" } as ContentBlock],
			"end_turn",
			"reasoning without an answer",
		],
		["a text, and a call that did not come", [text("a")], "tool_use", "a tool call was announced, but none came"],
		["a text in pieces", [text("a"), text(" ")], "end_turn", undefined],
		["a call", [call("Bash", {})], "end_turn", undefined],
		[
			"another block",
			[{ type: "server_tool_use", id: "x", name: "y", input: {} } as ContentBlock],
			"end_turn",
			undefined,
		],
		["an output limit", [], "max_tokens", undefined],
		["the end of the window", [], "model_context_window_exceeded", "an error inside its reply"],
		["the end of the window, after a text", [text("a")], "model_context_window_exceeded", undefined],
		["a pause", [], "pause_turn", undefined],
		["a refusal", [], "refusal", undefined],
		["a stop sequence", [], "stop_sequence", undefined],
	])("%s", (_name, content, stop, expected) => {
		const { failure } = judge(content, { isCommitted: () => false }, stop);
		if (expected === undefined) expect(failure).toBeUndefined();
		else expect(failure?.message).toContain(expected);
	});
});
