import { expect, test } from "vitest";
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
	["nothing", " ", { findings: [] }],
	["no JSON", "{x", { findings: ["not JSON, or cut off"] }],
	["no object", "12", { findings: ["not a JSON object"] }],
	["a list of two", '[{"a":1},{"a":2}]', { findings: ["not a JSON object"] }],
	["a list of no object", "[1]", { findings: ["not a JSON object"] }],
	["a list of one", '[{"a":1}]', { input: { a: 1 }, findings: ["list of one unpacked"] }],
	["a text", '"{\\"a\\":1}"', { input: { a: 1 }, findings: ["JSON in a text unpacked"] }],
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
