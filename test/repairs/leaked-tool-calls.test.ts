import { describe, expect, test } from "vitest";
import type { MessageEvent } from "../../src/protocol/events.ts";
import type { ContentBlock } from "../../src/protocol/messages.ts";
import { leakedToolCalls } from "../../src/repairs/response/leaked-tool-calls.ts";
import { call, reply, text, thinking } from "../support/event-lines.ts";
import { runRepairs, sampleRequest } from "../support/run-repair.ts";

const run = (events: MessageEvent[]) => runRepairs([leakedToolCalls], events);
const LS = '<tool_call>{"name":"Bash","arguments":{"command":"ls"}}</tool_call>';

describe("a clean reply leaves with the very events it came with", () => {
	test.each([
		["text", [text("All is well.\n\n```js\nif (a < b) {}\n```\n")]],
		["text and a call", [text("Look:"), call("Bash", { command: "ls" })]],
		["thinking, text", [thinking("hm <b> & <tool"), text("x < y <tool")]],
		["an empty text block", [text("")]],
		["white space alone", [text("\n \n")]],
		["white space first", [text("\n\n"), text(" a")]],
		["the beginning of an opener at the end", [text("a <tool_cal")]],
		["examples", [text(`Like \`${LS}\`, or\n\`\`\`\n${LS}\n\`\`\`\nand <tool_call> alone.`)]],
	])("%s", (_name, content: ContentBlock[]) => {
		for (const size of [0, 1, 3, 10]) {
			const events = reply(content, "end_turn", size);
			const out = run(events).events;
			expect(out.length).toBe(events.length);
			expect(out.every((event, index) => event === events[index])).toBe(true);
		}
	});
});

test("nothing is looked for when no tool is offered", () => {
	const events = reply([text(LS)]);
	expect(runRepairs([leakedToolCalls], events, { ...sampleRequest, tools: [] }).events).toEqual(events);
});

describe("a call that also came in its proper form is only left out of the text", () => {
	test.each([
		["before it", [text(`Go.${LS}`), call("Bash", { command: "ls" })], [text("Go."), call("Bash", { command: "ls" })]],
		["as the only text", [text(LS), call("Bash", { command: "ls" })], [call("Bash", { command: "ls" })]],
		["behind it", [call("Bash", { command: "ls" }), text(LS)], [call("Bash", { command: "ls" })]],
	])("%s", (_name, content, expected) => {
		const { content: blocks, notes } = run(reply(content, "tool_use", 4));
		expect(blocks).toEqual(expected);
		expect(notes[0]?.done).toContain("left out");
	});

	test("another call of the same tool is a call of its own", () => {
		const other = call("Bash", { command: "pwd" });
		expect(run(reply([text(LS), other], "tool_use")).content).toEqual([
			other,
			call("Bash", { command: "ls" }, "toolu_1"),
		]);
	});
});

test("reasoning is read only when the turn has nothing else", () => {
	expect(run(reply([thinking(LS)])).content).toEqual([thinking(LS), call("Bash", { command: "ls" }, "toolu_1")]);
	expect(run(reply([thinking(LS), text("Hi")])).content).toEqual([thinking(LS), text("Hi")]);
	const pwd = call("Bash", { command: "pwd" });
	expect(run(reply([thinking(LS), pwd], "tool_use")).content).toEqual([thinking(LS), pwd]);
});

test("a call in each of two text blocks, and text between", () => {
	const { content } = run(reply([text(`a ${LS}`), text(`${LS} b`), text(LS)]));
	expect(content.map((block) => block.type)).toEqual(["text", "text", "tool_use", "tool_use", "tool_use"]);
	expect(content.slice(0, 2)).toEqual([text("a "), text(" b")]);
});

test("the stop reason: a limit or a refusal stays what it is", () => {
	expect(run(reply([text(LS)], "end_turn")).stop).toBe("tool_use");
	expect(run(reply([text(LS)], "stop_sequence")).stop).toBe("tool_use");
	expect(run(reply([text(LS)], "max_tokens")).stop).toBe("max_tokens");
	expect(run(reply([text(LS)], "refusal")).stop).toBe("refusal");
});

describe("work does not grow with the text so far", () => {
	/** Steps of the reader, not time: how often text is searched again would show in a run of minutes. */
	test.each([
		["a long value", `<function=Write><parameter=content>${"line of text\n".repeat(80_000)}</parameter></function>`, 1],
		["a long line", `${"word ".repeat(200_000)}`, 0],
		["many near misses", `${"<tool_call> x ".repeat(40_000)}`, 0],
		["many openers without an end", `${'<tool_call>{"a":'.repeat(40_000)}`, 0],
		["many closers", `<function=Write><parameter=content>${"</parameter> x ".repeat(40_000)}</function>`, 1],
	])(
		"%s, whole and in small pieces",
		(_name, content, calls) => {
			for (const size of [0, 8]) {
				const { content: blocks } = run(reply([text(content)], "end_turn", size));
				expect(blocks.filter((block) => block.type === "tool_use").length).toBe(calls);
				if (calls === 0) expect(blocks).toEqual([text(content)]);
			}
		},
		20_000,
	);
});
