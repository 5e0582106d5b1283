import { expect, test } from "vitest";
import type { Json, JsonSchema } from "../../src/protocol/messages.ts";
import { schemaTypes, violations } from "../../src/repairs/json-schema.ts";

test.each<[string, JsonSchema, string[]]>([
	["one type", { type: "string" }, ["string"]],
	["several types", { type: ["string", "null"] }, ["string", "null"]],
	["branches", { anyOf: [{ type: "string" }], oneOf: [{ type: ["array", "null"] }] }, ["string", "array", "null"]],
	["an enum", { enum: ["a", 1, null, [2]] }, ["string", "number", "null", "array"]],
	["a type and an enum", { type: "string", enum: [1] }, ["string"]],
	["a constant", { const: true }, ["boolean"]],
	["nothing", {}, []],
])("the types of a schema with %s", (_name, schema, types) => {
	expect([...schemaTypes(schema)]).toEqual(types);
});

const PERSON: JsonSchema = {
	type: "object",
	properties: {
		name: { type: "string" },
		size: { enum: ["s", "m"] },
		tags: { type: "array", items: { type: "string" } },
		parent: { $ref: "#/$defs/person" },
		age: { anyOf: [{ type: "integer" }, { type: "null" }] },
	},
	required: ["name"],
	additionalProperties: false,
	$defs: { person: { type: "object", properties: { name: { type: "string" } }, required: ["name"] } },
};

test.each<[string, Json, string[]]>([
	["nothing", { name: "A", size: "s", tags: ["x"], parent: { name: "B", more: 1 }, age: 3 }, []],
	["another type", [], ["input is not of type object"]],
	["a field of another type", { name: 1 }, ["name is not of type string"]],
	["a missing field", {}, ["name is missing"]],
	["an unknown field", { name: "A", foo: 1 }, ["foo is unknown"]],
	["a value outside the enum", { name: "A", size: "l" }, ["size is none of s, m"]],
	["a list item", { name: "A", tags: ["x", 1] }, ["tags[1] is not of type string"]],
	["a field of a referenced schema", { name: "A", parent: { name: 1 } }, ["parent.name is not of type string"]],
	["a missing field of a referenced schema", { name: "A", parent: {} }, ["parent.name is missing"]],
	["a value that fits no branch", { name: "A", age: "old" }, ["age fits none of its forms"]],
	["a fraction for an integer", { name: "A", age: 1.5 }, ["age fits none of its forms"]],
	["several things", { foo: 1 }, ["name is missing", "foo is unknown"]],
])("what a schema does not allow: %s", (_name, value, expected) => {
	expect(violations(value, PERSON, PERSON)).toEqual(expected);
});

test("a value of none of several types is reported with all of them", () => {
	const schema: JsonSchema = { type: ["string", "number"] };
	expect(violations(true, schema, schema)).toEqual(["input is not of type string or number"]);
});
