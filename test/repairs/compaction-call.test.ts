import { afterEach, expect, test } from "vitest";
import { targetOf } from "../../src/profile/model/profile.ts";
import type { Divergence } from "../../src/protocol/divergence.ts";
import { collectEvents } from "../../src/protocol/message-events.ts";
import type { ContentBlock, MessageRequest } from "../../src/protocol/messages.ts";
import { runStage } from "../../src/protocol/stage.ts";
import { type ProxyServer, startProxy } from "../../src/proxy/server.ts";
import type { RepairContext, RequestChange } from "../../src/repairs/repair.ts";
import { compactionCall } from "../../src/repairs/response/compaction-call.ts";
import type { ExchangeRecord } from "../../src/trace/record/exchange-record.ts";
import { call, reply, text, thinking } from "../support/event-lines.ts";
import { chatChunk, type FaultServer, startFaultServer } from "../support/fault-server.ts";
import { testProfile } from "../support/profile.ts";
import { sampleRequest } from "../support/run-repair.ts";
import { ASK, sdkClient } from "../support/sdk-client.ts";

let proxy: ProxyServer | undefined;
let server: FaultServer | undefined;
afterEach(async () => {
	await proxy?.close();
	await server?.close();
});

const PLEA = "CRITICAL: Respond with TEXT ONLY. Do NOT call any tools.";
const messages: MessageRequest["messages"] = [
	{ role: "user", content: "Read a" },
	{ role: "assistant", content: [call("Read", { file_path: "a" }, "t0")] },
	{
		role: "user",
		content: [
			{ type: "tool_result", tool_use_id: "t0", content: "b" },
			{ type: "text", text: PLEA },
		],
	},
];
const end = (reason: string) => [chatChunk({}, reason), "data: [DONE]\n\n"];
const callOf = (path: string) => [
	chatChunk({ reasoning_content: "I need the file." }),
	chatChunk({ content: "I'll look at the file first." }),
	chatChunk({
		tool_calls: [
			{ index: 0, id: "c1", type: "function", function: { name: "Read", arguments: `{"file_path":"${path}"}` } },
		],
	}),
	...end("tool_calls"),
];
const summary = [chatChunk({ content: "<summary>We read a.</summary>" }), ...end("stop")];

async function compact(replies: string[][]) {
	const records: ExchangeRecord[] = [];
	server = await startFaultServer(replies.map((stream) => ({ stream })));
	proxy = await startProxy({ profile: testProfile(server.url), onExchange: (record) => records.push(record) });
	const request = { ...ASK, messages, tools: sampleRequest.tools };
	const message = await sdkClient(proxy)
		.messages.stream(request as never)
		.finalMessage();
	const offered = server.requests.map(({ body }) => JSON.parse(body).tools?.length ?? 0);
	return { message, offered, divergences: records[0]?.divergences.filter(({ kind }) => kind === "compaction-call") };
}

test("a call instead of a summary: the model is asked again, without tools", async () => {
	const { message, offered, divergences } = await compact([callOf("a"), summary]);
	expect(message).toMatchObject({ content: [{ text: "<summary>We read a.</summary>" }], stop_reason: "end_turn" });
	expect(offered).toEqual([sampleRequest.tools?.length, 0]);
	expect(divergences).toEqual([
		{
			kind: "compaction-call",
			where: "response",
			seen: "a call of Read instead of a summary",
			done: "the model was asked again, without tools",
		},
	]);
});

test("a second call is dropped: what the model said is the reply", async () => {
	const { message, divergences } = await compact([callOf("a"), callOf("b")]);
	expect(message.content.map(({ type }) => type)).toEqual(["thinking", "text"]);
	expect(message.stop_reason).toBe("end_turn");
	expect(divergences?.map(({ done }) => done)).toEqual([
		"the model was asked again, without tools",
		"the call was dropped",
	]);
});

/** What passes of a reply, and how the request changes that is sent again. */
function run(content: ContentBlock[], request: MessageRequest, more: Partial<RepairContext> = {}) {
	const notes: Divergence[] = [];
	let again: RequestChange | undefined;
	const context: RepairContext = {
		request,
		target: targetOf(testProfile("http://127.0.0.1:9"), "test-model"),
		mintId: (prefix) => prefix,
		note: (one) => notes.push(one),
		isCommitted: () => false,
		onAskAgain: (change) => {
			again = change;
		},
		...more,
	};
	const events = runStage(compactionCall.stage(context), reply(content, "tool_use", 50));
	return { message: collectEvents(events), again, notes };
}

const request = { ...sampleRequest, messages };
const long = text("We read a. ".repeat(50));

test("a call after a summary is dropped, and the blocks after it move up", () => {
	const { message, again, notes } = run([long, call("Read", { file_path: "a" }), text("c")], request);
	expect(message).toMatchObject({ content: [long, { text: "c" }], stop_reason: "end_turn" });
	expect([again, notes.length]).toEqual([undefined, 1]);
});

test.each<[string, Partial<RepairContext>]>([
	["something was shown", { isCommitted: () => true }],
	["nobody can ask", { onAskAgain: undefined }],
])("a call is dropped where %s", (_when, more) => {
	expect(run([thinking("a"), call("Read", { file_path: "a" })], request, more)).toMatchObject({
		message: { content: [thinking("a")], stop_reason: "end_turn" },
		again: undefined,
	});
});

test("the request of 1.0.100 to 2.1.80; a prompt of the user's is not one", () => {
	const asked = (content: string) =>
		run([call("Read", {})], { ...request, messages: [{ role: "user", content }] }).again;
	expect(
		asked("Your task is to create a detailed summary of the conversation so far, paying close attention to …"),
	).toEqual({
		withoutTools: true,
	});
	expect(asked("Your task is to create a detailed summary of this repository")).toBeUndefined();
});
