import { afterEach, expect, test } from "vitest";
import type { QuirksInput } from "../../src/profile/model/quirks.ts";
import { type ProxyServer, startProxy } from "../../src/proxy/server.ts";
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
