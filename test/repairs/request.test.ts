import { describe, expect, test } from "vitest";
import type { MessageRequest } from "../../src/protocol/messages.ts";
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
