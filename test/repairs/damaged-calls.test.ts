import { describe, expect, test } from "vitest";
import type { MessageEvent } from "../../src/protocol/events.ts";
import type { StopReason } from "../../src/protocol/messages.ts";
import { toolInput } from "../../src/repairs/response/tool-input.ts";
import { call, reply, text } from "../support/event-lines.ts";
import { runRepairs } from "../support/run-repair.ts";

/** A reply with these calls, each with its input as text. */
function replyWith(calls: readonly (readonly [name: string, json: string])[], stop: StopReason = "tool_use") {
	const blocks = calls.map(([name], index) => call(name, {}, `toolu_${index}`));
	return reply([text("Look."), ...blocks], stop).flatMap((event): MessageEvent[] => {
		if (event.type !== "content_block_start" || event.index === 0) return [event];
		const partial_json = calls[event.index - 1]?.[1] ?? "";
		const delta = { type: "input_json_delta", partial_json } as const;
		return [event, { type: "content_block_delta", index: event.index, delta }];
	});
}

function inputs(calls: readonly (readonly [name: string, json: string])[], stop?: StopReason) {
	const { content, notes } = runRepairs([toolInput], replyWith(calls, stop));
	const found = content.flatMap((block) => (block.type === "tool_use" ? [block.input] : []));
	return { inputs: found, done: notes.map(({ done }) => done) };
}

const unparsed = (raw: string) => ({ __unparsedToolInput: { raw, len: raw.length } });

test.each([
	["a fence", '```json\n{"command":"ls"}\n```'],
	["a fence without a language", '```\n{"command":"ls"}```'],
	["a fence around damaged JSON", '```json\n{"command":"ls",}\n```'],
	["an empty object first", '{}{"command":"ls"}'],
	["several empty objects first", '{} { }\n{"command":"ls"}'],
	["an empty object after it", '{"command":"ls"}{}'],
	["the same object twice", '{"command":"ls"}{"command":"ls"}'],
	["a closing brace too many", '{"command":"ls"}}'],
	["a closing tag after it", '{"command":"ls"}\n</tool_call>'],
	["a token of a chat template after it", '{"command":"ls"}<|im_end|>'],
	["another vendor's token after it", '{"command":"ls"}<｜tool▁call▁end｜>'],
])("%s", (_name, json) => {
	const { inputs: found, done } = inputs([["Bash", json]]);
	expect(found).toEqual([{ command: "ls" }]);
	expect(done).toEqual(["JSON repaired"]);
});

test.each(["null", '"null"', '""', '"{}"', '"[]"', " ", "[]"])(
	"no arguments as %j for a tool that needs none",
	(json) => {
		expect(inputs([["mcp__db__query", json]])).toEqual({ inputs: [{}], done: ["no arguments"] });
	},
);

test.each<[string, string]>([
	["grep -E '\\d+\\.\\s' \\$x", "grep -E '\\d+\\.\\s' \\$x"],
	["C:\\Users\\x", "C:\\Users\\x"],
	["a \\\\d \\n \\u00e9 \\u12", "a \\d \n é \\u12"],
])("backslashes that escape nothing mean themselves: %s", (written, command) => {
	expect(inputs([["Bash", `{"command":"${written}"}`]]).inputs).toEqual([{ command }]);
});

test("a call that is written into its own input", () => {
	const json = '{"name":"Bash","arguments":{"command":"ls"}}';
	expect(inputs([["Bash", json]])).toEqual({ inputs: [{ command: "ls" }], done: ["arguments unpacked"] });
});

test("two different objects stay as they came: which one is meant is not known", () => {
	const json = '{"command":"ls"}{"command":"pwd"}';
	expect(inputs([["Bash", json]])).toEqual({ inputs: [unparsed(json)], done: ["unchanged: not JSON, or cut off"] });
});

describe("closing brackets that are missing", () => {
	const NESTED = '{"todos":[{"content":"a","status":"open"}';

	test.each<[string, string, string, unknown]>([
		["a brace", "Bash", '{"command":"ls"', { command: "ls" }],
		["a brace after a number", "Read", '{"file_path":"/a","limit":10', { file_path: "/a", limit: 10 }],
		["a bracket and a brace", "TodoWrite", NESTED, { todos: [{ content: "a", status: "open" }] }],
		["a brace, and a number as text", "Read", '{"file_path":"/a","limit":"10"', { file_path: "/a", limit: 10 }],
		["the end of a fence too", "Bash", '```json\n{"command":"ls"\n```', { command: "ls" }],
	])("%s: added when the reply ended by itself", (_name, tool, json, expected) => {
		const { inputs: found, done } = inputs([[tool, json]]);
		expect(found).toEqual([expected]);
		expect(done[0]).toContain("missing closing brackets added");
		expect(inputs([[tool, json]], "end_turn").inputs).toEqual([expected]);
	});

	test.each(["max_tokens", "refusal", "pause_turn"] as const)("never in a reply that ended with %s", (stop) => {
		const found = inputs([["Bash", '{"command":"ls"']], stop);
		expect(found).toEqual({ inputs: [unparsed('{"command":"ls"')], done: ["unchanged: not JSON, or cut off"] });
	});

	test("nor where no end came at all", () => {
		const events = replyWith([["Bash", '{"command":"ls"']]).slice(0, -2);
		expect(runRepairs([toolInput], events).notes).toMatchObject([{ done: "unchanged: not JSON, or cut off" }]);
	});

	test.each<[string, string, string]>([
		["within a text", "Write", '{"file_path":"/a","content":"half'],
		["a required parameter is missing", "Write", '{"file_path":"/a"'],
		["after a comma", "Bash", '{"command":"ls",'],
		["after a key", "Bash", '{"command":"ls","timeout"'],
		["after a colon", "Bash", '{"command":'],
		["an unknown tool", "Launch", '{"target":"moon"'],
	])("not %s", (_name, tool, json) => {
		expect(inputs([[tool, json]]).inputs).toEqual([unparsed(json)]);
	});

	test("several calls keep their order", () => {
		const found = inputs([
			["Bash", '{"command":"ls"'],
			["Read", '{"file_path":"/a"}'],
			["Bash", '{"command":"pwd"'],
			["Read", '{"path":"/b"}'],
		]);
		expect(found.inputs).toEqual([{ command: "ls" }, { file_path: "/a" }, { command: "pwd" }, { file_path: "/b" }]);
		expect(found.done).toHaveLength(3);
	});
});

test("a repair that would take long is not begun, and the record says so", () => {
	const json = `{"file_path":"/a","content":"${'a "x" b'.repeat(57_000)}"}`;
	const before = performance.now();
	const { inputs: found, done } = inputs([["Write", json]]);
	expect(performance.now() - before).toBeLessThan(3000);
	expect(found).toEqual([unparsed(json)]);
	expect(done).toEqual(["unchanged: not JSON, and too long to repair"]);
	const long = `{"file_path":"/a","content":"${"a line of text\n".repeat(27_000)}"}`;
	expect(inputs([["Write", long]]).done).toEqual(["JSON repaired"]);
});
