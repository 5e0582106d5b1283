import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseJsonDocument } from "../../src/profile/documents/json-document.ts";
import type { FieldPath } from "../../src/profile/documents/parse-source.ts";
import { parseSource } from "../../src/profile/documents/parse-source.ts";
import { parseYamlDocument } from "../../src/profile/documents/yaml-document.ts";

const FILE = "sample.json";

/** Every path inside a value, and one below each that is not there. */
function pathsOf(value: unknown, path: FieldPath = []): FieldPath[] {
	const inner = typeof value === "object" && value !== null ? Object.entries(value) : [];
	const below = inner.flatMap(([key, item]) => pathsOf(item, [...path, Array.isArray(value) ? Number(key) : key]));
	return [path, [...path, "absent"], ...below];
}

describe("JSON is read as the parser of YAML reads it", () => {
	test("values and lines, however it is laid out", () => {
		const object = fc.dictionary(fc.string({ maxLength: 20 }), fc.jsonValue({ maxDepth: 4 }));
		fc.assert(
			fc.property(
				object,
				fc.constantFrom("", "  ", "\t"),
				fc.constantFrom("", "\uFEFF", "\n\n"),
				(value, indent, head) => {
					const text = head + JSON.stringify(value, undefined, indent);
					const json = parseJsonDocument(text, FILE);
					const yaml = parseYamlDocument(text, FILE);
					expect(json?.value).toEqual(yaml.value);
					for (const path of pathsOf(value)) expect(json?.lineOf(path), path.join(".")).toBe(yaml.lineOf(path));
				},
			),
		);
	});

	test("line ends of Windows, escapes and signs inside strings", () => {
		const text = '{\r\n "a": "{[\\"\\\\,:",\r\n "b.c": [1,\r\n {"d": null}]\r\n}\r\n';
		const json = parseJsonDocument(text, FILE);
		expect(json?.value).toEqual({ a: '{["\\,:', "b.c": [1, { d: null }] });
		expect([["a"], ["b.c"], ["b.c", 0], ["b.c", 1], ["b.c", 1, "d"]].map((path) => json?.lineOf(path))).toEqual([
			2, 3, 3, 4, 4,
		]);
	});
});

describe("what only the parser of YAML takes, or judges", () => {
	test.each([
		["a comment", '{ "a": 1 } # one'],
		["a comma at the end", '{ "a": 1, }'],
		["words without quotes", "{ a: one }"],
		["nothing", ""],
	])("%s is left to it", (_name, text) => expect(parseJsonDocument(text, FILE)).toBeUndefined());

	test("a field that is there twice is an error with its line, not silently the last one", async () => {
		const text = '{\n "a": { "key": 1 },\n "a": 2\n}';
		expect(parseJsonDocument(text, FILE)).toBeUndefined();
		await expect(parseSource(text, FILE)).rejects.toThrow(/sample\.json:3: not valid JSON: Map keys must be unique/);
	});
});
