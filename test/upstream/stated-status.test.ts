import { describe, expect, test } from "vitest";
import { isAboutRequest, quotaClass, statedStatus } from "../../src/upstream/failures/stated-status.ts";

describe("the status that a gateway quotes in its own 5xx", () => {
	test.each([
		[400, 'Upstream error from Alibaba: <400> InternalError.Algo.InvalidParameter: The "function.arguments" parameter'],
		[400, 'Engine protocol predict request returned 400: {"error":{"code":400}}'],
		[400, "Inference stream closed due to error from openai server: Invalid status code: 400 Bad Request"],
		[429, "bad response status code 429"],
		[502, "the provider's account was refused: status code 401"],
		[502, "400 tokens per second is the limit"],
	])("%i: %s", (status, message) => {
		expect(statedStatus(502, [], message)).toBe(status);
		expect(statedStatus(403, [], message)).toBe(403);
	});
});

describe("the status of an error inside a 200 reply", () => {
	test.each([
		["invalid_request_error", 400],
		["invalid_request", 400],
		["INVALID_ARGUMENT", 400],
		["BadRequestError", 400],
		["authentication_error", 401],
		["UNAUTHENTICATED", 401],
		["billing_error", 402],
		["permission_error", 403],
		["PERMISSION_DENIED", 403],
		["not_found_error", 404],
		["NOT_FOUND", 404],
		["NotFoundError", 404],
		["request_too_large", 413],
		["rate_limit_error", 429],
		["RESOURCE_EXHAUSTED", 429],
		["api_error", 500],
		["server_error", 500],
		["INTERNAL", 500],
		["UNAVAILABLE", 503],
		["overloaded_error", 529],
	])("the type %s states %i, as `type` and as `status`", (type, status) => {
		expect(statedStatus(200, [{ type }], "")).toBe(status);
		expect(statedStatus(200, [{ type: "error" }, { status: type }], "")).toBe(status);
		expect(statedStatus(418, [{ type }], "")).toBe(418);
	});

	test.each(["code", "status_code", "http_code", "status", "error_code"])("the field %s states it", (name) => {
		for (const value of [400, 402, 599]) expect(statedStatus(200, [{}, { [name]: value }], "")).toBe(value);
		expect(statedStatus(200, [{ [name]: "503" }], "")).toBe(503);
		for (const value of [399, 600, 402.5, "x", null]) expect(statedStatus(200, [{ [name]: value }], "")).toBe(200);
	});

	test("a number counts more than a type, the outermost first", () => {
		expect(statedStatus(200, [{ type: "api_error" }, { code: 404 }, { code: 503 }], "")).toBe(404);
		expect(statedStatus(200, [{ type: "api_error" }, { type: "not_found_error" }], "")).toBe(500);
		expect(statedStatus(200, [{ type: "toString" }], "")).toBe(200);
	});

	test.each([
		["429 Too Many Requests", 429],
		['"(503) busy', 503],
		["500", 500],
		["399 things", 200],
		["4291 things", 200],
		["error 429", 200],
	])("the text %s states %i", (message, status) => {
		expect(statedStatus(200, [], message)).toBe(status);
	});
});

test.each([400, 401, 404, 405, 410, 413, 415, 422, 451])("a %i is about the request", (status) => {
	expect(isAboutRequest(status, "")).toBe(true);
	for (const near of [200, 402, 403, 408, 429, 500, 503]) expect(isAboutRequest(near, "")).toBe(false);
});

test.each(["invalid_request_error", "INVALID_ARGUMENT", "BadRequestError"])("%s is about the request", (code) => {
	expect(isAboutRequest(500, `x ${code} y`)).toBe(true);
	expect(isAboutRequest(500, `${code}s`)).toBe(false);
});

describe("Google's RESOURCE_EXHAUSTED", () => {
	const read = (...layers: Record<string, unknown>[]) => quotaClass(layers, "429 RESOURCE_EXHAUSTED");

	test.each<[string, Record<string, unknown>, string | undefined]>([
		["a quota per day", { quotaId: "RequestsPerDayPerProject" }, "quota"],
		["a quota per month", { quotaId: "requests_per_month" }, "quota"],
		["a limit per day", { quota_limit: "TokensPerDay" }, "quota"],
		["a named limit per day", { limit_name: "requests_per_day" }, "quota"],
		["a quota of zero", { quotaId: "PerMinute", quotaValue: "0" }, "quota"],
		["a limit of zero", { quota_limit: "PerMinute", quota_limit_value: 0 }, "quota"],
		["a plan that is used up", { reason: "QUOTA_EXHAUSTED", retryDelay: "3s" }, "quota"],
		["a quota per minute", { quotaId: "RequestsPerMinute", quotaValue: "10" }, "rate-limit"],
		["a quota per second", { quota_limit: "requests_per_second" }, "rate-limit"],
		["a quota per hour", { limit_name: "TokensPerHour" }, "rate-limit"],
		["a delay", { retryDelay: "3s" }, "rate-limit"],
		["another reason", { reason: "RATE_LIMIT_EXCEEDED" }, undefined],
		["nothing more", {}, undefined],
	])("with %s", (_name, layer, expected) => {
		expect(read({ code: 429 }, layer)).toBe(expected);
		expect(quotaClass([layer], "429 UNAVAILABLE")).toBeUndefined();
	});

	test("a day counts more than a minute", () => {
		expect(read({ quotaId: "PerMinute" }, { quotaId: "PerDay" })).toBe("quota");
	});
});
