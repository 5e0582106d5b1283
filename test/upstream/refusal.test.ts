import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { classifyFailure } from "../../src/upstream/failures/classify.ts";
import { readErrorBody } from "../../src/upstream/failures/error-body.ts";
import { isSameField, parseFieldPath } from "../../src/upstream/failures/field-path.ts";
import { type Refusal, readRefusal } from "../../src/upstream/failures/refusal.ts";
import { ONE_FIELD } from "../support/refusal-wordings.ts";

const read = (body: unknown): Refusal | undefined =>
	readRefusal(readErrorBody(typeof body === "string" ? body : JSON.stringify(body)));
const pathsOf = (body: unknown) => read(body)?.paths.map((path) => path.join(".")) ?? [];

/** Forms in which servers name several. */
const SEVERAL: readonly ((names: readonly string[]) => unknown)[] = [
	(names) => names.map((name) => `body.${name}: property 'body.${name}' is unsupported`).join("\n"),
	(names) => `Validation: Unsupported parameter(s): ${names.map((name) => `\`${name}\``).join(", ")}`,
	(names) => `The following fields are not supported: ${names.join(", ")}`,
	(names) => `Unrecognized key(s) in object: ${names.map((name) => `'${name}'`).join(", ")}`,
	(names) => `Additional properties are not allowed (${names.map((name) => `'${name}'`).join(", ")} were unexpected)`,
	(names) => ({
		detail: names.map((name) => ({
			type: "extra_forbidden",
			loc: ["body", name],
			msg: "Extra inputs are not permitted",
		})),
	}),
	(names) => `${names.map((name) => `\`${name}\``).join(" and ")} cannot both be specified for this model.`,
];

const fieldName = fc
	.tuple(fc.stringMatching(/^[a-z]{2,8}$/), fc.stringMatching(/^[a-z0-9]{1,8}$/))
	.map(([one, other]) => `${one}_${other}`);

describe("a refused field is found exactly", () => {
	test("in each form, whatever its name", () => {
		fc.assert(
			fc.property(fieldName, fc.nat(ONE_FIELD.length - 1), (name, form) => {
				expect(pathsOf(ONE_FIELD[form]?.(name))).toEqual([name]);
			}),
			{ numRuns: 600 },
		);
	});

	test("and each of several", () => {
		const names = fc.uniqueArray(fieldName, { minLength: 2, maxLength: 5 });
		fc.assert(
			fc.property(names, fc.nat(SEVERAL.length - 1), (all, form) => {
				expect(pathsOf(SEVERAL[form]?.(all))).toEqual(all);
			}),
			{ numRuns: 300 },
		);
	});

	test("never a name that every object has", () => {
		const names = ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf", "__defineGetter__"];
		for (const name of names) for (const form of ONE_FIELD) expect(pathsOf(form(name))).toEqual([]);
	});

	test("never in plain words, nor in what the request said", () => {
		fc.assert(
			fc.property(fc.array(fc.stringMatching(/^[a-z]{1,9}$/), { maxLength: 12 }), (words) => {
				const body = {
					detail: [
						{ type: "missing", loc: ["body"], msg: "Field required", input: `unknown parameter: '${words[0]}'` },
					],
				};
				expect(pathsOf(body)).toEqual([]);
				expect(pathsOf(`I read ${words.map((word) => `${word}_x`).join(" ")} and stopped`)).toEqual([]);
			}),
		);
	});
});

describe("paths are those of the request body", () => {
	test.each([
		["body.tools", "tools"],
		["#/messages/0/content/0", "messages.0.content.0"],
		["messages.2.assistant.reasoning_content", "messages.2.reasoning_content"],
		["messages.65.content.1.tool_use.text", "messages.65.content.1.text"],
		["messages.1.content.0.text", "messages.1.content.0.text"],
		["messages.1.content.0.thinking.cache_control", "messages.1.content.0.cache_control"],
		["system.1.cache_control.ephemeral.scope", "system.1.cache_control.scope"],
		["tools.3.custom.input_examples", "tools.3.input_examples"],
		["tools.0.web_search_20250305.max_uses", "tools.0.max_uses"],
		["tools[0].function.strict", "tools.0.function.strict"],
		["thinking.enabled.budget_tokens", "thinking.budget_tokens"],
		["thinking.type", "thinking.type"],
		["request.tools[0].function_declarations[10].tools", "tools.0.function_declarations.10.tools"],
	])("%s is %s", (text, path) => {
		expect(parseFieldPath(text)?.join(".")).toBe(path);
	});

	test("a name without a place gets the place that the message names before it", () => {
		expect(
			pathsOf(
				"'messages.1' : for 'role:assistant' the following must be satisfied[('messages.1' : property 'name_x' is unsupported)]",
			),
		).toEqual(["messages.1.name_x"]);
		expect(pathsOf("tools.0.custom: For 'object' type, property 'extras' is not supported")).toEqual([
			"tools.0.extras",
		]);
	});

	test("names are compared without their spelling", () => {
		expect(isSameField("reasoningEffort", "reasoning_effort")).toBe(true);
		expect(isSameField("reasoning", "reasoning_effort")).toBe(false);
	});
});

describe("values that are taken", () => {
	const levels = ["low", "medium", "high"];
	test.each([
		["Supported values are: 'low', 'medium', and 'high'."],
		["must be one of: low, medium, high"],
		['must be one of ["low","medium","high"]'],
		["Allowed values: low, medium, high"],
		["Input should be 'low', 'medium' or 'high'"],
		["does not match any of the expected tags: 'low', 'medium', 'high'"],
		["unknown variant `max`, expected one of `low`, `medium`, `high` at line 1"],
		["'max' is not one of ['low', 'medium', 'high']"],
		["valid options are low, medium and high."],
	])("%s", (words) => {
		expect(
			read(`reasoning_effort: Input tag 'max' ${words}`)?.allowed ??
				read(`Invalid 'reasoning_effort': ${words}`)?.allowed,
		).toEqual(levels);
	});

	test("the enum of a schema and Pydantic's context", () => {
		expect(read({ error: { param: "x_y", enum: levels, message: "no" } })?.allowed).toEqual(levels);
		const detail = [
			{
				type: "literal_error",
				loc: ["body", "x_y"],
				msg: "Input should be",
				ctx: { expected: "'low', 'medium' or 'high'" },
			},
		];
		expect(read({ detail })?.allowed).toEqual(levels);
	});

	test("a value that is refused is no field", () => {
		const message =
			"Unsupported value: 'minimal' is not supported with the 'o4-mini' model. Supported values are: 'low', 'medium', and 'high'.";
		expect(read({ error: { message, param: null } })).toEqual({ paths: [], value: "minimal", allowed: levels });
		expect(pathsOf("model 'gpt-4' is not supported")).toEqual([]);
		expect(pathsOf("tool_choice 'required' is not supported; only 'auto' and 'none' are supported")).toEqual([
			"tool_choice",
		]);
	});

	test("bounds of a number", () => {
		expect(read("temperature: range: 0..1")).toMatchObject({ minimum: 0, maximum: 1 });
		expect(
			read("Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got 8 instead."),
		).toEqual({
			paths: [["max_output_tokens"]],
			minimum: 16,
		});
	});
});

describe("parts of the conversation", () => {
	test.each([
		["image", "vision is not enabled for this organization"],
		["image", "No endpoints found that support image input"],
		["image", "messages[0]: unknown variant `image_url`, expected `text` at line 1 column 391"],
		["image", "At most 0 image(s) may be provided in one prompt."],
		["image", "该模型不支持图片输入"],
		["document", "messages[0]: unknown variant `file`, expected `text` at line 1 column 231"],
		["document", "PDF documents are not supported"],
		["role:developer", "Unexpected message role: developer"],
		["role:developer", "developer is not one of ['system', 'assistant', 'user']"],
		["role:developer", "Invalid value: 'developer'. Supported values are: 'system', 'assistant', 'user', and 'tool'."],
		["role:system", "System message must be at the beginning."],
		["role:system", "System role not supported"],
		["array content", "messages[2].content must be a string"],
		["array content", "messages[0].content: invalid type: sequence, expected a string"],
		["empty content", "messages.0: all messages must have non-empty content"],
		["prefill", "This model does not support assistant message prefill."],
		["role order", "Conversation roles must alternate user/assistant/user/assistant/..."],
		["tool id", "Invalid 'messages[3].tool_calls[0].id': string too long. Expected a string with maximum length 40"],
		["tool name", "Invalid 'tools[3].function.name': string does not match pattern."],
	])("%s: %s", (part, message) => {
		expect(read({ error: { message } })?.part).toBe(part);
	});

	test("one tool by its name", () => {
		expect(read("Invalid schema for function 'mcp__x__y': array schema missing items.")).toEqual({
			paths: [],
			tool: "mcp__x__y",
		});
		expect(pathsOf("tools.13.custom.input_schema: JSON schema is invalid.")).toEqual(["tools.13.input_schema"]);
	});
});

// A refusal of one request says nothing about the endpoint, whatever its words sound like.
describe("a 400 is never an outage, nor a rate limit, by its words alone", () => {
	test.each([
		"This response_format type is unavailable now",
		"<400> InternalError.Algo.InvalidParameter: The tool call is not supported.",
		"Tool calling is temporarily unavailable for this model",
		"Invalid value: timeout must be positive",
		"Invalid schema for function busy_check",
		"Input tag capacity is unknown",
		"too many images in request",
		"Request contains too many stop sequences",
		"tools rate_limit.json is malformed",
		"Too many requests of the kind overloaded, throttled, UNAVAILABLE: bad gateway",
	])("%s", (message) => {
		for (const status of [400, 422, 200]) {
			const failure = classifyFailure({
				status,
				headers: {},
				body: JSON.stringify({ error: { message, type: "invalid_request_error" } }),
			});
			expect(["bad-request", "unsupported-parameter"]).toContain(failure.class);
		}
	});

	test("a code of a rate limit or an outage still is one", () => {
		const of = (error: object) => classifyFailure({ status: 400, headers: {}, body: JSON.stringify({ error }) }).class;
		expect(of({ code: "1302", message: "x" })).toBe("concurrency");
		expect(of({ code: "rate_limit_exceeded", message: "x" })).toBe("rate-limit");
	});
});

describe("messages that mean a field without naming it", () => {
	test.each([
		["tool choice is not available", "tool_choice"],
		["This model does not support a tool choice", "tool_choice"],
		["No endpoints found that support tool use", "tools"],
		["This model does not support function calling", "tools"],
		["tools are currently unavailable", "tools"],
		["Function calling is temporarily not possible", "tools"],
		["too many optional parameters", "strict"],
		["grammar compilation timed out", "strict"],
		["strict tools exceed a limit", "strict"],
		["The prompt must contain the word 'json'", "response_format"],
		["structured outputs are not ready", "response_format"],
		["parallel tool calls are not possible", "parallel_tool_calls"],
		["thinking level high is not there", "thinking_level"],
		["The thinking budget is out of order", "thinking_budget"],
		["The reasoning effort is out of order", "reasoning_effort"],
		["extended thinking is not available", "thinking"],
		["requires adaptive thinking", "thinking"],
		["不支持思考", "thinking"],
		["prompt caching is not there", "cache_control"],
		["This model doesn't support caching", "cache_control"],
		["unexpected value(s) `a-1` for the `anthropic-beta` header", "betas"],
	])("%s", (message, name) => {
		expect(pathsOf(message)).toEqual([name]);
	});
});

describe("values that are accepted", () => {
	test.each(["enum", "allowed_values", "allowedValues", "accepted_values", "supported_values"])("as %s", (name) => {
		expect(read({ error: { param: "x_y", message: "no", [name]: ["a", 5, "b"] } })?.allowed).toEqual(["a", "b"]);
		const many = Array.from({ length: 60 }, (_, index) => `v${index}`);
		expect(read({ error: { param: "x_y", message: "no", [name]: many } })?.allowed).toEqual(many.slice(0, 50));
	});

	test("in the text, at most fifty", () => {
		const many = Array.from({ length: 60 }, (_, index) => `'v${index}'`).join(", ");
		expect(read(`Invalid 'x_y': must be one of ${many}`)?.allowed).toHaveLength(50);
	});

	test.each([
		["Allowed values are documented", undefined],
		["expected a word", undefined],
		["must be 'a'", ["a"]],
		["only 'a' and 'b' are possible", ["a", "b"]],
		["allowed: a | b", ["a", "b"]],
		["unknown field `x`, expected one of `a`, `b`", undefined],
		["not supported: a, b", undefined],
		["must be one of (a, b)", ["a", "b"]],
	])("%s", (words, allowed) => {
		expect(read({ error: { param: "x_y", message: words } })?.allowed).toEqual(allowed);
	});
});

test.each([
	["does not support 'v'", "v"],
	["don't support `v.1`", "v.1"],
	["Invalid value: 'v'", "v"],
	["unsupported variant 'v'", "v"],
	["unknown value 'v'", "v"],
	['x value: "v"', "v"],
	["'v' is not one of ['a', 'b']", "v"],
	["Input tag 'v' found", "v"],
	["does not support 'first', Input tag 'second'", "first"],
	["no value at all", undefined],
])("the value that is refused: %s", (message, value) => {
	expect(read({ error: { param: "x_y", message } })?.value).toBe(value);
});

test.each<[string, { minimum?: number; maximum?: number }]>([
	["range: 0..1", { minimum: 0, maximum: 1 }],
	["range 0 to 2", { minimum: 0, maximum: 2 }],
	["between -2 and 2", { minimum: -2, maximum: 2 }],
	["in [0,1.5]", { minimum: 0, maximum: 1.5 }],
	[">= 16", { minimum: 16 }],
	["≥ 16", { minimum: 16 }],
	["at least 16", { minimum: 16 }],
	["must be greater than 16", { minimum: 16 }],
	["should be above 16", { minimum: 16 }],
	["minimum value of 16", { minimum: 16 }],
	["<= 2", { maximum: 2 }],
	["≤ 2", { maximum: 2 }],
	["at most 2", { maximum: 2 }],
	["must be less than or equal to 2", { maximum: 2 }],
	["should be under 2", { maximum: 2 }],
	["maximum is 2", { maximum: 2 }],
	["at least 1 and at most 2", { minimum: 1, maximum: 2 }],
])("the bounds of a number: %s", (words, bounds) => {
	expect(read({ error: { param: "top_k", message: words } })).toEqual({ paths: [["top_k"]], ...bounds });
});

test("a refusal that names nothing is none", () => {
	expect(read("It failed.")).toBeUndefined();
	expect(read("does not support 'v'")).toBeUndefined();
	expect(read("must be 'a'")).toBeUndefined();
	expect(read("Invalid value: 'v'. Supported values are: 'a'")).toEqual({ paths: [], value: "v", allowed: ["a"] });
	expect(read(`${"x".repeat(3000)} Unsupported parameter: 'x_y'`)).toBeUndefined();
});

describe("paths of refused fields", () => {
	test.each<[string, unknown, string[]]>([
		["of `param`", { param: "top_k" }, ["top_k"]],
		["of `param`, several", { param: "top_k, top_p" }, ["top_k", "top_p"]],
		["not of a sentence in `param`", { param: "top_k is too high" }, []],
		["not of a required field", { param: "model" }, []],
		["of a part of a required field", { param: "messages[0].name" }, ["messages.0.name"]],
		["of a container, where the message names no more", { param: "tools" }, ["tools"]],
		[
			"of a container, refined by the message",
			{ param: "tools", message: "tools.0.strict: Extra inputs are not permitted" },
			["tools.0.strict"],
		],
		[
			"of an exact field, whatever the message says",
			{ param: "top_k", message: "Unknown parameter: 'top_p'" },
			["top_k"],
		],
		["of `loc`", { detail: [{ loc: ["body", "top_k"], msg: "Extra" }] }, ["top_k"]],
		["not of a field that is missing", { detail: [{ loc: ["body", "top_k"], msg: "Field required" }] }, []],
		["not of a field of the type missing", { detail: [{ loc: ["body", "top_k"], type: "missing", msg: "x" }] }, []],
		["of `instancePath`", { instancePath: "/tools/0/name", message: "must be" }, ["tools.0.name"]],
		["of Google's `field`", { field: "tools[0].x", description: "Invalid value" }, ["tools.0.x"]],
		["not of `field` alone", { field: "tools[0].x" }, []],
		["not of the parent of an unknown name", { field: "tools[0]", description: "Unknown name x" }, []],
		["the longest of several that contain each other", { param: "strict, tools[0].strict" }, ["tools.0.strict"]],
		["the longer of a field and its part", { param: "reasoning, reasoning.effort" }, ["reasoning.effort"]],
		["not of an item alone", { param: "stop[0]" }, []],
		["of Python's locations", { message: "[{'loc': ('body', 'safe_prompt'), 'msg': 'x'}]" }, ["safe_prompt"]],
	])("%s", (_name, error, paths) => {
		expect(pathsOf({ error })).toEqual(paths);
	});

	test("at most twenty", () => {
		const names = Array.from({ length: 30 }, (_, index) => `f_${index}`);
		expect(pathsOf({ error: { message: "x", param: names.join(",") } })).toEqual(names.slice(0, 20));
	});

	test.each([
		["{'input': {'a': \"unknown parameter: 'x_y'\", 'b': [1, 2]}, 'msg': 'no'}"],
		["'input': 'it says: unknown parameter: \\'x_y\\', twice', 'msg': 'no'"],
		["input_value={'a': \"unknown parameter: 'x_y'\"}, input_type=dict"],
		["'input': (1, \"unknown parameter: 'x_y'\"), more"],
	])("not of what the request said: %s", (message) => {
		expect(pathsOf({ error: { message } })).toEqual([]);
		expect(pathsOf({ error: { message: `${message}. Unknown parameter: 'z_y'` } })).toEqual(["z_y"]);
	});
});
