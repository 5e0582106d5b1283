import { describe, expect, test } from "vitest";
import { KNOWN_CASES } from "../../src/repairs/tool-input/known-cases.ts";
import { repairInput } from "../../src/repairs/tool-input/repair-input.ts";

const repair = (tool: string, input: object, schema: object) =>
	repairInput(JSON.stringify(input), { name: tool, input_schema: { type: "object", ...schema } });

test.each<[string, string[]]>([
	["file_path", ["path", "file", "filename", "filepath", "absolutepath", "targetfile"]],
	["notebook_path", ["path", "file", "filepath", "notebook"]],
	["path", ["filepath", "dir", "directory", "folder"]],
	["command", ["cmd", "script", "bash", "shellcommand"]],
	["content", ["contents", "text", "filecontent", "filetext", "body"]],
	["old_string", ["oldstr", "oldtext", "search", "original"]],
	["new_string", ["newstr", "newtext", "replace", "replacement"]],
	["pattern", ["query", "regex", "glob", "search"]],
	["prompt", ["task", "instructions", "message"]],
	["url", ["uri", "link", "address"]],
	["query", ["search", "q", "searchquery"]],
	["todos", ["items", "tasks", "list"]],
])("%s is known by other names, which count only where it is missing", (parameter, names) => {
	const schema = { properties: { [parameter]: { type: "string" }, n: { type: "integer" } }, required: [parameter] };
	for (const name of names) {
		const { input, findings } = repair("T", { [name]: "x" }, schema);
		expect(input).toEqual({ [parameter]: "x" });
		expect(findings).toEqual([`${name} renamed to ${parameter}`]);
		expect(repair("T", { [parameter]: "x", [name]: "y" }, schema).input).toBeUndefined();
	}
	expect(repair("T", { other: "x" }, schema).input).toBeUndefined();
});

test.each([
	["Read", "pages", ""],
	["Read", "limit", 0],
	["Bash", "timeout", 0],
	["Grep", "glob", ""],
	["Grep", "type", ""],
	["Grep", "path", ""],
	["Glob", "path", ""],
	["Agent", "model", ""],
])("%s: %s %j is left out, where it is optional", (tool, key, value) => {
	const properties = { [key]: { type: typeof value === "string" ? "string" : "integer" }, a: { type: "string" } };
	const { input, findings } = repair(tool, { a: "x", [key]: value }, { properties });
	expect(input).toEqual({ a: "x" });
	expect(findings).toEqual([`${key}: ${JSON.stringify(value)} left out`]);
	expect(repair(tool, { a: "x", [key]: value }, { properties, required: [key] })).toEqual({ findings: [] });
	expect(repair("Other", { a: "x", [key]: value }, { properties })).toEqual({ findings: [] });
	expect(repair(tool, { a: "x", [key]: typeof value === "string" ? "v" : 7 }, { properties })).toEqual({
		findings: [],
	});
});

test("every known case says why", () => {
	for (const { why } of KNOWN_CASES) expect(why).toMatch(/\w+ \w+/);
	expect(KNOWN_CASES).toHaveLength(8);
});

test.each(["arguments", "parameters", "input", "args", "params"])("an input inside %s is unpacked", (wrapper) => {
	const schema = { properties: { a: { type: "integer" } } };
	expect(repair("T", { [wrapper]: { a: 1 } }, schema)).toEqual({ input: { a: 1 }, findings: [`${wrapper} unpacked`] });
	expect(repair("T", { [wrapper]: '{"a":1}' }, schema)).toEqual({ input: { a: 1 }, findings: [`${wrapper} unpacked`] });
	expect(repair("T", { [wrapper]: { a: 1 }, b: 2 }, schema)).toEqual({ findings: [] });
	expect(repair("T", { [wrapper]: "text" }, schema)).toEqual({ findings: [] });
	const own = { properties: { [wrapper]: { type: "object" } } };
	expect(repair("T", { [wrapper]: { a: 1 } }, own)).toEqual({ findings: [] });
});

const NUMBERS = { properties: { a: { type: "integer" }, b: { type: "string" } }, required: ["a"] };

test.each<[string, string, object]>([
	["nothing", " ", { input: {}, findings: ["no arguments"] }],
	["no JSON", "{x", { findings: ["not JSON, or cut off"], isUnreadable: true }],
	["no object", "12", { findings: ["not a JSON object"] }],
	["a list of two", '[{"a":1},{"a":2}]', { findings: ["not a JSON object"] }],
	["a list of no object", "[1]", { findings: ["not a JSON object"] }],
	["a list of one", '[{"a":1}]', { input: { a: 1 }, findings: ["list of one unpacked"] }],
	["a text", '"{\\"a\\":1}"', { input: { a: 1 }, findings: ["JSON in a string unpacked"] }],
	["a text of another text", '"no"', { findings: ["not a JSON object"] }],
	["damage", "{'a':1}", { input: { a: 1 }, findings: ["JSON repaired"] }],
	[
		"damage, and what does not fit",
		"{'b':'x'}",
		{ findings: ["not JSON, and as repaired not an input of T: a is missing"] },
	],
	[
		"several things, in order",
		"[{'a':'1'}]",
		{ input: { a: 1 }, findings: ["JSON repaired", "list of one unpacked", 'a: "1" to integer'] },
	],
	["an input that is right", '{"a":1}', { findings: [] }],
	["an input that lacks something", '{"b":"x"}', { findings: [] }],
	["an input that lacks something, with a wrong type", '{"b":5}', { input: { b: "5" }, findings: ["b: 5 to string"] }],
])("findings about %s", (_name, json, expected) => {
	expect(repairInput(json, { name: "T", input_schema: { type: "object", ...NUMBERS } })).toEqual(expected);
});

test("without a schema only the form is repaired", () => {
	expect(repairInput("{'a':'1'}", undefined)).toEqual({ input: { a: "1" }, findings: ["JSON repaired"] });
	expect(repairInput('{"a":"1"}', undefined)).toEqual({ findings: [] });
	expect(repairInput('{"input":{"a":1}}', undefined)).toEqual({ input: { a: 1 }, findings: ["input unpacked"] });
});

describe("findings name the place", () => {
	const properties = {
		n: { type: "integer" },
		s: { type: "string" },
		o: { type: "object", properties: { n: { type: "integer" }, foo_bar: { type: "string" } }, required: ["foo_bar"] },
		l: { type: "array", items: { type: "object", properties: { n: { type: ["integer", "null"] } } } },
		e: { type: "string", enum: ["open", "done"] },
		c: { type: "object", properties: { content: { type: "string" } } },
		u: { anyOf: [{ type: "integer" }, { type: "boolean" }] },
		r: { $ref: "#/$defs/number" },
		k: { type: "string" },
	};
	const more = { properties, $defs: { number: { type: "number" } } };

	test.each<[object, object | undefined, string[]]>([
		[{ n: "1" }, { n: 1 }, ['n: "1" to integer']],
		[{ o: { foo_bar: "x", n: "1" } }, { o: { foo_bar: "x", n: 1 } }, ['o.n: "1" to integer']],
		[{ o: { fooBar: "x" } }, { o: { foo_bar: "x" } }, ["o: fooBar renamed to foo_bar"]],
		[{ l: [{ n: 1 }, { n: "2" }] }, { l: [{ n: 1 }, { n: 2 }] }, ['l[1].n: "2" to integer or null']],
		[{ l: [{ n: "none" }] }, { l: [{ n: null }] }, ['l[0].n: "none" to integer or null']],
		[{ l: { n: 1 } }, { l: [{ n: 1 }] }, ['l: {"n":1} to array']],
		[{ l: { n: "x" } }, undefined, []],
		[{ e: " DONE " }, { e: "done" }, ['e: " DONE " to done']],
		[{ e: "closed" }, undefined, []],
		[{ c: { content: [1] } }, { c: { content: "[\n  1\n]" } }, ["c.content: [1] to string"]],
		[{ s: [1] }, undefined, []],
		[{ s: true }, { s: "true" }, ["s: true to string"]],
		[{ s: null }, {}, ["s: null left out"]],
		[{ u: "1" }, { u: 1 }, ['u: "1" to integer']],
		[{ u: "x" }, undefined, []],
		[{ u: true }, undefined, []],
		[{ r: "1.5" }, { r: 1.5 }, ['r: "1.5" to number']],
		[{ r: "1e999" }, undefined, []],
		[{ n: "" }, {}, ['n: "" left out']],
		[{ k: 1, other: 2 }, { k: "1", other: 2 }, ["k: 1 to string"]],
	])("%j", (input, expected, findings) => {
		expect(repair("T", input, more)).toEqual({ ...(expected && { input: expected }), findings });
	});

	test("a value of more than 40 characters is cut", () => {
		const quoted = (length: number) => repair("T", { n: "1".padEnd(length, " ") }, more).findings;
		expect(quoted(38)).toEqual([`n: "1${" ".repeat(37)}" to integer`]);
		expect(quoted(39)).toEqual([`n: "1${" ".repeat(38)}… to integer`]);
	});
});

test("two branches that give different values leave the value as it is", () => {
	const option = (type: string) => ({ type: "object", properties: { a: { type } }, required: ["a"] });
	const given = (...types: string[]) =>
		repair("T", { v: '{"a":"1"}' }, { properties: { v: { anyOf: types.map(option) } } }).input;
	expect(given("integer", "boolean")).toEqual({ v: { a: 1 } });
	expect(given("integer", "string")).toBeUndefined();
	expect(given("integer", "number")).toEqual({ v: { a: 1 } });
});

test("an empty text is left out where the schema allows none", () => {
	const left = (schema: object) => repair("T", { v: "" }, { properties: { v: schema } }).input;
	expect(left({ type: "string", minLength: 1 })).toEqual({});
	expect(left({ type: "string", enum: ["a"] })).toEqual({});
	expect(left({ type: "string", enum: ["a", ""] })).toBeUndefined();
	expect(left({ type: "string", minLength: 0 })).toBeUndefined();
	expect(left({ type: "string" })).toBeUndefined();
	expect(left({})).toBeUndefined();
	expect(repair("T", { v: null }, { properties: { v: {} } }).input).toBeUndefined();
	expect(repair("T", { v: null }, { properties: { v: { type: ["string", "null"] } } }).input).toBeUndefined();
});
