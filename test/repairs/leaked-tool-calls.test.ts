import { describe, expect, test } from "vitest";
import { MessageCollector } from "../../src/anthropic/collect.ts";
import type { MessageEvent } from "../../src/anthropic/events.ts";
import { grammarCheck } from "../../src/anthropic/grammar.ts";
import type { ContentBlock, MessageRequest } from "../../src/anthropic/messages.ts";
import type { Divergence } from "../../src/divergence.ts";
import { targetOf } from "../../src/profile/profile.ts";
import { leakedToolCalls } from "../../src/repairs/response/leaked-tool-calls.ts";
import { runStage } from "../../src/stage.ts";
import { call, reply, text, thinking } from "../support/event-lines.ts";
import { testProfile } from "../support/profile.ts";

const schema = (properties: object, required: string[] = []) => ({ type: "object", properties, required });
const request: MessageRequest = {
	model: "m",
	messages: [{ role: "user", content: "go" }],
	tools: [
		{ name: "Read", input_schema: schema({ file_path: { type: "string" }, limit: { type: "integer" } }) },
		{ name: "Bash", input_schema: schema({ command: { type: "string" }, timeout: { type: "number" } }) },
		{ name: "TodoWrite", input_schema: schema({ todos: { type: "array" } }) },
	],
};

function run(events: MessageEvent[]) {
	const notes: Divergence[] = [];
	let minted = 0;
	const stage = leakedToolCalls.stage({
		request,
		target: targetOf(testProfile("http://127.0.0.1:9"), "test-model"),
		mintId: (prefix) => `${prefix}${++minted}`,
		note: (divergence) => notes.push(divergence),
	});
	const out = runStage(stage, events);
	const check = grammarCheck();
	for (const event of out) expect(check(event)).toBeUndefined();
	const collector = new MessageCollector();
	for (const event of out) collector.push(event);
	return { events: out, content: collector.message?.content, stop: collector.message?.stop_reason, notes };
}

/** The result must be the same for every size of piece. */
function runEverySize(content: ContentBlock[]) {
	const whole = run(reply(content));
	for (let size = 1; size <= 40; size++) {
		const cut = run(reply(content, "end_turn", size));
		expect({ size, content: cut.content, stop: cut.stop }).toEqual({ size, content: whole.content, stop: whole.stop });
	}
	return whole;
}

describe("identity on clean replies", () => {
	test.each([
		["text", [text("All is well.\n\n```js\nif (a < b) {}\n```\n")]],
		["text and a call", [text("Look:"), call("Bash", { command: "ls" })]],
		["thinking, text", [thinking("hm <b> & <tool"), text("x < y <tool")]],
		["an empty text block", [text("")]],
	])("%s", (_name, content: ContentBlock[]) => {
		const events = reply(content, "end_turn", 3);
		expect(run(events).content).toEqual(content);
		expect(run(reply(content)).events).toEqual(reply(content));
	});
});

const leaks: [string, string, [string, object][]][] = [
	[
		"hermes",
		'<tool_call>\n{"name":"Read","arguments":{"file_path":"/a/b.ts"}}\n</tool_call>',
		[["Read", { file_path: "/a/b.ts" }]],
	],
	[
		"hermes, unterminated",
		'<tool_call>\n{"name":"Read","arguments":{"file_path":"/a"}}',
		[["Read", { file_path: "/a" }]],
	],
	[
		"hermes, two",
		'<tool_call>{"name":"Read","arguments":{"file_path":"a"}}</tool_call>\n<tool_call>{"name":"Bash","arguments":{"command":"ls"}}</tool_call>',
		[
			["Read", { file_path: "a" }],
			["Bash", { command: "ls" }],
		],
	],
	[
		"qwen-coder",
		"<tool_call>\n<function=Bash>\n<parameter=command>\nls -la <x> && echo 'a & b'\n</parameter>\n<parameter=timeout>\n5000\n</parameter>\n</function>\n</tool_call>",
		[["Bash", { command: "ls -la <x> && echo 'a & b'", timeout: 5000 }]],
	],
	["qwen-coder, bare", "<function=Bash><parameter=command>ls</parameter></function>", [["Bash", { command: "ls" }]]],
	["qwen-coder, unterminated", "<function=Bash>\n<parameter=command>\nls\n", [["Bash", { command: "ls" }]]],
];

describe("leaked calls become calls, whatever the pieces", () => {
	test.each(leaks)("%s", (_name, markup, calls) => {
		const expected = calls.map(([name, input], index) => call(name, input, `toolu_${index + 1}`));
		expect(runEverySize([text(markup)])).toMatchObject({ content: expected, stop: "tool_use" });
		const { content, notes } = runEverySize([text(`Before. ${markup} After.`)]);
		if (!_name.includes("unterminated")) expect(content).toEqual([text("Before.  After."), ...expected]);
		expect(notes.map(({ kind }) => kind)).toContain("leaked-tool-call");
	});
});

describe("what is no call stays text", () => {
	test.each([
		["in a code fence", '```\n<tool_call>{"name":"Read","arguments":{}}</tool_call>\n```'],
		["in inline code", 'Write `<tool_call>{"name":"Read","arguments":{}}</tool_call>` to call.'],
		["in a block quote", '> <tool_call>{"name":"Read","arguments":{}}</tool_call>'],
		["a tool that is not offered", '<tool_call>{"name":"Launch","arguments":{}}</tool_call> and more'],
		["near miss", "<tool_call> is the tag that Qwen uses"],
		["a generic", "function f<function=x> is odd"],
	])("%s", (_name, content) => {
		expect(runEverySize([text(content)]).content).toEqual([text(content)]);
	});
});

test("a call that also came in its proper form is only stripped", () => {
	const markup = '<tool_call>{"name":"Bash","arguments":{"command":"ls"}}</tool_call>';
	const { content, notes } = run(reply([text(`Go.${markup}`), call("Bash", { command: "ls" })], "tool_use"));
	expect(content).toEqual([text("Go."), call("Bash", { command: "ls" })]);
	expect(notes[0]?.done).toContain("stripped");
});

test("reasoning is read only when the turn has nothing else", () => {
	const markup = '<tool_call>{"name":"Bash","arguments":{"command":"ls"}}</tool_call>';
	expect(run(reply([thinking(markup)])).content).toEqual([
		thinking(markup),
		call("Bash", { command: "ls" }, "toolu_1"),
	]);
	expect(run(reply([thinking(markup), text("Hi")])).content).toEqual([thinking(markup), text("Hi")]);
});
