import { afterEach, describe, expect, test } from "vitest";
import { targetOf } from "../../src/profile/model/profile.ts";
import type { QuirksInput } from "../../src/profile/model/quirks.ts";
import type { Divergence } from "../../src/protocol/divergence.ts";
import type { MessageEvent } from "../../src/protocol/events.ts";
import type { MessageParam } from "../../src/protocol/messages.ts";
import { runStage, sink } from "../../src/protocol/stage.ts";
import { type ProxyServer, startProxy } from "../../src/proxy/server.ts";
import type { RepairContext } from "../../src/repairs/repair.ts";
import { missingParameters } from "../../src/repairs/response/missing-parameters.ts";
import type { ExchangeRecord } from "../../src/trace/record/exchange-record.ts";
import { call, reply, text, thinking } from "../support/event-lines.ts";
import { chatChunk, type FaultServer, startFaultServer } from "../support/fault-server.ts";
import { testProfile } from "../support/profile.ts";
import { runRepairs, sampleRequest } from "../support/run-repair.ts";
import { ASK, sdkClient } from "../support/sdk-client.ts";

let proxy: ProxyServer | undefined;
let server: FaultServer | undefined;
let records: ExchangeRecord[];
afterEach(async () => {
	await proxy?.close();
	await server?.close();
	proxy = undefined;
	server = undefined;
});

const toolCall = (id: string, input: object, before: object[] = []) => [
	...before.map((delta) => chatChunk(delta)),
	chatChunk({
		tool_calls: [{ index: 0, id, type: "function", function: { name: "Edit", arguments: JSON.stringify(input) } }],
	}),
	chatChunk({}, "tool_calls"),
	"data: [DONE]\n\n",
];
const half = { file_path: "a", old_string: "b" };
const full = { ...half, new_string: "c" };

async function ask(replies: string[][], quirks: QuirksInput) {
	records = [];
	server = await startFaultServer(replies.map((stream) => ({ stream, pause: 5 })));
	proxy = await startProxy({
		profile: testProfile(server.url, { quirks }),

		onExchange: (record) => records.push(record),
	});
	return sdkClient(proxy)
		.messages.stream({ ...ASK, tools: sampleRequest.tools as never })
		.finalMessage();
}

test("the model is asked once more, with what is wrong, and only the whole call is shown", async () => {
	const message = await ask([toolCall("c1", half), toolCall("c2", full)], { askForMissing: true });
	expect(message.content).toMatchObject([{ type: "tool_use", name: "Edit", input: full }]);
	const [, second] = server?.requests ?? [];
	expect(JSON.parse(second?.body ?? "{}").messages.slice(-2)).toMatchObject([
		{ role: "assistant", tool_calls: [{ function: { name: "Edit" } }] },
		{ role: "tool", content: expect.stringContaining("`new_string` of Edit is missing") },
	]);
	expect(records[0]?.divergences.map(({ kind }) => kind)).toContain("missing-parameter");
	expect(records[0]?.attempts).toBe(2);
});

test("only once: then Claude Code gets the call as it is", async () => {
	const message = await ask([toolCall("c1", half)], { askForMissing: true });
	expect(message.content).toMatchObject([{ type: "tool_use", input: half }]);
	expect(server?.requests.length).toBe(2);
});

test.each<[string, object[], QuirksInput]>([
	["off unless the profile asks for it", [], {}],
	["not when reasoning was shown", [{ reasoning_content: "hm" }], { askForMissing: true }],
	["not when text was shown", [{ content: "I edit." }], { askForMissing: true }],
])("%s", async (_name, before, quirks) => {
	const message = await ask([toolCall("c1", half, before)], quirks);
	expect(message.content.at(-1)).toMatchObject({ type: "tool_use", input: half });
	expect(server?.requests.length).toBe(1);
});

test("a whole call, text and reasoning leave with the very events they came with", () => {
	for (const content of [[call("Edit", full)], [thinking("a"), text("b"), call("Edit", half)], [text("a")], []]) {
		const events = reply(content, "end_turn", 3);
		const { events: out } = runRepairs([missingParameters], events, sampleRequest, { askForMissing: true });
		expect(out.length === events.length && out.every((event, index) => event === events[index])).toBe(true);
	}
});

describe("the repair alone", () => {
	/** The reply that passes, or the turns with which the model is asked again. */
	function run(events: readonly MessageEvent[], more: Partial<RepairContext> = {}) {
		const notes: Divergence[] = [];
		let again: readonly MessageParam[] | undefined;
		const context: RepairContext = {
			request: sampleRequest,
			target: targetOf(testProfile("http://127.0.0.1:9", { quirks: { askForMissing: true } }), "test-model"),
			mintId: (prefix) => prefix,
			note: (one) => notes.push(one),
			isCommitted: () => false,
			onAskAgain: ({ addedTurns }) => {
				again = addedTurns;
			},
			...more,
		};
		return { events: runStage(missingParameters.stage(context), events), again, notes };
	}

	test("nothing of a call that lacks something is passed on", () => {
		const { events, again, notes } = run(reply([call("Edit", { file_path: "a" }, "t1"), text("b")], "tool_use", 3));
		expect(events).toEqual([]);
		expect(again).toEqual([
			{ role: "assistant", content: [call("Edit", { file_path: "a" }, "t1")] },
			{
				role: "user",
				content: [
					{
						type: "tool_result",
						tool_use_id: "t1",
						content:
							"InputValidationError: the required parameter `old_string`, `new_string` of Edit is missing. Send the whole call again.",
						is_error: true,
					},
				],
			},
		]);
		expect(notes).toEqual([
			{
				kind: "missing-parameter",
				where: "response",
				seen: "Edit lacks old_string, new_string",
				done: "the model was asked again",
				data: { tools: ["Edit"], toolCalls: ["t1"] },
			},
		]);
	});

	test("a call without any input lacks everything", () => {
		const events = reply([call("Read", {}, "t1")], "tool_use").filter(({ type }) => type !== "content_block_delta");
		expect(run(events).notes[0]?.seen).toBe("Read lacks file_path");
	});

	test.each<[string, MessageEvent[], Partial<RepairContext>, lacks?: string]>([
		["a whole call", reply([call("Edit", full)], "tool_use"), {}],
		["a tool that is not offered", reply([call("Launch", {})], "tool_use"), {}],
		["an input that is no object", reply([call("Read", [1])], "tool_use"), {}],
		["a second call", reply([call("Edit", full), call("Read", {}, "t2")], "tool_use"), {}, "Read lacks file_path"],
		["a call after a text", reply([text("a"), call("Read", {})], "tool_use"), {}, "Read lacks file_path"],
		[
			"a reply that was shown",
			reply([call("Read", {})], "tool_use"),
			{ isCommitted: () => true },
			"Read lacks file_path",
		],
		["nobody who could ask", reply([call("Read", {})], "tool_use"), { onAskAgain: undefined }, "Read lacks file_path"],
		["an unknown state", reply([call("Read", {})], "tool_use"), { isCommitted: undefined }, "Read lacks file_path"],
		["an empty reply", reply([]), {}],
	])("passes: %s", (_name, events, more, lacks) => {
		const { events: out, again, notes } = run(events, more);
		expect(out).toEqual(events);
		expect(again).toBeUndefined();
		const recorded = { seen: lacks, done: "passed on: Claude Code reports it to the model" };
		expect(notes).toMatchObject(lacks === undefined ? [] : [recorded]);
		expect(notes.length).toBe(lacks === undefined ? 0 : 1);
	});

	test("events are held to the end of the first call, and no longer", () => {
		const events = reply([call("Edit", full)], "tool_use");
		const passed: number[] = [];
		const out: MessageEvent[] = [];
		const context = {
			request: sampleRequest,
			target: targetOf(testProfile("http://127.0.0.1:9", { quirks: { askForMissing: true } }), "test-model"),
			mintId: (prefix: string) => prefix,
			note: () => {},
		};
		const stage = missingParameters.stage(context)(sink((event) => out.push(event)));
		for (const event of events) {
			stage.push(event);
			passed.push(out.length);
		}
		expect(passed).toEqual([0, 0, 0, 4, 5, 6]);
	});
});
