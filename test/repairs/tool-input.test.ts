import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JsonSchema, MessageRequest } from "../../src/protocol/messages.ts";
import { toolInput } from "../../src/repairs/response/tool-input.ts";
import { call, reply } from "../support/event-lines.ts";
import { runRepairs, sampleRequest } from "../support/run-repair.ts";

/** The events of a call whose input is any text at all. */
function rawCall(name: string, json: string, size = 5) {
	const events = reply([call(name, {})], "tool_use");
	const pieces = json.match(new RegExp(`[\\s\\S]{1,${size}}`, "g")) ?? [];
	const deltas = pieces.map(
		(partial_json) =>
			({ type: "content_block_delta", index: 0, delta: { type: "input_json_delta", partial_json } }) as const,
	);
	return [...events.slice(0, 2), ...deltas, ...events.slice(2)];
}

function run(name: string, json: string, request: MessageRequest = sampleRequest) {
	const { events, content, notes } = runRepairs([toolInput], rawCall(name, json), request);
	const [block] = content as { name: string; input: unknown }[];
	return { events, name: block?.name, input: block?.input, notes };
}

const withTool = (
	properties: Record<string, JsonSchema>,
	required: string[] = [],
	more: object = {},
): MessageRequest => ({
	...sampleRequest,
	tools: [{ name: "T", input_schema: { type: "object", properties, required, ...more } }],
});

test.each([
	["right", "Bash", '{"command": "ls",  "timeout": 5e3}'],
	["empty", "TodoWrite", ""],
	["empty object", "Bash", "{}"],
	["a required parameter is missing", "Edit", '{"file_path":"a"}'],
])("%s: the very events it came with", (_name, name, json) => {
	const events = rawCall(name, json);
	const { events: out, notes } = runRepairs([toolInput], events);
	expect(out.every((event, index) => event === events[index])).toBe(true);
	expect(notes).toEqual([]);
});

test("a call of a tool that is not offered passes with the very events it came with, and is recorded", () => {
	const events = rawCall("Launch", '{"x":"1"}');
	const { events: out, notes } = runRepairs([toolInput], events);
	expect(out.every((event, index) => event === events[index])).toBe(true);
	expect(notes).toMatchObject([{ kind: "tool-not-offered", seen: expect.stringMatching(/^Launch, none of the \d+/) }]);
	const withoutTools = runRepairs([toolInput], events, { ...sampleRequest, tools: [] });
	expect(withoutTools.notes).toMatchObject([{ seen: "Launch, none of the 0 offered tools" }]);
});

test.each(["null", " ", "\n", '""', "[]"])("no arguments, written as %j", (json) => {
	expect(
		run("TodoRead", json, { ...sampleRequest, tools: [{ name: "TodoRead", input_schema: { type: "object" } }] }),
	).toMatchObject({
		input: {},
		notes: [{ kind: "tool-input", done: "no arguments" }],
	});
});

test("an empty list is no input of a tool that requires a parameter", () => {
	expect(run("T", "[]", withTool({ a: { type: "string" } }, ["a"])).notes).toMatchObject([
		{ done: "unchanged: not a JSON object" },
	]);
});

test.each(["Bash<|channel|>commentary", "functions.Bash<|constrain|>json"])(
	"the name %s has tokens of the template",
	(name) => {
		expect(run(name, '{"command":"ls"}')).toMatchObject({ name: "Bash", notes: [{ kind: "tool-call-name" }] });
	},
);

describe("JSON that is complete but invalid is repaired", () => {
	test.each([
		["trailing commas", '{"command":"ls","timeout":5,}', { command: "ls", timeout: 5 }],
		["raw line breaks", '{"command":"a\nb\tc"}', { command: "a\nb\tc" }],
		["single quotes", "{'command':'ls'}", { command: "ls" }],
		["bare keys", '{command:"ls"}', { command: "ls" }],
		["Python words", '{"command":"ls","run_in_background":True}', { command: "ls", run_in_background: true }],
		["a bracket too many", '{"command":"ls"}}', { command: "ls" }],
		["sent twice", '{"command":"ls"}{"command":"ls"}', { command: "ls" }],
		["as a text", '"{\\"command\\":\\"ls\\"}"', { command: "ls" }],
		["in a list", '[{"command":"ls"}]', { command: "ls" }],
		["in a field", '{"arguments":{"command":"ls"}}', { command: "ls" }],
		["as a text in a field", '{"parameters":"{\\"command\\":\\"ls\\"}"}', { command: "ls" }],
	])("%s", (_name, json, expected) => {
		const { input, notes } = run("Bash", json);
		expect(input).toEqual(expected);
		expect(notes.map(({ kind }) => kind)).toEqual(["tool-input"]);
	});
});

describe("what cannot be read reaches Claude Code as it is", () => {
	test.each([
		["in a text", '{"file_path":"/a","content":"half of a fi'],
		["behind a text, with a parameter missing", '{"file_path":"/a"'],
		["behind a key", '{"file_path":"/a","content"'],
		["behind a colon", '{"file_path":"/a","content":'],
		["a quote in a text", '{"file_path":"/a","content":"say "hi}'],
		["two different objects", '{"file_path":"/a"}{"file_path":"/b"}'],
		["prose", "I will write the file"],
		["a number", "12"],
	])("%s", (_name, json) => {
		const { events, input, notes } = run("Write", json);
		expect(events).toEqual(rawCall("Write", json));
		expect(input).not.toEqual({});
		expect(notes.map(({ done }) => done)).toEqual([expect.stringContaining("unchanged")]);
	});

	test("no beginning of an input is ever completed, but for the last brace in a reply that ended by itself", () => {
		const whole = JSON.stringify({ file_path: "/a/b", content: 'one\n"two" {three} \\ [4]\n' });
		for (let length = 1; length < whole.length - 1; length++) {
			expect(run("Write", whole.slice(0, length)).events).toEqual(rawCall("Write", whole.slice(0, length)));
		}
		expect(run("Write", whole.slice(0, -1)).input).toEqual(JSON.parse(whole));
	});
});

describe("types by the schema", () => {
	test.each([
		["number", { type: "number" }, "5000", 5000],
		["integer", { type: "integer" }, "7", 7],
		["no integer", { type: "integer" }, "7.5", "7.5"],
		["boolean", { type: "boolean" }, "true", true],
		["Python's boolean", { type: "boolean" }, "False", false],
		["a text stays a text", { type: "string" }, "5000", "5000"],
		["a number as a text", { type: "string" }, 5000, "5000"],
		["a list as a text", { type: "array", items: { type: "string" } }, '["a","b"]', ["a", "b"]],
		["one value for a list", { type: "array", items: { type: "string" } }, "a", ["a"]],
		["one object for a list", { type: "array", items: { type: "object" } }, { a: 1 }, [{ a: 1 }]],
		["a wrong value for a list", { type: "array", items: { type: "object" } }, 5, 5],
		["an object as a text", { type: "object" }, '{"a":1}', { a: 1 }],
		["an object as a damaged text", { type: "object" }, "{'a':1,}", { a: 1 }],
		["a text that is no object", { type: "object" }, "{a", "{a"],
		["items", { type: "array", items: { type: "integer" } }, ["1", 2], [1, 2]],
		["nested", { type: "object", properties: { n: { type: "number" } } }, { n: "1" }, { n: 1 }],
		["one of two types", { type: ["number", "null"] }, "1", 1],
		["a branch that fits", { anyOf: [{ type: "string" }, { type: "number" }] }, "1", "1"],
		["the only branch that can be", { anyOf: [{ type: "number" }, { type: "boolean" }] }, "1", 1],
		["an enum in another case", { type: "string", enum: ["open", "done"] }, "Open", "open"],
		["no value of the enum", { type: "string", enum: ["open", "done"] }, "closed", "closed"],
		["a reference", { $ref: "#/$defs/n" }, "1", 1],
	] as [string, JsonSchema, unknown, unknown][])("%s", (_name, schema, value, expected) => {
		const request = withTool({ v: schema }, ["v"], { $defs: { n: { type: "number" } } });
		expect(run("T", JSON.stringify({ v: value }), request).input).toEqual({ v: expected });
	});

	test.each([
		["null", { type: "string" }, null],
		["empty text for a number", { type: "number" }, ""],
		["empty text for an enum", { enum: ["a", "b"] }, ""],
		["empty text for a pattern", { type: "string", pattern: "^a" }, ""],
		["empty text for a format", { type: "string", format: "uri" }, ""],
	] as [string, JsonSchema, unknown][])("an optional parameter is left out: %s", (_name, schema, value) => {
		const json = JSON.stringify({ v: value, w: "x" });
		expect(run("T", json, withTool({ v: schema, w: { type: "string" } })).input).toEqual({ w: "x" });
		// Required, it stays: only the model can say what it means.
		expect(run("T", json, withTool({ v: schema, w: { type: "string" } }, ["v"])).input).toEqual({ v: value, w: "x" });
	});

	test("an empty text is a value where the schema allows one", () => {
		expect(run("Edit", '{"file_path":"a","old_string":"b","new_string":""}').notes).toEqual([]);
	});
});

test("the record names the value and every type that it could have", () => {
	const { input, notes } = run("T", '{"v":"5"}', withTool({ v: { type: ["number", "null"] } }));
	expect(input).toEqual({ v: 5 });
	expect(JSON.stringify(notes[0])).toContain('v: \\"5\\" to number or null');
});

describe("keys", () => {
	test.each([
		["another case", "Read", { filePath: "a" }, { file_path: "a" }],
		["hyphens", "Read", { "file-path": "a" }, { file_path: "a" }],
		["a common name", "Read", { path: "a" }, { file_path: "a" }],
		["a common name where any key is allowed", "Write", { path: "a", content: "b" }, { file_path: "a", content: "b" }],
		[
			"old and new",
			"Edit",
			{ path: "a", old_str: "b", new_str: "c" },
			{ file_path: "a", old_string: "b", new_string: "c" },
		],
		["the parameter is there already", "Read", { file_path: "a", path: "b" }, { file_path: "a" }],
		["unknown", "Bash", { command: "ls", foo: 1 }, { command: "ls" }],
		[
			"unknown where it is allowed",
			"Write",
			{ file_path: "a", content: "b", foo: 1 },
			{ file_path: "a", content: "b", foo: 1 },
		],
	])("%s", (_name, name, input, expected) => {
		expect(run(name, JSON.stringify(input)).input).toEqual(expected);
	});

	test("a tool without parameters keeps what the model sent", () => {
		const { input, notes } = run("T", '{"foo":1}', withTool({}, [], { additionalProperties: false }));
		expect(input).toEqual({ foo: 1 });
		expect(notes).toEqual([]);
	});

	test("two keys that could mean the same parameter: neither is taken", () => {
		const { input, notes } = run("Read", '{"path":"a","file":"b"}');
		expect(input).toEqual({ path: "a", file: "b" });
		expect(notes).toEqual([]);
	});

	test("a key that could mean two parameters is not renamed", () => {
		const request = withTool({ file_path: { type: "string" }, notebook_path: { type: "string" } }, [
			"file_path",
			"notebook_path",
		]);
		expect(run("T", '{"path":"a"}', request).input).toEqual({ path: "a" });
	});
});

test.each([
	["Read", { file_path: "a", pages: "" }, { file_path: "a" }],
	["Read", { file_path: "a", pages: "1-2" }, { file_path: "a", pages: "1-2" }],
	[
		"Edit",
		{ file_path: "a", old_string: "b", new_string: "c", replace_all: "true" },
		{ file_path: "a", old_string: "b", new_string: "c", replace_all: true },
	],
	["Bash", { command: "ls", timeout: 0 }, { command: "ls" }],
	[
		"Write",
		{ file_path: "a.json", content: { a: [1] } },
		{ file_path: "a.json", content: '{\n  "a": [\n    1\n  ]\n}' },
	],
	["Bash", { command: ["ls"] }, { command: ["ls"] }],
])("known case of %s", (name, input, expected) => {
	expect(run(name, JSON.stringify(input)).input).toEqual(expected);
});

test.each([
	["bash", "Bash"],
	["functions.Bash", "Bash"],
	["default_api.Read", "Read"],
	["Bash:3", "Bash"],
	["todo_write", "TodoWrite"],
	["mcp.db.query", "mcp__db__query"],
	["db__query", "mcp__db__query"],
	["query", "mcp__db__query"],
	["Launch", "Launch"],
])("the tool %s is %s", (name, expected) => {
	const result = run(name, '{"command":"ls"}');
	expect(result.name).toBe(expected);
	expect(result.notes.some(({ kind }) => kind === "tool-call-name")).toBe(name !== expected);
});

test("a name that two tools could have is left alone", () => {
	const tools = ["mcp__a__query", "mcp__b__query"].map((name) => ({ name, input_schema: { type: "object" } }));
	expect(run("query", "{}", { ...sampleRequest, tools }).name).toBe("query");
});

test("whatever a model sends, what leaves is JSON that says the same or the text itself", () => {
	const property = fc.property(fc.json(), fc.constantFrom("Read", "Edit", "Bash", "TodoWrite"), (json, name) => {
		const { events, input } = run(name, json);
		if (input !== null && typeof input === "object" && Object.keys(input).length === 0) {
			// An empty input leaves only where the model sent one, or sent nothing that the tool knows.
			const sent = JSON.parse(json) as unknown;
			expect(typeof sent === "object" || typeof sent === "string").toBe(true);
		}
		expect(events.length).toBeGreaterThan(3);
	});
	fc.assert(property, { numRuns: 200 });
});

test.each([
	["a known empty value of an optional parameter goes", [], {}],
	["a known empty value of a required parameter stays", ["pages"], { pages: "" }],
])("%s", (_name, required, rest) => {
	const properties = { file_path: { type: "string" }, pages: { type: "string" }, limit: { type: "integer" } };
	const request: MessageRequest = {
		...sampleRequest,
		tools: [{ name: "Read", input_schema: { type: "object", properties, required: ["file_path", ...required] } }],
	};
	const { input } = run("Read", '{"file_path":"/a","pages":"","limit":"5"}', request);
	expect(input).toEqual({ file_path: "/a", ...rest, limit: 5 });
});

test("null for a required parameter stays, for an optional one it goes", () => {
	const request = withTool({ a: { type: "integer" }, b: { type: "integer" }, c: { type: "integer" } }, ["a"]);
	expect(run("T", '{"a":null,"b":null,"c":"1"}', request).input).toEqual({ a: null, c: 1 });
});

test("two keys that match one parameter stay as they are", () => {
	const request = withTool({ file_path: { type: "string" }, n: { type: "integer" } }, ["file_path"]);
	expect(run("T", '{"path":"/a","file":"/b","n":"1"}', request).input).toEqual({ path: "/a", file: "/b", n: 1 });
});

test("an unknown key goes only when no required parameter is missing", () => {
	const properties = { a: { type: "integer" }, n: { type: "integer" } };
	const closed = withTool(properties, ["a"], { additionalProperties: false });
	expect(run("T", '{"a":1,"zzz":2,"n":"1"}', closed).input).toEqual({ a: 1, n: 1 });
	expect(run("T", '{"zzz":2,"n":"1"}', closed).input).toEqual({ zzz: 2, n: 1 });
});
