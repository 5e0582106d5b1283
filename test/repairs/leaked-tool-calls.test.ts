import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { MessageEvent } from "../../src/protocol/events.ts";
import type { ContentBlock, MessageRequest } from "../../src/protocol/messages.ts";
import { responseRepairs } from "../../src/repairs/index.ts";
import { grammarTable } from "../../src/repairs/markup/index.ts";
import { callableTools } from "../../src/repairs/markup/scanner/markup-grammar.ts";
import { TextScanner } from "../../src/repairs/markup/scanner/scan-text.ts";
import { leakedToolCalls } from "../../src/repairs/response/leaked-tool-calls.ts";
import { largeCorpus } from "../support/clean-corpus.ts";
import { call, reply, text, thinking } from "../support/event-lines.ts";
import { runRepairs, sampleRequest } from "../support/run-repair.ts";
import { LEAK_FAMILIES } from "./all-families.ts";

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

test("without offered tools the calls of all families pass all repairs, byte for byte", () => {
	const tokens = grammarTable.grammars.flatMap(({ controlTokens = [] }) => controlTokens);
	const passed = LEAK_FAMILIES.filter(({ write }) => {
		const content = `So:\n\n${write([["Bash", { command: "ls" }]])}\n\nThat is it.`;
		// Some frame a call like any other message, and such frames are left out everywhere.
		if (tokens.some((token) => content.includes(token))) return false;
		const events = reply([text(content)], "end_turn", 5);
		expect(runRepairs(responseRepairs, events, { ...sampleRequest, tools: [] }).content).toEqual([text(content)]);
		return true;
	});
	expect(passed.length).toBeGreaterThan(LEAK_FAMILIES.length - 8);
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

test("every opener, again and again, is read in linear time", () => {
	const openers = grammarTable.grammars.flatMap((grammar) => grammar.openers);
	for (const opener of new Set([
		...openers,
		"<Bash><command>",
		"[Tool call: Bash({",
		"<tools>[Bash(",
		'<tools>[{"a":',
	])) {
		const content = `a ${opener} x`.repeat(800);
		expect(run(reply([text(content)])).content, opener).toEqual([text(content)]);
	}
}, 30_000);

test.each([
	"</function>",
	"</function_calls>",
	"</invoke>",
	"</minimax:tool_call>",
	"</tool_call>",
	"</tool_calls>",
	"<|call|>",
	"<|eom_id|>",
	"<|eot_id|>",
	"<|tool_call_end|>",
	"<|tool_calls_section_end|>",
])("%s after a call goes with it", (closer) => {
	const expected = [text("a  b"), call("Bash", { command: "ls" }, "toolu_1")];
	expect(run(reply([text(`a ${LS}${closer} b`)], "end_turn", 3)).content).toEqual(expected);
	expect(run(reply([text(`a ${LS}\n${closer}${closer} b`)])).content).toEqual(expected);
	expect(run(reply([text(`a ${LS} b${closer}`)])).content[0]).toEqual(text(`a  b${closer}`));
});

test("a call of the same input in its proper form: in any order of the keys, with numbers and booleans as text", () => {
	const leak = (input: object) => text(`<tool_call>${JSON.stringify({ name: "Bash", arguments: input })}</tool_call>`);
	const isSame = (one: object, other: object) =>
		run(reply([leak(one), call("Bash", other)], "tool_use")).content.length === 1;
	expect(isSame({ command: "ls", timeout: 5 }, { timeout: 5, command: "ls" })).toBe(true);
	expect(isSame({ timeout: 5, command: "ls" }, { command: "ls", timeout: "5" })).toBe(true);
	expect(isSame({ run_in_background: "true" }, { run_in_background: true })).toBe(true);
	expect(isSame({ a: { c: 1, b: [1, null] } }, { a: { b: ["1", null], c: 1 } })).toBe(true);
	expect(isSame({ command: "ls" }, { command: "ls", timeout: 5 })).toBe(false);
	expect(isSame({ a: [1, 2] }, { a: [2, 1] })).toBe(false);
	expect(isSame({ a: null }, { a: "null" })).toBe(false);
	expect(isSame({}, {})).toBe(true);
	expect(run(reply([leak({ a: 1 }), call("Read", { a: 1 })], "tool_use")).content).toHaveLength(2);
});

test("a call without arguments has no delta, and the reply with it ends as one with a tool call", () => {
	const { events, stopSequence } = run(reply([text('<tool_call>{"name":"TodoWrite"}</tool_call>')], "stop_sequence"));
	expect(events.map(({ type }) => type)).toEqual([
		...["message_start", "content_block_start", "content_block_stop", "message_delta", "message_stop"],
	]);
	expect(events.at(-2)).toMatchObject({ delta: { stop_reason: "tool_use", stop_sequence: null } });
	expect(stopSequence).toBe(null);
});

test("an unfinished call counts when the reply ended by itself, and is text when it was cut off", () => {
	const unfinished = "a <function=Bash><parameter=command>ls</parameter>";
	for (const stop of ["end_turn", "stop_sequence", "tool_use"] as const)
		expect(run(reply([text(unfinished)], stop)).content[1]).toMatchObject({ name: "Bash", input: { command: "ls" } });
	for (const stop of ["max_tokens", "refusal", "pause_turn"] as const) {
		expect(run(reply([text(unfinished)], stop)).content).toEqual([text(unfinished)]);
	}
	const events = reply([text(unfinished)]).slice(0, -2);
	const error = { type: "error", error: { type: "api_error", message: "no" } } as unknown as MessageEvent;
	const out = run([...events, error]).events.flatMap((event) =>
		event.type === "content_block_delta" && event.delta.type === "text_delta" ? event.delta.text : [],
	);
	expect(out.join("")).toBe(unfinished);
	// A further block shows that the first one was not cut off.
	expect(run(reply([text(unfinished), text("b")], "max_tokens")).content).toHaveLength(3);
});

test("a ping does not end a block that waits for the end of the reply", () => {
	const events = reply([text("<function=Bash><parameter=command>ls")], "max_tokens");
	const ping: MessageEvent = { type: "ping" };
	expect(run([...events.slice(0, -2), ping, ...events.slice(-2)]).content).toEqual([
		text("<function=Bash><parameter=command>ls"),
	]);
});

test("a value that nothing closes is no call: the rest of the text would be written or run", () => {
	const texts = [
		"<function=Bash>\n<parameter=command>\nrm -rf build and then",
		'<invoke name="Write"><parameter name="file_path">/a</parameter><parameter name="content">half a file',
		"<tool_call>Read\n<arg_key>file_path</arg_key>\n<arg_value>/a is how it is written.\n\nNext paragraph.",
	];
	for (const unclosed of texts) expect(run(reply([text(unclosed)])).content).toEqual([text(unclosed)]);
});

test("complete calls count beside one that is incomplete or of another tool, which stays text", () => {
	const ls = '<invoke name="Bash"><parameter name="command">ls</parameter></invoke>';
	for (const other of ['<invoke name="Launch"></invoke>', '<invoke name="Write"><parameter name="file_path">/a']) {
		expect(run(reply([text(`${ls}\n${other}`)])).content).toEqual([
			text(`\n${other}`),
			call("Bash", { command: "ls" }, "toolu_1"),
		]);
	}
});

test("calls in the reasoning that end with it count", () => {
	for (const markup of [
		'[TOOL_CALLS]Bash[ARGS]{"command":"ls"}',
		'<functioncall> {"name":"Bash","arguments":{"command":"ls"}}',
	]) {
		expect(run(reply([thinking(`I look. ${markup}`)])).content[1]).toMatchObject({
			name: "Bash",
			input: { command: "ls" },
		});
		expect(run(reply([thinking(`I look. ${markup}`)], "max_tokens")).content).toHaveLength(1);
	}
});

test("white space around a call is dropped where no text follows", () => {
	expect(run(reply([text(`\n${LS}\n`)])).content).toHaveLength(1);
	expect(run(reply([text(`a\n${LS}\n`)])).content[0]).toEqual(text("a\n"));
	expect(run(reply([text(`a\n${LS}\n`), text("b")])).content.slice(0, 2)).toEqual([text("a\n"), text("b")]);
	expect(run(reply([text(`${LS}\n`), text("")])).content).toHaveLength(1);
	expect(run(reply([text(`\n${LS}\nb`)])).content[0]).toEqual(text("\nb"));
});

test("reasoning is not read where text came first, and its incomplete call never counts", () => {
	expect(run(reply([text("a"), thinking(LS)])).content).toEqual([text("a"), thinking(LS)]);
	expect(run(reply([text(" "), thinking(LS)])).content).toHaveLength(3);
	const half = "<function=Bash><parameter=command>ls";
	expect(run(reply([thinking(half)])).content).toEqual([thinking(half)]);
	expect(run(reply([thinking("a "), thinking(LS)])).content).toHaveLength(3);
});

describe("a text with many long candidates is no longer searched", () => {
	const candidate = (length: number) =>
		`<tool_call>{"name":"Launch","arguments":{"a":"${"x".repeat(length)}"}}</tool_call>\n`;
	const calls = (count: number, length: number) =>
		run(reply([text(`${candidate(length).repeat(count)}${LS}`)])).content.length - 1;

	test("after 32 of more than 2000 characters", () => {
		expect(calls(32, 2000)).toBe(1);
		expect(calls(33, 2000)).toBe(0);
	});

	test("short ones do not count", () => {
		expect(calls(40, 1900)).toBe(1);
	});
});

test("20 MB of the texts of other people's packages hold no call of Claude Code's tools", () => {
	const request: MessageRequest = JSON.parse(readFileSync("test/fixtures/requests/01-first-turn-print.json", "utf8"));
	const tools = callableTools(request);
	expect(tools.has("Bash") && tools.has("Edit") && tools.size > 10).toBe(true);
	const corpus = largeCorpus();
	expect(corpus.reduce((sum, { text }) => sum + text.length, 0)).toBeGreaterThan(20_000_000);
	for (const { name, text: content } of corpus) {
		const scanner = new TextScanner(grammarTable, tools);
		const found = [...scanner.push(content), ...scanner.end(false)].filter((item) => "calls" in item);
		expect({ name, found }).toEqual({ name, found: [] });
	}
}, 60_000);
