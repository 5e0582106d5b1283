import { describe, expect, test } from "vitest";
import { targetOf } from "../../src/profile/model/profile.ts";
import type { MessageRequest } from "../../src/protocol/messages.ts";
import { grammarTable } from "../../src/repairs/markup/index.ts";
import { leakedHistory } from "../../src/repairs/request/leaked-history.ts";
import { controlTokens } from "../../src/repairs/response/control-tokens.ts";
import { call, reply, text } from "../support/event-lines.ts";
import { testProfile } from "../support/profile.ts";
import { runRepairs, sampleRequest } from "../support/run-repair.ts";

const run = (content: string, size = 0) => runRepairs([controlTokens], reply([text(content)], "end_turn", size));

const TOKENS = new Set(
	grammarTable.grammars.flatMap((grammar) => [...(grammar.controlTokens ?? []), ...(grammar.callTokens ?? [])]),
);

test.each([...TOKENS])("%s is left out, in any pieces", (token) => {
	for (const size of [0, 1, 2, 3, 5]) {
		expect(run(`Done.${token}`, size).content).toEqual([text("Done.")]);
		const { content, notes } = run(`${token}One${token} two${token}${token}\n`, size);
		expect(content).toEqual([text("One two\n")]);
		expect(notes).toEqual([{ kind: "control-token", where: "response.text", seen: token, done: "left out" }]);
		expect(run(token, size).content).toEqual([]);
	}
});

test.each([
	["inline code", "ChatML ends a turn with `<|im_end|>` and begins with `<|im_start|>`."],
	["a fence", "```\n<|im_start|>user\nHi<|im_end|>\n```\nThat is the format."],
	["a quotation", 'The token "<|im_end|>" ends it.'],
	["part of a token", "a <|im_en b <｜ c </｜DSML"],
])("%s stays", (_name, content) => {
	for (const size of [0, 1, 4]) expect(run(content, size).content).toEqual([text(content)]);
});

test("without offered tools the markup of calls stays, and the end of a turn is still left out", () => {
	const calls = grammarTable.grammars.flatMap(({ callTokens = [] }) => callTokens).join(" ");
	expect(calls).toContain("<|tool_call_end|>");
	for (const size of [0, 3]) {
		const events = reply([text(`${calls}<|im_end|>`)], "end_turn", size);
		expect(runRepairs([controlTokens], events, { ...sampleRequest, tools: [] }).content).toEqual([text(calls)]);
	}
});

describe("history", () => {
	const target = targetOf(testProfile("http://127.0.0.1:9"), "test-model");
	const clean = (messages: MessageRequest["messages"]) => {
		const notes: string[] = [];
		const context = {
			target,
			mintId: (prefix: string) => prefix,
			note: ({ where }: { where: string }) => notes.push(where),
		};
		return { messages: leakedHistory.apply({ ...sampleRequest, messages }, context).messages, notes };
	};
	const leak = '<tool_call>{"name":"Bash","arguments":{"command":"ls"}}</tool_call>';

	test("a leaked call and a control token are taken out of what the model said, and nothing else is touched", () => {
		const result = {
			role: "user" as const,
			content: [{ type: "tool_result" as const, tool_use_id: "t", content: leak }],
		};
		const { messages, notes } = clean([
			{ role: "user", content: leak },
			{ role: "assistant", content: [text(`I look.${leak}`), call("Bash", {}, "t")] },
			result,
			{ role: "assistant", content: "Done.<|im_end|>" },
			{ role: "assistant", content: leak },
			{ role: "assistant", content: `Like \`${leak}\`.` },
		]);
		expect(messages).toEqual([
			{ role: "user", content: leak },
			{ role: "assistant", content: [text("I look."), call("Bash", {}, "t")] },
			result,
			{ role: "assistant", content: [text("Done.")] },
			{ role: "assistant", content: [text("(A tool call was written as text here. It was not run.)")] },
			{ role: "assistant", content: `Like \`${leak}\`.` },
		]);
		expect(notes).toEqual(["request.messages[1]", "request.messages[3]", "request.messages[4]"]);
	});

	test("a block that was only a leak goes when the turn has more", () => {
		const { messages } = clean([{ role: "assistant", content: [text(leak), call("Bash", {}, "t")] }]);
		expect(messages).toEqual([{ role: "assistant", content: [call("Bash", {}, "t")] }]);
	});

	test("a turn is sent the same in every later request", () => {
		const turn = { role: "assistant" as const, content: `a${leak}b` };
		const first = clean([turn]).messages[0];
		expect(clean([turn, { role: "user", content: "more" }, turn]).messages[0]).toEqual(first);
	});

	test("a clean history is the same object", () => {
		const request: MessageRequest = { ...sampleRequest, messages: [{ role: "assistant", content: "x < y" }] };
		const context = { target, mintId: (prefix: string) => prefix, note: () => {} };
		expect(leakedHistory.apply(request, context)).toBe(request);
	});
});

// Written out, because the tests above take the tokens from the table itself.
test.each([
	["hermes", ["<|endoftext|>", "<|im_end|>", "<|im_start|>assistant", "<|im_start|>"]],
	[
		"kimi",
		[
			"<|tool_calls_section_begin|>",
			"<|tool_calls_section_end|>",
			"<|tool_call_end|>",
			"<|im_system|>",
			"<|im_middle|>",
		],
	],
	["kimi-k3", ["<|open|>response<|sep|>", "<|close|>response<|sep|>", "<|close|>message<|sep|>"]],
	[
		"deepseek",
		[
			"<｜begin▁of▁sentence｜>",
			"<｜end▁of▁sentence｜>",
			"<｜User｜>",
			"<｜Assistant｜>",
			"<｜tool▁sep｜>",
			"<｜tool▁calls▁begin｜>",
			"<｜tool▁calls▁end｜>",
			"<｜tool▁call▁begin｜>",
			"<｜tool▁call▁end｜>",
			"<｜tool▁outputs▁begin｜>",
			"<｜tool▁outputs▁end｜>",
			"<｜tool▁output▁begin｜>",
			"<｜tool▁output▁end｜>",
			"<|EOT|>",
		],
	],
	[
		"invoke",
		[
			...["｜DSML｜", "|DSML|", "｜｜DSML｜｜", "||DSML||", "‖DSML‖", "｜GCML｜"].flatMap((mark) => [
				...[`</${mark}parameter>`, `</${mark}invoke>`, `</${mark}function_calls>`, `</${mark}tool_calls>`],
				...[`</${mark}calls>`, `</${mark} parameter>`, `</${mark} invoke>`, `</${mark} function_calls>`],
				...[`</${mark} tool_calls>`, `</${mark} calls>`],
			]),
			...["[e~[", "</minimax:tool_call>"],
		],
	],
	["grok", ["<has_function_call>", "</has_function_call>"]],
	["llama", ["<|eot_id|>", "<|eom_id|>", "<|python_tag|>", "<|begin_of_text|>", "<|end_of_text|>"]],
	[
		"harmony",
		[
			"<|start|>assistant",
			"<|channel|>final<|message|>",
			"<|channel|>commentary<|message|>",
			"<|end|>",
			"<|return|>",
			"<|call|>",
		],
	],
	[
		"plamo",
		["<|plamo:tag|>", "<|plamo:msg|>", "<|plamo:end_tool_request:plamo|>", "<|plamo:end_tool_requests:plamo|>"],
	],
	["gemma", ["<end_of_turn>", "<start_of_turn>model", "<turn|>"]],
	[
		"tagged",
		[
			...["<|START_RESPONSE|>", "<|END_RESPONSE|>", "<|START_TEXT|>", "<|END_TEXT|>", "<|END_OF_TURN_TOKEN|>"],
			...["<|end_message|>", "<|content_text|>", "<|message_model|>", "<|message_sep|>", "<|assistant_end|>"],
		],
	],
])("the control tokens of %s", (name, tokens) => {
	const grammar = grammarTable.grammars.find((one) => one.name === name);
	const { controlTokens = [], callTokens = [] } = grammar ?? {};
	expect([...controlTokens, ...callTokens].toSorted()).toEqual(tokens.toSorted());
});

test("other families have no control tokens", () => {
	const names = grammarTable.grammars.flatMap(({ name, controlTokens = [], callTokens = [] }) =>
		controlTokens.length + callTokens.length > 0 ? [name] : [],
	);
	const families = ["hermes", "kimi", "kimi-k3", "deepseek", "invoke", "grok", "llama", "harmony", "plamo", "gemma"];
	expect(names).toEqual([...families, "tagged"]);
});
