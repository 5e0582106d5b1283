import { describe, expect, test } from "vitest";
import { targetOf } from "../../src/profile/model/profile.ts";
import { DIALECTS } from "../../src/profile/model/quirks.ts";
import type { MessageRequest } from "../../src/protocol/messages.ts";
import { diffItems } from "../../src/trace/explain/diff-items.ts";
import { replayAttempt } from "../../src/trace/explain/replay.ts";
import { requestChanges } from "../../src/trace/explain/request-changes.ts";
import type { ExchangeRecord } from "../../src/trace/record/exchange-record.ts";
import type { StoredAttempt, StoredExchange } from "../../src/trace/store/read-store.ts";
import { viewExchange } from "../../src/trace/viewer/exchange-view.ts";
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

test.each(DIALECTS)("%s: a conversation that is only written differently has not changed", async (dialect) => {
	expect((await changesOn(dialect, REQUEST)).filter(inConversation)).toEqual([]);
});

test.each(DIALECTS)("%s: a changed text, call and tool are each reported at their place", async (dialect) => {
	const sent = JSON.parse(JSON.stringify(REQUEST).replace("ls -l", "pwd").replace("Read it", "Write it"));
	sent.tools[0].description = "runs any command";
	const changes = (await changesOn(dialect, REQUEST, sent)).filter(inConversation);
	expect(changes.map(({ place, before, after }) => [place.replace(/\[\d+\]/, ""), before, after])).toEqual([
		["tools.Bash", expect.stringContaining("runs a command"), expect.stringContaining("runs any command")],
		["messages assistant: tool_use Bash", '{"command":"ls -l"}', '{"command":"pwd"}'],
		["messages user: text", "Read it.", "Write it."],
	]);
});

describe("a change that a divergence explains", () => {
	const [deferred, renamed] = [
		{ kind: "deferred-tool", where: "request.tools", seen: "", done: "", data: { tools: ["Bash"] } },
		{ kind: "refused-field", where: "request", seen: "", done: "", data: { fields: ["context_management"] } },
	];
	const target = targetOf(testProfile(""), "test-model");
	const attempt = { target, outgoing: { path: "", headers: {}, body: { model: "test-model", messages: [] } } };
	const rulesWith = (divergences: object[]) => {
		const request = { ...REQUEST, context_management: {} };
		const stored = { request, record: { divergences }, attempts: [attempt] } as unknown as StoredExchange;
		const changes = requestChanges(stored, attempt as unknown as StoredAttempt);
		return Object.fromEntries(changes.map(({ place, rule }) => [place, rule]));
	};

	test("has its kind as the rule", () => {
		expect(rulesWith([deferred, renamed])).toMatchObject({
			"tools.Bash": "deferred-tool",
			context_management: "refused-field",
		});
	});

	test("else the quirk or the wire", () => {
		expect(rulesWith([])).toMatchObject({
			"tools.Bash": "quirks schemaRemove and schemaRewrite",
			context_management: "wire openai-chat, or quirk extraBody",
			max_tokens: "max-tokens, or quirk maxTokensField",
		});
	});
});

test("a tool card has the repairs of its call, and at most twenty cards are of earlier turns", () => {
	const calls = Array.from({ length: 30 }, (_, index) => ({
		role: "assistant" as const,
		content: [{ type: "tool_use" as const, id: `toolu_${index}`, name: "Bash", input: {} }],
	}));
	const repaired = { kind: "tool-input", where: "", seen: "", done: "fixed", data: { toolCalls: ["toolu_29"] } };
	const record = { divergences: [repaired], status: 200 };
	const attempt = { target: targetOf(testProfile(""), "test-model"), events: [], eventReads: [], reads: [] };
	const request = { ...REQUEST, messages: calls };
	const stored = { request, record, attempts: [attempt] } as unknown as StoredExchange;
	const { bodies } = viewExchange(record as unknown as ExchangeRecord, stored).view;
	expect(bodies?.tools).toHaveLength(20);
	expect(bodies?.tools.map(({ id, repairs }) => [id, repairs]).slice(0, 2)).toEqual([
		["toolu_29", ["tool-input: fixed"]],
		["toolu_28", []],
	]);
});

test("a long text is shown from 24 characters before its first difference, 72 characters of it", async () => {
	const before = `${"a".repeat(100)}X${"b".repeat(100)}`;
	const ask = (content: string) => ({ ...REQUEST, messages: [{ role: "user" as const, content }] });
	const [change] = (await changesOn("anthropic", ask(before), ask(before.replace("X", "Y")))).filter(inConversation);
	expect(change?.before).toBe(`…${"a".repeat(24)}X${"b".repeat(47)}… (201 characters)`);
	expect(change?.after).toBe(`…${"a".repeat(24)}Y${"b".repeat(47)}… (201 characters)`);
});

describe("a run of items that differs", () => {
	const items = (texts: readonly string[]) => texts.map((value, message) => ({ name: "user: text", value, message }));
	const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `${from + index}`);
	const differences = (before: readonly string[], after: readonly string[]) =>
		diffItems(items(before), items(after)).map(({ before, after }) => [before?.value, after?.value]);

	test("is what was removed and what was added, and the rest is paired", () => {
		expect(differences(["a", "b", "c"], ["a", "c"])).toEqual([["b", undefined]]);
		expect(differences(["a", "c"], ["a", "b", "c"])).toEqual([[undefined, "b"]]);
		expect(differences(["a", "b", "c"], ["a", "x", "y", "c"])).toEqual([
			["b", "x"],
			[undefined, "y"],
		]);
		expect(differences([], [])).toEqual([]);
	});

	test("is found up to 40 items long", () => {
		expect(differences([...range(0, 40), "end"], ["end"])).toHaveLength(40);
		// A longer one is paired item by item.
		expect(differences([...range(0, 41), "end", "last"], ["end", "last"])[0]).toEqual(["0", "end"]);
	});
});
