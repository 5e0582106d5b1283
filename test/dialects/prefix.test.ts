import { describe, expect, test } from "vitest";
import { anthropic } from "../../src/dialects/anthropic/index.ts";
import type { Dialect } from "../../src/dialects/dialect.ts";
import { gemini } from "../../src/dialects/gemini/index.ts";
import { openaiChat } from "../../src/dialects/openai-chat/index.ts";
import { openaiResponses } from "../../src/dialects/openai-responses/index.ts";
import { writeSignature } from "../../src/dialects/reasoning/signature.ts";
import type { QuirksInput } from "../../src/profile/model/quirks.ts";
import type { ContentBlock, MessageParam, MessageRequest } from "../../src/protocol/messages.ts";
import { repairRequest } from "../../src/repairs/index.ts";
import { counter, makeTarget } from "../support/fixture.ts";

const IMAGE: ContentBlock = {
	type: "image",
	source: { type: "base64", media_type: "image/png", data: "iVBORw0KGgo=" },
};

/** Turn `turn` of a session as Claude Code builds it: thinking, one or two calls, results, now and then a reminder. */
function turnOf(turn: number): MessageParam[] {
	const ids = turn % 3 === 0 ? [`call_${turn}`, `call_${turn}b`] : [turn % 7 === 0 ? "call_0" : `toolu_${turn}`];
	const signature =
		turn % 5 === 0
			? writeSignature({ details: [{ type: "reasoning.encrypted", data: `${turn}` }] }, makeTarget("openai-chat"))
			: "";
	const calls = ids.map(
		(id): ContentBlock => ({ type: "tool_use", id, name: "Bash", input: { command: `echo ${turn}` } }),
	);
	const results = ids.map(
		(id): ContentBlock => ({
			type: "tool_result",
			tool_use_id: id,
			content: turn % 4 === 0 ? [IMAGE] : `output ${turn}`,
			is_error: turn % 6 === 0,
		}),
	);
	const messages: MessageParam[] = [
		{
			role: "assistant",
			content: [
				{ type: "thinking", thinking: `Thought ${turn}.`, signature },
				{ type: "text", text: `Turn ${turn}.` },
				...calls,
			],
		},
		{
			role: "user",
			content: [...results.reverse(), ...(turn % 8 === 0 ? [{ type: "text" as const, text: "By the way." }] : [])],
		},
	];
	if (turn % 10 === 0) messages.push({ role: "system", content: `Reminder ${turn}.` });
	return messages;
}

/** The request after `turns` turns; cache_control stands on the last block only, and moves. */
function requestAfter(turns: number): MessageRequest {
	const messages: MessageParam[] = [
		{ role: "user", content: [{ type: "text", text: "Go." }] },
		{ role: "system", content: "Agents: a, b." },
		...Array.from({ length: turns }, (_value, turn) => turnOf(turn)).flat(),
	];
	const last = messages.at(-1)!;
	if (typeof last.content !== "string") {
		const block = { ...last.content.at(-1)!, cache_control: { type: "ephemeral" } } as ContentBlock;
		messages[messages.length - 1] = { ...last, content: [...last.content.slice(0, -1), block] };
	}
	const system = [
		{ type: "text" as const, text: `x-anthropic-billing-header: cc_version=2.1; cch=${turns};` },
		{ type: "text" as const, text: "You are Claude Code." },
	];
	return { model: "any", max_tokens: 32_000, system, messages, thinking: { type: "adaptive" } };
}

/** Everything that the provider's cache sees: system and messages, without the end of the list. */
function prefixOf(dialect: Dialect, quirks: QuirksInput, turns: number): string {
	const target = makeTarget(dialect.name, { quirks });
	const request = repairRequest(requestAfter(turns), { target, mintId: counter(), note: () => {} });
	const { body } = dialect.encode(request, target, () => {});
	// A cache mark is no part of the prompt.
	const { system, instructions, systemInstruction, messages, input, contents } = body;
	const prompt = [system ?? instructions ?? systemInstruction, messages ?? input ?? contents];
	const text = JSON.stringify(prompt, (key, value) => (key === "cache_control" ? undefined : value));
	return text.slice(0, -2);
}

const variants: [Dialect, QuirksInput][] = [
	[openaiChat, {}],
	[openaiChat, { laterSystem: "system", toolCallIds: "alphanumeric-9", assistantAfterTool: true }],
	[openaiChat, { toolCallIds: "kimi", reasoningField: "reasoning_details", reasoningRequired: "always" }],
	[openaiChat, { mergeUserTurns: true, toolCallIds: "max-40", reasoningField: "think-tags" }],
	[openaiResponses, {}],
	[openaiResponses, { laterSystem: "system", toolCallIds: "max-64", reasoningField: "none" }],
	[gemini, {}],
	[gemini, { imagesInToolResults: true, extraContentPlaceholder: { google: { thought_signature: "skip" } } }],
	[anthropic, {}],
	[anthropic, { laterSystem: "system", cacheControl: false, toolCallIds: "max-64" }],
	[anthropic, { signedThinkingOnly: true, mergeUserTurns: true }],
];

describe.each(variants)("the prompt of one turn begins the prompt of the next: %o", (dialect, quirks) => {
	test(`${dialect.name} ${JSON.stringify(quirks)}`, () => {
		let before = prefixOf(dialect, quirks, 0);
		for (let turns = 1; turns <= 60; turns++) {
			const now = prefixOf(dialect, quirks, turns);
			expect(now.startsWith(before)).toBe(true);
			before = now;
		}
		expect(before).toContain("Turn 59.");
	});
});
