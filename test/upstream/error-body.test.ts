import { describe, expect, test } from "vitest";
import { readErrorBody } from "../../src/upstream/failures/error-body.ts";

const read = (body: unknown) => readErrorBody(typeof body === "string" ? body : JSON.stringify(body));

test.each([
	"error",
	"errors",
	"response",
	"body",
	"message",
	"detail",
	"details",
	"metadata",
	"raw",
	"base_resp",
	"innererror",
	"violations",
	"fieldViolations",
	"ctx",
])("%s holds a further part of the error: an object, a list, or JSON as text", (name) => {
	const inner = { message: "inner", code: "x" };
	for (const value of [inner, [inner], JSON.stringify(inner), `400 ${JSON.stringify(inner)}`])
		expect(read({ [name]: value }).layers.slice(1)).toEqual([inner]);
});

test("what the request said is no part of the error", () => {
	const { layers, codes } = read({ detail: [{ loc: ["body"], msg: "no", input: { code: "insufficient_quota" } }] });
	expect(layers).toHaveLength(2);
	expect(codes).toBe("");
});

test.each(["message", "status_msg", "error_msg", "error", "detail", "msg", "error_message"])(
	"the message may be in %s",
	(name) => {
		expect(read({ [name]: "It failed.", other: "x" }).message).toBe("It failed.");
		expect(read(`BadRequest - b'{"${name}": "It failed."}'`).message).toBe("It failed.");
	},
);

test.each([
	"code",
	"error_code",
	"status_code",
	"type",
	"status",
	"error_type",
	"reason",
	"quotaId",
	"quota_limit",
	"limit_source",
])("a code may be in %s", (name) => {
	expect(read({ error: { message: "m", [name]: "x_1" } }).codes).toBe("x_1");
	expect(read({ error: { message: "m", [name]: 17 } }).codes).toBe("17");
	expect(read({ error: { message: "m", [name]: "error" } }).codes).toBe("");
	expect(read({ error: { message: "m", [name]: null } }).codes).toBe("");
});

test("codes are listed once, the outermost first", () => {
	expect(read({ type: "error", code: "a", error: { message: "m", type: "b", code: "a", status: "c" } }).codes).toBe(
		"a b c",
	);
});

test.each<[string, unknown, string]>([
	["plain text", "  no luck \n", "no luck"],
	["a JSON text", '"no luck"', "no luck"],
	["JSON in a JSON text", JSON.stringify('{"message":"no luck"}'), "no luck"],
	["an SSE event", 'event: error\ndata: {"error":{"message":"no luck"}}\n\n', "no luck"],
	["an SDK's text", '400 {"error":{"message":"no luck"}} at line 1', "no luck"],
	["spaced JSON in a text", 'failed: {\n "message": "no luck"\n}', "no luck"],
	["a code in a text", 'failed: {"code":7}', 'failed: {"code":7}'],
	["other JSON in a text", 'failed: {"a":7}', 'failed: {"a":7}'],
	["no JSON in a text", 'failed: {"a', 'failed: {"a'],
	[
		"a page with a title",
		"\n<!DOCTYPE html><head><title lang=x> Bad\nGateway </title>",
		'an HTML page titled "Bad Gateway"',
	],
	["a page without a title", "<html><title> </title></html>", "an HTML page"],
	["XML", "<Error>no luck</Error>", "<Error>no luck</Error>"],
	["a list", [{ error: { message: "no luck" } }], "no luck"],
	["MiniMax", { base_resp: { status_code: 1, status_msg: "no luck" } }, "no luck"],
	["a response that failed", { type: "response.failed", response: { error: { message: "no luck" } } }, "no luck"],
	["watsonx", { errors: [{ code: "x", message: "no luck" }, { message: "none" }] }, "no luck; none"],
	[
		"FastAPI",
		{
			detail: [
				{ loc: ["body", "tools", 0], msg: "Extra" },
				{ loc: ["body"], msg: "Missing" },
			],
		},
		"body.tools.0: Extra; body: Missing",
	],
	["an object without a message", { error: { message: { a: 1 } } }, '{"a":1}'],
	["an empty message", { message: "", detail: "no luck" }, "no luck"],
	[
		"an explanation in `param`",
		{ error: { message: "Param Incorrect", param: "top_p is too high" } },
		"Param Incorrect: top_p is too high",
	],
	["a field in `param`", { error: { message: "Param Incorrect", param: "top_p" } }, "Param Incorrect"],
	["nothing at all", { ok: false }, '{"ok":false}'],
	[
		"a router and its host",
		{ error: { message: "Provider returned error", metadata: { raw: "no luck", provider_name: "X" } } },
		"Provider returned error: X: no luck",
	],
	[
		"a router without the host's name",
		{
			error: {
				message: "Provider returned error",
				metadata: { raw: '{"error":{"message":"no luck"}}', provider_name: "" },
			},
		},
		"Provider returned error: no luck",
	],
	[
		"a router with the host's body",
		{ error: { message: "P", metadata: { raw: { status: 400, body: { message: "no luck" } } } } },
		"P: no luck",
	],
	["a router with an empty body", { error: { message: "P", metadata: { raw: "", provider_name: "X" } } }, "P"],
])("the message of %s", (_name, body, message) => {
	expect(read(body).message).toBe(message);
});

test("the id of the request is the outermost that is a text", () => {
	expect(read({ request_id: "", error: { message: "m", request_id: "r1" } }).requestId).toBe("r1");
	expect(read({ request_id: "r0", error: { message: "m", request_id: "r1" } }).requestId).toBe("r0");
	expect(read({ request_id: 5 }).requestId).toBeUndefined();
	expect(read("text").requestId).toBeUndefined();
});

describe("bounds", () => {
	test("a message of 1500 characters is whole, a longer one is cut", () => {
		expect(read("x".repeat(1500)).message).toBe("x".repeat(1500));
		expect(read("x".repeat(1501)).message).toBe(`${"x".repeat(1500)}…`);
		expect(read({ message: "x".repeat(1501) }).message).toBe(`${"x".repeat(1500)}…`);
	});

	test("text of more than 200,000 characters is not searched for JSON", () => {
		const quoted = '{"message":"no luck"}';
		expect(read(`${"x".repeat(200_000 - quoted.length)}${quoted}`).message).toBe("no luck");
		expect(read(`${"x".repeat(200_001 - quoted.length)}${quoted}`).layers).toEqual([]);
		expect(read(`<p>${quoted}</p>`).layers).toEqual([]);
	});

	test("of many objects the first 40 are read", () => {
		expect(read(Array.from({ length: 50 }, (_, code) => ({ code }))).layers).toHaveLength(40);
		expect(read({ details: Array.from({ length: 50 }, (_, code) => ({ code })) }).layers).toHaveLength(40);
		const items = Array.from({ length: 50 }, (_, index) => `m${index}`);
		expect(read({ errors: items }).message.split("; ")).toHaveLength(40);
	});

	test("of objects inside each other those to the depth of eight are read", () => {
		const nested = (depth: number): object => (depth === 0 ? { code: "innermost" } : { error: nested(depth - 1) });
		expect(read(nested(8)).codes).toBe("innermost");
		expect(read(nested(9)).codes).toBe("");
		const message = (depth: number): object => (depth === 0 ? { message: "m" } : { error: message(depth - 1) });
		expect(read(message(8)).message).toBe("m");
		expect(read(message(9)).message).not.toBe("m");
	});
});
