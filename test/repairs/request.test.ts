import { describe, expect, test } from "vitest";
import type { ContentBlock, MessageParam, MessageRequest } from "../../src/protocol/messages.ts";
import { repairRequest, requestRepairs } from "../../src/repairs/index.ts";
import { counter, makeTarget } from "../support/fixture.ts";

const context = { target: makeTarget("openai-chat"), mintId: counter(), note: () => {} };

const clean: MessageRequest = {
	model: "m",
	system: [{ type: "text", text: "You are Claude Code." }],
	messages: [
		{ role: "user", content: "Go." },
		{ role: "system", content: "Agents: a." },
		{ role: "assistant", content: [{ type: "tool_use", id: "c1", name: "Bash", input: { command: "ls" } }] },
		{
			role: "user",
			content: [
				{ type: "tool_result", tool_use_id: "c1", content: "" },
				{ type: "text", text: "And?" },
			],
		},
		{ role: "system", content: "Reminder." },
		{ role: "assistant", content: [{ type: "text", text: "Done." }] },
		{ role: "user", content: "More." },
	],
};

describe.each([...new Set(requestRepairs)])("$name", (repair) => {
	test("returns the very request when there is nothing to do", () => {
		expect(repair.apply(clean, context)).toBe(clean);
	});

	test("does not change its input", () => {
		const broken: MessageRequest = {
			model: "m",
			system: "x-anthropic-billing-header: a\nYou are.",
			messages: [
				{
					role: "assistant",
					content: [
						{ type: "text", text: "" },
						{ type: "tool_use", id: "c1", name: "A", input: { __unparsedToolInput: { raw: "{", len: 1 } } },
					],
				},
				{ role: "assistant", content: [{ type: "tool_use", id: "c1", name: "A", input: {} }] },
				{
					role: "user",
					content: [
						{ type: "text", text: "x" },
						{ type: "tool_result", tool_use_id: "gone", content: "y" },
					],
				},
			],
		};
		const before = structuredClone(broken);
		repair.apply(broken, context);
		repairRequest(broken, context);
		expect(broken).toEqual(before);
	});
});

test("a repair can be switched off by its name", () => {
	const request: MessageRequest = { ...clean, system: "x-anthropic-billing-header: a\nYou are." };
	expect(repairRequest(request, context).system).toBe("You are.");
	expect(repairRequest(request, context, ["billing-line"])).toBe(request);
});

test("every repair records what it did", () => {
	const kinds: string[] = [];
	const request: MessageRequest = {
		model: "m",
		messages: [
			{ role: "assistant", content: [{ type: "tool_use", id: "c1", name: "A", input: {} }] },
			{ role: "system", content: "S." },
			{
				role: "user",
				content: [
					{ type: "text", text: " " },
					{ type: "tool_result", tool_use_id: "gone", content: "y" },
				],
			},
		],
	};
	repairRequest(request, { ...context, note: ({ kind }) => kinds.push(kind) });
	expect(kinds.sort()).toEqual(["empty-text", "first-user-turn", "missing-tool-result", "orphan-tool-result"]);
});

const use = (id: string, command = "ls"): ContentBlock => ({ type: "tool_use", id, name: "Bash", input: { command } });
const result = (id: string, content: string): ContentBlock => ({ type: "tool_result", tool_use_id: id, content });
const words = (text: string): ContentBlock => ({ type: "text", text });

function repaired(...turns: ContentBlock[][]): MessageParam[] {
	const messages = turns.map((content, index): MessageParam => {
		return { role: index % 2 === 0 ? "user" : "assistant", content };
	});
	return repairRequest({ model: "m", messages }, context).messages;
}

test("calls with one id are renamed by their count, and get their results in order", () => {
	const messages = repaired(
		[words("Go.")],
		[use("c"), use("c")],
		[result("c", "first"), result("c", "second")],
		[use("c")],
		[result("c", "third")],
	);
	expect(messages.slice(1).map(({ content }) => content)).toEqual([
		[use("c"), use("c_2")],
		[result("c", "first"), result("c_2", "second")],
		[use("c_3")],
		[result("c_3", "third")],
	]);
});

test("results that come late move to their calls, in their order and before the other content", () => {
	const messages = repaired(
		[words("Go.")],
		[use("a"), use("b")],
		[words("Wait.")],
		[words("Yes.")],
		[words("Now."), result("a", "1"), result("b", "2")],
	);
	expect(messages.map(({ content }) => content)).toEqual([
		[words("Go.")],
		[use("a"), use("b")],
		[result("a", "1"), result("b", "2"), words("Wait.")],
		[words("Yes.")],
		[words("Now.")],
	]);
});

test("of two results for one call the first one counts, the second becomes text", () => {
	const messages = repaired([words("Go.")], [use("a")], [result("a", "1"), result("a", "2")]);
	expect(messages.at(-1)?.content).toEqual([result("a", "1"), words("[Result of tool call a]"), words("2")]);
});

test("calls without a result are answered in their order, after the results that are there", () => {
	const messages = repaired([words("Go.")], [use("a"), use("b"), use("c")], [words("Stop."), result("b", "2")]);
	const content = messages.at(-1)?.content;
	expect(content).toMatchObject([
		{ tool_use_id: "b", content: "2" },
		{ tool_use_id: "a", is_error: true },
		{ tool_use_id: "c", is_error: true },
		{ type: "text", text: "Stop." },
	]);
});
