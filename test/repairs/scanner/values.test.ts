import { describe, expect, test } from "vitest";
import type { Json, JsonSchema } from "../../../src/protocol/messages.ts";
import { JsonEndScanner, parseDamagedJson } from "../../../src/repairs/damaged-json.ts";
import { LiteralSet } from "../../../src/repairs/markup/scanner/literals.ts";
import { findTool } from "../../../src/repairs/markup/scanner/markup-grammar.ts";
import { MarkupInput } from "../../../src/repairs/markup/scanner/markup-input.ts";
import { type Closer, readRawValue, typedValue } from "../../../src/repairs/markup/scanner/parameter-value.ts";
import { PythonReader } from "../../../src/repairs/markup/scanner/python-reader.ts";

describe("the value of a raw text by its schema", () => {
	test.each<[string, JsonSchema | undefined, string, Json]>([
		["a string stays", { type: "string" }, " 5 ", " 5 "],
		["a quoted text for a string keeps its quotes", { type: "string" }, '"a"', '"a"'],
		["a quoted text for a string or null keeps them", { type: ["string", "null"] }, '"a"', '"a"'],
		["a quoted text for a string or a number is JSON", { type: ["string", "number"] }, '"a"', "a"],
		["a quoted text for one of three types is JSON", { type: ["string", "null", "number"] }, '"a"', "a"],
		["null for a string stays", { type: "string" }, "null", "null"],
		["a string or null", { type: ["string", "null"] }, "5", "5"],
		["null for a string or null", { type: ["string", "null"] }, "null", null],
		["None for a string or null", { type: ["string", "null"] }, " None ", null],
		["a string or a number", { type: ["string", "number"] }, "5", 5],
		["a word for a string or a number", { type: ["string", "number"] }, " x ", " x "],
		["null for a string or a number", { type: ["string", "number"] }, "null", "null"],
		["null for a number", { type: "number" }, " NULL ", null],
		["a number", { type: "number" }, " 5 ", 5],
		["a word for a number", { type: "number" }, " five ", " five "],
		["true for a number", { type: "number" }, "true", "true"],
		["Python's True", { type: "boolean" }, "True", true],
		["Python's list", { type: "array" }, "['a', \"b'\", None, False, 'c\\'d']", ["a", "b'", null, false, "c'd"]],
		["a list that is no JSON", { type: "array" }, "[a", "[a"],
		["an integer", { type: "integer" }, "5", 5],
		["a fraction for an integer", { type: "integer" }, "5.5", "5.5"],
		["a number without a schema", undefined, "007", "007"],
		["another number without a schema", undefined, "1.0", "1.0"],
		["a quoted text without a schema", undefined, '"a"', '"a"'],
		["an object without a schema", undefined, '{"a":1}', { a: 1 }],
		["a list without a schema", {}, "[1]", [1]],
		["a boolean without a schema", {}, "true", true],
		["null without a schema", undefined, "null", null],
	])("%s", (_name, schema, raw, expected) => {
		expect(typedValue(raw, schema)).toEqual(expected);
	});
});

describe("a raw value up to its closer", () => {
	const CLOSERS: Closer[] = [
		{ text: "</a>", before: ["<b>", "</c>"] },
		{ text: "<b>", isNext: true },
		{ text: "</c>", before: ["<d>"], isNext: true },
	];
	function read(text: string) {
		const input = new MarkupInput(text);
		input.end();
		const step = readRawValue(input, CLOSERS).next();
		return [step.value, input.rest];
	}

	test.each([
		["x</a> <b>", "x", " <b>"],
		["x</a>", "x", ""],
		["x</a> \n", "x", " \n"],
		["x</a>y</a></c>", "x</a>y", "</c>"],
		["x<b>y", "x", "<b>y"],
		["x</c><d>", "x", "</c><d>"],
		["x</c>", "x", "</c>"],
		["x</c>y</a></c>", "x</c>y", "</c>"],
		["x</a>y", "x", "y"],
		["x</a>y</a>z", "x</a>y", "z"],
		["x", undefined, ""],
		["", undefined, ""],
	])("%j", (text, value, rest) => {
		expect(read(text)).toEqual([value, rest]);
	});
});

describe("Python literals", () => {
	test.each<[string, Json | undefined]>([
		["'a'", "a"],
		['"a"', "a"],
		["'''a'b\nc'''", "a'b\nc"],
		['"""a"b"""', 'a"b'],
		["'\\n\\t\\r\\b\\f\\v\\0\\'\\\"\\\\\\d'", "\n\t\r\b\f\v\0'\"\\\\d"],
		["'a\\\nb'", "ab"],
		["'\\x41\\u00e4\\U0001f44d'", "Aä👍"],
		["r'\\n\\x41\\''", "\\n\\x41\\'"],
		["R'\\d'", "\\d"],
		["b'a'", "a"],
		["Rb'\\n'", "\\n"],
		["f'a'", "a"],
		["u'a'", "a"],
		["'a", undefined],
		["'a\\", undefined],
		["5", 5],
		["-1.5e3", -1500],
		["+2", 2],
		["1_000", 1000],
		[".5", 0.5],
		["2E-2", 0.02],
		["True", true],
		["False", false],
		["None", null],
		["true", true],
		["false", false],
		["null", null],
		["word", undefined],
		["[1, 'a' , [] ,]", [1, "a", []]],
		["(1, 2)", [1, 2]],
		["()", []],
		["{'a': 1, \"b\" : {} ,}", { a: 1, b: {} }],
		["{1: 2}", undefined],
		["{'a' 1}", undefined],
		["{'a': x}", undefined],
		["{'a': 1 'b': 2}", undefined],
		["{'a': 1", undefined],
		["[1 2]", undefined],
		["[x]", undefined],
		["[1", undefined],
		["(1]", undefined],
		[" # a comment\n 5", 5],
	])("%s", (text, expected) => {
		expect(new PythonReader(text).value()).toEqual(expected);
	});

	test("names, signs and the end", () => {
		const reader = new PythonReader(" a.b-c_1 ( # end\n ");
		expect(reader.comes("a.b")).toBe(true);
		expect(reader.take("(")).toBe(false);
		expect(reader.name()).toBe("a.b-c_1");
		expect(reader.name()).toBe("");
		expect(reader.isAtEnd).toBe(false);
		expect(reader.take("(")).toBe(true);
		expect(reader.isAtEnd).toBe(true);
	});
});

describe("damaged JSON", () => {
	test.each<[string, Json | undefined]>([
		[' {"a":1} ', { a: 1 }],
		["{'a':1,}", { a: 1 }],
		["[1,2,]", [1, 2]],
		['{"a":1}}]\n}', { a: 1 }],
		["{'a':1}{'a':1}", undefined],
		['{"a":1,} {"a":1,}', { a: 1 }],
		['{"a":1}{"a":2}', undefined],
		['{"a":1} x', undefined],
		['{"a":1', undefined],
		["word", undefined],
		["'a'", undefined],
		['"a"', "a"],
		["5", 5],
		["", undefined],
	])("%s", (text, expected) => {
		if (text === "{'a':1}{'a':1}") return expect(parseDamagedJson(text)).toEqual({ a: 1 });
		expect(parseDamagedJson(text)).toEqual(expected);
	});

	test("the end of a value, in pieces", () => {
		const scan = new JsonEndScanner();
		expect(scan.push('{"a\\')).toBe(4);
		expect([scan.isInString, scan.openBrackets, scan.isComplete]).toEqual([true, "}", false]);
		expect(scan.push('"<}":[')).toBe(6);
		expect([scan.isInString, scan.openBrackets, scan.isBroken]).toEqual([false, "]}", false]);
		expect(scan.push("]} x")).toBe(2);
		expect([scan.isComplete, scan.openBrackets, scan.isBroken]).toEqual([true, "", false]);
		const broken = new JsonEndScanner();
		expect(broken.push("{ <")).toBe(2);
		expect(broken.isBroken).toBe(true);
		const closed = new JsonEndScanner();
		expect(closed.push("]x")).toBe(1);
		expect(closed.isComplete).toBe(true);
	});
});

describe("a set of literals", () => {
	const set = new LiteralSet(["<a>", "<ab>", "x+", "b"]);

	test("finds the first, and the longest of those that begin together", () => {
		expect(set.pattern.exec("-<ab>x+")?.[0]).toBe("<ab>");
		expect(new LiteralSet(["a", "abc", "ab"]).pattern.exec("zabcd")?.[0]).toBe("abc");
		expect(set.pattern.exec("xx")).toBeNull();
		expect(new LiteralSet([]).pattern.exec("any")).toBeNull();
		expect(new LiteralSet([".*?^$|(){}[]\\"]).pattern.exec("-.*?^$|(){}[]\\-")?.index).toBe(1);
	});

	test.each([
		["-<", 1],
		["-<ab", 3],
		["<ab>", 0],
		["<abx", 1],
		["x", 1],
		["xx", 1],
		["b", 0],
		["", 0],
		["<a<a", 2],
	])("of %j a suffix of %i characters may become one", (text, length) => {
		expect(set.partialLength(text)).toBe(length);
		expect(new LiteralSet([]).partialLength(text)).toBe(0);
	});

	test("a text without the first character of any holds none", () => {
		expect(set.mayBeginIn("a>c+")).toBe(false);
		for (const text of ["a<", "-x", "ab"]) expect(set.mayBeginIn(text)).toBe(true);
	});
});

test.each([
	["Read", "Read"],
	[" Read ", "Read"],
	["functions.Read", "Read"],
	["function.Read", "Read"],
	["tool.Read", "Read"],
	["tools.Read", "Read"],
	["default_api.Read", "Read"],
	["a/b/Read", "Read"],
	["functions.Read:12", "Read"],
	["READ", "Read"],
	["x:1", "x:1"],
	["two", undefined],
	["Two", "Two"],
	["other.Read", undefined],
	["Read:x", undefined],
	["", undefined],
	["functions.", undefined],
])("the tool %j is %s", (name, expected) => {
	const names = ["Read", "Two", "TWO", "x:1", ""];
	const tools = new Map(names.map((name) => [name, { name, input_schema: {} }]));
	tools.delete("");
	expect(findTool(name, tools)?.name).toBe(expected);
});
