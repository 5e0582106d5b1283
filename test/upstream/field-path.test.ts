import { expect, test } from "vitest";
import { isFieldName, isSameField, parseFieldPath, parseLocation } from "../../src/upstream/failures/field-path.ts";

test.each(["body", "request", "params", "$", "#", "root", "__root__", "payload", "parameter"])(
	"%s before a field is the whole body",
	(name) => {
		expect(parseFieldPath(`body.${name}.top_k`)).toEqual(["top_k"]);
		expect(parseLocation(["body", name, "top_k"])).toEqual(["top_k"]);
	},
);

test.each([
	["messages", ["user", "assistant", "system", "tool", "developer", "function"]],
	["input", ["user", "assistant", "system", "tool", "developer", "message", "function_call"]],
	[
		"content",
		[
			...["text", "image", "image_url", "document", "thinking", "redacted_thinking", "tool_use", "tool_result"],
			...["server_tool_use", "web_search_tool_result", "search_result", "str"],
		],
	],
	["system", ["text", "str"]],
	["cache_control", ["ephemeral"]],
	["thinking", ["enabled", "disabled", "adaptive"]],
	["tool_choice", ["auto", "any", "tool", "none"]],
	["source", ["base64", "url", "file", "text", "content"]],
])("a validator's tags in %s are no part of the body", (owner, tags) => {
	for (const tag of tags) {
		expect(parseFieldPath(`${owner}.${tag}.x_y`)).toEqual([owner, "x_y"]);
		expect(parseFieldPath(`a.${owner}.3.${tag}.x_y`)).toEqual(["a", owner, "3", "x_y"]);
		expect(parseFieldPath(`${owner}.N.${tag}.x_y`)).toEqual([owner, "N", "x_y"]);
		expect(parseFieldPath(`${owner}.${tag}`)).toEqual([owner, tag]);
	}
	expect(parseFieldPath(`${owner}.other.x_y`)).toEqual([owner, "other", "x_y"]);
});

test.each([
	["tools.0.custom", "tools.0"],
	["tools.custom.x", "tools.x"],
	["custom.x", "custom.x"],
	["text.x", "text.x"],
	["tools.0.web_search_20250305.x", "tools.0.x"],
	["tools.0.web_search_20250305", "tools.0.web_search_20250305"],
	["other.0.web_search_20250305.x", "other.0.web_search_20250305.x"],
	["messages.0.ChatCompletionUserMessageParam.x", "messages.0.x"],
	["body", "body"],
	["request.body", "body"],
	["a.UserTextBlock.x", "a.x"],
	["a.b.c.UserTextBlock.x", "a.b.c.x"],
	["a.b.c.d.UserTextBlock.x", "a.b.c.d.UserTextBlock.x"],
	["UserTextBlock.x", "UserTextBlock.x"],
	["#/tools/1/name", "tools.1.name"],
	["$.tools[0]", "tools.0"],
	["'tools'.\"x\"", "tools.x"],
	["toString.constructor.x", undefined],
	["a b", undefined],
	["", undefined],
	["...", undefined],
])("%s is %s", (text, path) => {
	expect(parseFieldPath(text)?.join(".")).toBe(path);
});

test("a path has at most 300 characters, a name in it 64", () => {
	const path = `${"abcdefghi.".repeat(29)}abcdefghij`;
	expect(path).toHaveLength(300);
	expect(parseFieldPath(path)).toHaveLength(30);
	expect(parseFieldPath(`${path}k`)).toBeUndefined();
	expect(isFieldName("x".repeat(64))).toBe(true);
	expect(isFieldName("x".repeat(65))).toBe(false);
});

test("a name in a location is a word, a number, or several with dots", () => {
	expect(parseLocation(["body", "tools", 0, "a.b", "not a name", null])).toEqual(["tools", "0", "a", "b"]);
	expect(parseLocation([])).toBeUndefined();
});

test.each([
	["a_b-c", true],
	["123456", true],
	["1234567", false],
	["1a", false],
	["valueOf", false],
	["", false],
])("whether %j is the name of a field: %s", (name, expected) => {
	expect(isFieldName(name)).toBe(expected);
});

test("the spelling of a name does not count", () => {
	expect(isSameField("Top_K", "top-k")).toBe(true);
	expect(isSameField("top_k", "top_p")).toBe(false);
});
