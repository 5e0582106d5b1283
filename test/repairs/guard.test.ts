import { afterEach, describe, expect, test } from "vitest";
import { targetOf } from "../../src/profile/model/profile.ts";
import type { QuirksInput } from "../../src/profile/model/quirks.ts";
import type { Divergence } from "../../src/protocol/divergence.ts";
import type { MessageParam, MessageRequest } from "../../src/protocol/messages.ts";
import { type ProxyServer, startProxy } from "../../src/proxy/server.ts";
import { DriftWatch, type Turn, turnOf } from "../../src/repairs/loops/drift.ts";
import { endLoop } from "../../src/repairs/loops/end-loop.ts";
import { repeatedCalls } from "../../src/repairs/request/repeated-calls.ts";
import { call } from "../support/event-lines.ts";
import { chatStream, type FaultServer, startFaultServer } from "../support/fault-server.ts";
import { testProfile } from "../support/profile.ts";
import { sampleRequest } from "../support/run-repair.ts";
import { sdkClient } from "../support/sdk-client.ts";

interface Round {
	input: object;
	result: string;
	isError?: boolean;
	name?: string;
}

function session(rounds: readonly Round[], prompt = "go"): MessageRequest {
	const messages: MessageParam[] = [{ role: "user", content: prompt }];
	for (const [index, { input, result, isError = false, name = "Bash" }] of rounds.entries()) {
		const id = `toolu_${index}`;
		messages.push({ role: "assistant", content: [call(name, input, id)] });
		messages.push({
			role: "user",
			content: [{ type: "tool_result", tool_use_id: id, content: result, is_error: isError }],
		});
	}
	return { ...sampleRequest, messages };
}

const same = (count: number, round: Round = { input: { command: "make" }, result: "error: x" }) =>
	Array.from({ length: count }, () => round);

function guard(request: MessageRequest, quirks: QuirksInput = {}, disabledRepairs: string[] = []) {
	const notes: Divergence[] = [];
	const target = targetOf(testProfile("http://127.0.0.1:9", { quirks, disabledRepairs }), "test-model");
	const context = { target, mintId: (prefix: string) => `${prefix}1`, note: (one: Divergence) => notes.push(one) };
	return { ended: endLoop(request, target, context), sent: repeatedCalls.apply(request, context), notes };
}

const lastResult = (request: MessageRequest) => JSON.stringify(request.messages.at(-1)?.content);

describe("the same call with the same result", () => {
	test("twice: nothing", () => {
		const request = session(same(2));
		const { sent, ended, notes } = guard(request);
		expect(sent).toBe(request);
		expect([ended, notes]).toEqual([undefined, []]);
	});

	test("three to five times: a reminder in the result, the same in every later request", () => {
		const third = guard(session(same(3)));
		expect(lastResult(third.sent)).toContain("3 times, with");
		expect(third.notes.map(({ kind }) => kind)).toEqual(["repeated-call"]);
		expect(third.ended).toBeUndefined();
		const later = guard(session([...same(3), { input: { command: "ls" }, result: "a" }]));
		expect(later.sent.messages.slice(0, 7)).toEqual(third.sent.messages);
		expect(later.notes).toEqual([]);
		expect(lastResult(guard(session(same(5))).sent)).toContain("5 times, with");
	});

	test("six times: the turn is ended with a text that says what happened", () => {
		const { ended, notes } = guard(session(same(6)));
		expect(ended?.content).toMatchObject([
			{ type: "text", text: expect.stringContaining("Bash with the same input 6 times") },
		]);
		expect(ended?.stop_reason).toBe("end_turn");
		expect(notes.map(({ kind }) => kind)).toContain("loop-ended");
	});

	test("the limits are the profile's, and each part can be switched off", () => {
		expect(guard(session(same(4)), { repeatEnd: 4 }).ended).toBeDefined();
		expect(guard(session(same(60)), { repeatEnd: 0 }).ended).toBeUndefined();
		expect(guard(session(same(60)), {}, ["end-loop"]).ended).toBeUndefined();
		expect(guard(session(same(5)), { repeatReminder: 0 }).notes).toEqual([]);
	});

	test.each<[string, MessageRequest]>([
		["another result", session(Array.from({ length: 20 }, (_, n) => ({ input: { command: "make" }, result: `${n}` })))],
		["another input", session(Array.from({ length: 20 }, (_, n) => ({ input: { command: `${n}` }, result: "ok" })))],
		["waiting", session(same(20, { input: { command: "sleep 5; cat status" }, result: "running" }))],
		["asking a background task", session(same(20, { name: "BashOutput", input: { bash_id: "1" }, result: "running" }))],
	])("no loop: %s", (_name, request) => {
		const { sent, ended } = guard(request);
		expect(sent).toBe(request);
		expect(ended).toBeUndefined();
	});

	test("a prompt of the user begins a new count; Claude Code's reminders do not", () => {
		const five = session(same(5));
		const more = session(same(1)).messages.slice(1);
		const asked = { ...five, messages: [...five.messages, { role: "user" as const, content: "try again" }, ...more] };
		expect(guard(asked).ended).toBeUndefined();
		const reminder = { type: "text", text: "<system-reminder>\nTodos changed.\n</system-reminder>" };
		const six = session(same(6));
		const reminded = six.messages.map((message, index) =>
			index > 0 && message.role === "user"
				? { ...message, content: [...(message.content as never[]), reminder] }
				: message,
		) as MessageParam[];
		expect(guard({ ...six, messages: reminded }).ended).toBeDefined();
	});
});

/** A session as real work is: reads, edits, tests that fail now and then and are run again. */
function healthy(length: number): Round[] {
	return Array.from({ length }, (_, n): Round => {
		if (n % 4 === 0) return { name: "Read", input: { file_path: `/src/${n % 12}.ts` }, result: `content ${n % 12}` };
		if (n % 4 === 1) return { name: "Edit", input: { file_path: `/src/${n}.ts` }, result: "edited" };
		const isError = n % 11 === 2;
		return { input: { command: "npm test" }, result: isError ? "1 failed" : "all passed", isError };
	});
}

describe.each([60, 200])("a healthy session of %i turns", (length) => {
	test("is never touched", () => {
		const rounds = healthy(length);
		const watch = new DriftWatch();
		for (let turns = 1; turns <= length; turns++) {
			const request = session(rounds.slice(0, turns));
			const { sent, ended, notes } = guard(request);
			expect(sent).toBe(request);
			expect([ended, notes]).toEqual([undefined, []]);
			const usage = { input_tokens: 500, cache_read_input_tokens: 20_000 + 500 * turns };
			expect(watch.observe(turnOf(request, [], usage) as Turn)).toBeUndefined();
		}
	});
});

describe("drift", () => {
	const good: Turn = { isRepaired: false, isError: false, isRepeated: false, cached: 0.9 };
	const observe = (turns: Turn[]) => {
		const watch = new DriftWatch();
		return turns.flatMap((turn, index) => {
			const found = watch.observe(turn);
			return found ? [{ turn: index + 1, ...found }] : [];
		});
	};

	test("a model that degrades after turn 30 is told of once", () => {
		const bad = Array.from({ length: 60 }, (_, n): Turn => (n < 30 ? good : { ...good, isRepaired: true }));
		const found = observe(bad);
		expect(found).toMatchObject([
			{ turn: 36, kind: "drift", seen: "6 of the last 10 turns were repaired, failed or repeated; 0 % before" },
		]);
	});

	test("a model that was never better is not said to degrade", () => {
		expect(observe(Array.from({ length: 60 }, () => ({ ...good, isRepaired: true })))).toEqual([]);
	});

	test("a cache that no longer hits", () => {
		const turns = Array.from({ length: 60 }, (_, n) => ({ ...good, cached: n < 30 ? 0.9 : 0 }));
		expect(observe(turns)).toMatchObject([{ seen: expect.stringContaining("prompt cache") }]);
		expect(observe(Array.from({ length: 60 }, () => ({ ...good, cached: undefined })))).toEqual([]);
	});

	test("what a turn tells", () => {
		const note = { kind: "tool-input", where: "", seen: "", done: "" };
		const failed = session([{ input: {}, result: "no", isError: true }]);
		expect(turnOf(failed, [note], { input_tokens: 25, cache_read_input_tokens: 75 })).toEqual({
			isRepaired: true,
			isError: true,
			isRepeated: false,
			cached: 0.75,
		});
		expect(turnOf({ ...failed, tools: [] }, [], {})).toBeUndefined();
	});
});

describe("in the proxy", () => {
	let proxy: ProxyServer;
	let server: FaultServer;
	afterEach(async () => {
		await proxy.close();
		await server.close();
	});

	test("a loop is answered without the provider", async () => {
		server = await startFaultServer([{ stream: chatStream({ content: "fine" }) }]);
		proxy = await startProxy({ profile: testProfile(server.url), onExchange: () => {} });
		const { messages, tools } = session(same(6));
		const ask = { model: "test-model", max_tokens: 100, messages: messages as never, tools: tools as never };
		const message = await sdkClient(proxy).messages.stream(ask).finalMessage();
		expect(message.content).toMatchObject([{ type: "text", text: expect.stringContaining("ended this turn") }]);
		expect(server.requests).toEqual([]);
	});

	test("a model that degrades: the user is told once, in the conversation", async () => {
		const healthy = chatStream({ content: "fine" });
		const leaked = chatStream({ content: '<tool_call>{"name":"Bash","arguments":{"command":"ls"}}</tool_call>' });
		server = await startFaultServer((_request, number) => ({ stream: number < 20 ? healthy : leaked }));
		proxy = await startProxy({ profile: testProfile(server.url), onExchange: () => {} });
		const tools = [{ name: "Bash", input_schema: { type: "object" as const } }];
		const ask = { model: "test-model", max_tokens: 100, messages: [{ role: "user" as const, content: "go" }], tools };
		const told: number[] = [];
		for (let turn = 1; turn <= 40; turn++) {
			const { content } = await sdkClient(proxy).messages.stream(ask).finalMessage();
			const first = content[0];
			if (first?.type === "text" && first.text.startsWith("[cc-any: 6 of the last 10 turns")) told.push(turn);
		}
		// Six bad turns are seen at the end of the 26th, so the 27th carries the line.
		expect(told).toEqual([27]);
	});
});

const turn = (isBad: boolean, cached?: number): Turn => ({
	isRepaired: isBad,
	isError: false,
	isRepeated: false,
	cached,
});

function drift(...turns: Turn[]) {
	const watch = new DriftWatch();
	return turns.flatMap((one) => watch.observe(one) ?? []);
}

const turns = (count: number, isBad: boolean, cached?: number) =>
	Array.from({ length: count }, () => turn(isBad, cached));

test.each([
	["six bad turns of the last ten", [...turns(14, false), ...turns(6, true)], 1],
	["five bad turns of the last ten", [...turns(15, false), ...turns(5, true)], 0],
	["fewer than ten turns to compare with", [...turns(9, false), ...turns(10, true)], 0],
	["a rise of four in ten", [...turns(6, false), ...turns(4, true), ...turns(2, false), ...turns(8, true)], 1],
	["a rise of three in ten", [...turns(6, false), ...turns(4, true), ...turns(3, false), ...turns(7, true)], 0],
	["half of the prompt cached, then a tenth", [...turns(10, false, 0.5), ...turns(10, false, 0.1)], 1],
	["less than half of the prompt cached before", [...turns(10, false, 0.49), ...turns(10, false, 0)], 0],
	["more than a tenth of the prompt cached now", [...turns(10, false, 0.9), ...turns(10, false, 0.11)], 0],
])("drift is reported at its limits: %s", (_name, session, reports) => {
	expect(drift(...session).length).toBe(reports);
});
