import { expect, test } from "vitest";
import type { ContentBlock, StopReason } from "../../src/protocol/messages.ts";
import { thinkTags } from "../../src/repairs/response/think-tags.ts";
import { call, reply, text, thinking } from "../support/event-lines.ts";
import { runRepairs } from "../support/run-repair.ts";

const run = (content: ContentBlock[], size = 0, stop: StopReason = "end_turn", reasoningPrefilled = false) =>
	runRepairs([thinkTags], reply(content, stop, size), undefined, { reasoningPrefilled });

test.each([
	["a whole block", "<think>hm</think>answer", [thinking("hm"), text("answer")]],
	["line breaks around", "\n<think>\nhm\nhm\n</think>\n\nanswer\n", [thinking("hm\nhm"), text("answer\n")]],
	["nothing thought", "<think>\n\n</think>\n\nanswer", [text("answer")]],
	["twice", "<think>a</think>b\n<think>\nc\n</think>\nd", [thinking("a"), text("b\n"), thinking("c"), text("d")]],
	["thinking", "<thinking>a</thinking>b", [thinking("a"), text("b")]],
	["Mistral", "[THINK]a[/THINK]b", [thinking("a"), text("b")]],
	["gpt-oss", "<|channel|>analysis<|message|>a<|end|>b", [thinking("a"), text("b")]],
	["Gemma", "<|channel>thought\na\n<channel|>b", [thinking("a"), text("b")]],
	["Kimi K3", "<|open|>think<|sep|>a<|close|>think<|sep|>b", [thinking("a"), text("b")]],
	["tags inside", "<think>a <b> </thin <think> c</think>d", [thinking("a <b> </thin <think> c"), text("d")]],
	["a lone closer", "</think>\n\nanswer", [text("\n\nanswer")]],
	["a lone closer behind text", "reasoning\n</think>\nanswer", [text("reasoning\n\nanswer")]],
	["never closed, and no answer", "<think>the answer is 4", [thinking("the answer is 4"), text("the answer is 4")]],
	["spoken of", "The <think> tag and the </think> tag.", [text("The <think> tag and the </think> tag.")]],
	["in code", "`<think>`\n```\n<think>\nx\n</think>\n```\n", [text("`<think>`\n```\n<think>\nx\n</think>\n```\n")]],
	["part of a tag", "a <thin", [text("a <thin")]],
] as [string, string, ContentBlock[]][])("%s", (_name, content, expected) => {
	for (const size of [0, 1, 2, 3, 4, 5, 6, 7, 9, 20]) {
		expect({ size, content: run([text(content)], size).content }).toEqual({ size, content: expected });
	}
});

test("reasoning and then a tool call", () => {
	const bash = call("Bash", { command: "ls" });
	const { content, notes } = run([text("<think>I must look</think>\n"), bash], 3, "tool_use");
	expect(content).toEqual([thinking("I must look"), bash]);
	expect(notes.map(({ kind }) => kind)).toEqual(["think-tag"]);
	expect(run([text("<think>never closed"), bash], 3, "tool_use").content).toEqual([thinking("never closed"), bash]);
});

test("a reply cut off in its reasoning is not shown as an answer", () => {
	expect(run([text("<think>so far")], 0, "max_tokens").content).toEqual([thinking("so far")]);
});

test("the template opened the reasoning: the text begins inside it", () => {
	for (const size of [0, 1, 4]) {
		const prefilled = (content: ContentBlock[]) => run(content, size, "end_turn", true).content;
		expect(prefilled([text("hm\n</think>\n\nanswer")])).toEqual([thinking("hm"), text("answer")]);
		expect(prefilled([text("no reasoning at all")])).toEqual([
			thinking("no reasoning at all"),
			text("no reasoning at all"),
		]);
		expect(prefilled([thinking("in its field"), text("answer")])).toEqual([thinking("in its field"), text("answer")]);
	}
});
