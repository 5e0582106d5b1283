import { expect, test } from "vitest";
import { targetOf } from "../../src/profile/model/profile.ts";
import { DIALECTS } from "../../src/profile/model/quirks.ts";
import type { MessageRequest } from "../../src/protocol/messages.ts";
import { replayAttempt } from "../../src/trace/explain/replay.ts";
import { requestChanges } from "../../src/trace/explain/request-changes.ts";
import { testProfile } from "../support/profile.ts";

const schema = { type: "object" as const, properties: { command: { type: "string" } }, required: ["command"] };
const REQUEST: MessageRequest = {
	model: "test-model",
	max_tokens: 1000,
	stream: true,
	system: [
		{ type: "text", text: "You are a tool." },
		{ type: "text", text: "Be brief." },
	],
	tools: [{ name: "Bash", description: "runs a command", input_schema: schema }],
	messages: [
		{ role: "user", content: "What is here?" },
		{
			role: "assistant",
			content: [
				{ type: "text", text: "I look." },
				{ type: "tool_use", id: "toolu_1", name: "Bash", input: { command: "ls -l" } },
			],
		},
		{ role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content: "README.md" }] },
		{ role: "assistant", content: "One file." },
		{ role: "user", content: "Read it." },
	],
};

async function changesOn(dialect: (typeof DIALECTS)[number], asked: MessageRequest, sent = asked) {
	const endpoints = { [dialect]: { baseUrl: "http://127.0.0.1" } };
	const target = targetOf(testProfile("", { dialect, endpoints }), "test-model");
	const { outgoing } = await replayAttempt(sent, target, { betas: [], reply: undefined }, true);
	const { path, headers, body } = outgoing;
	const rest = { betas: [], inputs: {}, head: undefined, reply: undefined, failure: undefined, reads: [], events: [] };
	const attempt = { ...rest, eventReads: [], target, outgoing: { path, headers, body } };
	return requestChanges({ request: asked, record: undefined, attempts: [attempt] }, attempt);
}

const inConversation = ({ place }: { place: string }) => /^(system|messages|tools|contents|input)/.test(place);

test.each(DIALECTS)("%s: a conversation that is only written otherwise has not changed", async (dialect) => {
	expect((await changesOn(dialect, REQUEST)).filter(inConversation)).toEqual([]);
});

test.each(DIALECTS)("%s: a text, a call and a tool that have changed are told each at its place", async (dialect) => {
	const sent = JSON.parse(JSON.stringify(REQUEST).replace("ls -l", "pwd").replace("Read it", "Write it"));
	sent.tools[0].description = "runs any command";
	const changes = (await changesOn(dialect, REQUEST, sent)).filter(inConversation);
	expect(changes.map(({ place, before, after }) => [place.replace(/\[\d+\]/, ""), before, after])).toEqual([
		["tools.Bash", expect.stringContaining("runs a command"), expect.stringContaining("runs any command")],
		["messages assistant: tool_use Bash", '{"command":"ls -l"}', '{"command":"pwd"}'],
		["messages user: text", "Read it.", "Write it."],
	]);
});
