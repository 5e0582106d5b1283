import { describe, expect, test } from "vitest";
import { classifyFailure } from "../../src/upstream/failures/classify.ts";
import { readErrorBody } from "../../src/upstream/failures/error-body.ts";
import { exhaustedFor } from "../../src/upstream/failures/retry-hint.ts";
import { FAILURES } from "../../src/upstream/failures/table.ts";
import { FAILURE_WORDINGS } from "../../src/upstream/failures/wordings.ts";
import { OVERFLOW_EXAMPLES } from "../support/overflow-examples.ts";

const classify = (status: number, body: unknown, headers: Record<string, string> = {}) =>
	classifyFailure({ status, headers, body: typeof body === "string" ? body : JSON.stringify(body) }, NOW);

const NOW = Date.parse("2026-11-25T06:00:00Z");

describe("every wording matches its own example", () => {
	test.each(FAILURE_WORDINGS.map((rule) => [rule.class, rule.provider, rule.example] as const))(
		"%s: %s",
		(failureClass, _provider, example) => {
			const { health, status } = FAILURES[failureClass];
			// In a 400, words alone never tell of an outage.
			expect(classify(health === "unknown" ? 400 : status, example).class).toBe(failureClass);
		},
	);
});

describe("every overflow wording is an overflow, with its numbers", () => {
	test.each(OVERFLOW_EXAMPLES)("%s: %s", (_provider, example) => {
		const failure = classify(400, { error: { message: example } });
		expect(failure.class).toBe("context-overflow");
		const numbers = [...example.matchAll(/\d{4,}/g)].map((match) => Number(match[0]));
		for (const value of [failure.tokens, failure.maximum]) {
			if (value !== undefined) expect(numbers).toContain(value);
		}
	});
});

// Replies that the examples of the table do not show, with status and headers.
describe("errors of providers", () => {
	test.each([
		[
			"Anthropic 429",
			429,
			{ type: "error", error: { type: "rate_limit_error", message: "Number of requests" } },
			"rate-limit",
		],
		[
			"Anthropic's balance, as a 400",
			400,
			{
				type: "error",
				error: {
					type: "invalid_request_error",
					message: "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing.",
				},
			},
			"balance",
		],
		[
			"Zhipu's 1002, MiniMax's rate limit",
			401,
			{ error: { code: "1002", message: "Authorization Token非法" } },
			"auth",
		],
		["401 that names an outage", 401, { error: { message: "Service temporarily unavailable" } }, "auth"],
		["451", 451, { error: { message: "Unavailable For Legal Reasons" } }, "permission"],
		["403 for a region", 403, { error: { message: "Service unavailable in your region" } }, "permission"],
		["403 for a rate", 403, { error: { message: "rate limit exceeded" } }, "rate-limit"],
		["a retired model", 410, { error: { message: "The model `gpt-4-32k` has been deprecated" } }, "model-not-found"],
		[
			"Groq's retired model",
			400,
			{
				error: {
					message: "The model `llama2-70b-4096` has been decommissioned and is no longer supported.",
					type: "invalid_request_error",
					code: "model_decommissioned",
				},
			},
			"model-not-found",
		],
		["Anthropic 529", 529, { type: "error", error: { type: "overloaded_error", message: "Overloaded" } }, "overloaded"],
		[
			"Anthropic 402",
			402,
			{ type: "error", error: { type: "billing_error", message: "would exceed your available credits" } },
			"balance",
		],
		[
			"Anthropic 413",
			413,
			{ type: "error", error: { type: "request_too_large", message: "Request exceeds the maximum size" } },
			"context-overflow",
		],
		[
			"OpenAI tokens",
			429,
			{ error: { type: "tokens", code: "rate_limit_exceeded", message: "Limit 30000" } },
			"rate-limit",
		],
		["DeepSeek 503", 503, { error: { message: "Server Overloaded" } }, "overloaded"],
		["DeepSeek 402", 402, { error: { message: "Insufficient Balance" } }, "balance"],
		[
			"Moonshot tier",
			429,
			{ error: { type: "rate_limit_reached_error", message: "request reached max RPM: 3" } },
			"rate-limit",
		],
		["Moonshot quota 403", 403, { error: { type: "exceeded_current_quota_error", message: "suspended" } }, "quota"],
		["MiniMax 1002 in 200", 200, { base_resp: { status_code: 1002, status_msg: "rate limit" } }, "rate-limit"],
		[
			"MiniMax 1008",
			500,
			{ type: "error", error: { type: "api_error", message: "insufficient balance (1008)" } },
			"balance",
		],
		["MiniMax 2049", 200, { base_resp: { status_code: 2049, status_msg: "invalid api key" } }, "auth"],
		[
			"MiniMax 2013 overflow",
			400,
			{ base_resp: { status_code: 2013, status_msg: "invalid params, context window exceeds limit" } },
			"context-overflow",
		],
		["MiniMax 1039", 200, { base_resp: { status_code: 1039, status_msg: "token limit" } }, "context-overflow"],
		[
			"Zhipu 1302",
			429,
			{ error: { code: "1302", message: "您的账户已达到速率限制，请您控制请求频率" } },
			"concurrency",
		],
		["Zhipu 1303", 429, { error: { code: "1303", message: "过于频繁" } }, "rate-limit"],
		["Zhipu 1305", 429, { error: { code: "1305", message: "该模型当前访问量过大，请您稍后再试" } }, "overloaded"],
		["Zhipu 1113", 429, { error: { code: "1113", message: "您的账户已欠费，请充值后重试" } }, "balance"],
		["Zhipu 1310", 429, { error: { code: "1310", message: "weekly limit" } }, "quota"],
		[
			"Zhipu 1301",
			400,
			{ error: { code: "1301", message: "系统检测到输入或生成内容可能包含不安全或敏感内容" } },
			"content-filter",
		],
		[
			"DashScope throttle",
			429,
			{ code: "Throttling.RateQuota", message: "Requests rate limit exceeded", request_id: "r" },
			"rate-limit",
		],
		[
			"DashScope arrears",
			400,
			{ code: "Arrearage", message: "Access denied, please make sure your account is in good standing." },
			"balance",
		],
		[
			"DashScope free tier",
			403,
			{ code: "AllocationQuota.FreeTierOnly", message: "The free tier of the model has been exhausted" },
			"quota",
		],
		["DashScope timeout", 500, { code: "InternalError.Timeout", message: "timeout" }, "transient"],
		[
			"OpenRouter wrapped 429",
			429,
			{
				error: {
					code: 429,
					message: "Provider returned error",
					metadata: { raw: '{"error":{"message":"rate limited"}}', provider_name: "X" },
				},
			},
			"rate-limit",
		],
		[
			"Gemini array",
			429,
			[{ error: { code: 429, status: "RESOURCE_EXHAUSTED", message: "Quota exceeded" } }],
			"rate-limit",
		],
		[
			"Gemini per day",
			429,
			{
				error: {
					code: 429,
					status: "RESOURCE_EXHAUSTED",
					message: "Quota exceeded",
					details: [{ violations: [{ quotaId: "GenerateRequestsPerDayPerProject" }] }],
				},
			},
			"quota",
		],
		[
			"Gemini 503",
			503,
			{ error: { code: 503, status: "UNAVAILABLE", message: "The model is overloaded." } },
			"overloaded",
		],
		["xAI credits", 403, { error: "Your team has run out of credits" }, "balance"],
		[
			"Groq 429",
			429,
			{
				error: {
					message: "Rate limit reached for model x. Please try again in 7.66s",
					type: "tokens",
					code: "rate_limit_exceeded",
				},
			},
			"rate-limit",
		],
		["Groq flex", 498, { error: { message: "flex tier" } }, "overloaded"],
		["Cerebras empty 413", 413, "", "context-overflow"],
		["Cerebras empty 400", 400, "", "context-overflow"],
		["a limit disguised as 503", 503, { error: { message: "Rate limit exceeded, retry later" } }, "rate-limit"],
		["plain text in a stream", 200, "429 Too Many Requests", "rate-limit"],
		["nginx page", 502, "<html><head><title>502 Bad Gateway</title></head></html>", "transient"],
		["Together spending", 402, { error: { message: "spending limit reached" } }, "balance"],
		[
			"Bedrock throttle is no overflow",
			429,
			{ message: "Throttling error: Too many tokens, please wait" },
			"rate-limit",
		],
		[
			"llama.cpp window",
			400,
			{ error: { code: 400, message: "x", type: "exceed_context_size_error", n_prompt_tokens: 13392, n_ctx: 8192 } },
			"context-overflow",
		],
		["unknown 4xx", 418, { error: { message: "teapot" } }, "bad-request"],
		["unknown 5xx", 599, { error: { message: "?" } }, "transient"],
		["no reply", 0, "ECONNREFUSED: connect", "network"],
	] as const)("%s", (_name, status, body, expected) => {
		expect(classify(status, body).class).toBe(expected);
	});

	test("the message is the provider's own", () => {
		expect(classify(400, { error: { message: "no tool named x" } }).message).toBe("no tool named x");
		expect(classify(502, "<html><head><title>502 Bad Gateway</title></head></html>").message).toBe(
			'an HTML page titled "502 Bad Gateway"',
		);
	});

	test("llama.cpp's numbers are read", () => {
		const body = { error: { message: "x", type: "exceed_context_size_error", n_prompt_tokens: 13392, n_ctx: 8192 } };
		expect(classify(400, body)).toMatchObject({ tokens: 13392, maximum: 8192 });
	});

	test("the highest output limit is read", () => {
		const message = "Invalid max_tokens value, the valid range of max_tokens is [1, 8192]";
		expect(classify(400, { error: { message } })).toMatchObject({ class: "max-tokens", ceiling: 8192 });
	});
});

describe("when a retry makes sense", () => {
	const wait = (headers: Record<string, string>, message = "rate limit", extra: object = {}) =>
		classify(429, { error: { message, ...extra } }, headers).retryAfter;

	test.each([
		["nothing said, nothing invented", {}, "rate limit", undefined],
		["seconds", { "retry-after": "7" }, "", 7],
		["milliseconds win", { "retry-after-ms": "1500", "retry-after": "7" }, "", 1.5],
		["HTTP date", { "retry-after": "Wed, 25 Nov 2026 06:00:30 GMT" }, "", 30],
		["Azure's -1 says nothing", { "retry-after": "-1" }, "", undefined],
		["OpenAI duration", { "x-ratelimit-reset-requests": "6m0s" }, "", 360],
		["OpenAI milliseconds", { "x-ratelimit-reset-requests": "12ms" }, "", 0.012],
		["Groq duration", { "x-ratelimit-reset-requests": "2m59.56s" }, "", 179.56],
		["Cerebras plain seconds", { "x-ratelimit-reset-tokens-minute": "11.38" }, "", 11.38],
		["OpenRouter epoch milliseconds", { "x-ratelimit-reset": String(NOW + 5000) }, "", 5],
		["Anthropic RFC 3339", { "anthropic-ratelimit-requests-reset": "2026-11-25T06:01:00Z" }, "", 60],
		[
			"a limit that is not used up says nothing",
			{ "x-ratelimit-reset-requests": "6m0s", "x-ratelimit-remaining-requests": "5" },
			"",
			undefined,
		],
		["Groq text", {}, "Please try again in 7.66s", 7.66],
		["Gemini text", {}, "Please retry in 39.2s.", 39.2],
		["words", {}, "rate limit, try again in 2 minutes", 120],
		["Zhipu, Beijing time", {}, "rate limit，您的限额将在 2026-11-25 15:00:00 重置。", 3600],
	] as const)("%s", (_name, headers, message, expected) => {
		const seconds = wait(headers, message || "rate limit");
		if (expected === undefined) expect(seconds).toBeUndefined();
		else expect(seconds).toBeCloseTo(expected, 3);
	});

	test.each([
		["at once, but no storm", { "retry-after": "0" }, "", 0.25],
		["at once in milliseconds", { "retry-after-ms": "0" }, "", 0.25],
		["a fraction in milliseconds", { "retry-after-ms": "40" }, "", 0.04],
		["a zero, and a reset that says more", { "retry-after": "-1", "x-ratelimit-reset-tokens": "1m30s" }, "", 90],
		["another vendor's reset", { "x-ratelimit-reset-requests-day": "33011.4" }, "", 33011.4],
		["the standard header", { "ratelimit-reset": "50" }, "", 50],
		["seconds since 1970", { "x-ratelimit-reset": String(NOW / 1000 + 30) }, "", 30],
		["a date", { "x-ratelimit-reset": "Wed, 25 Nov 2026 06:02:00 GMT" }, "", 120],
		["longer than a month is nonsense", { "retry-after": "99999999" }, "", undefined],
		["try again in 20s", {}, "rate limit, try again in 20s", 20],
		["in hours, minutes and seconds", {}, "Please try again in 1h2m3.5s.", 3723.5],
		["in minutes and seconds with words", {}, "rate limit: wait 1 minute and 30 seconds before", 90],
		["after 86400 seconds", {}, "Please retry after 86400 seconds. Please contact support", 86400],
		["a number before a sentence", {}, "Please try again in 4.77s. Need more tokens?", 4.77],
		["in Chinese", {}, "请求过于频繁，请在 30 秒后重试", 30],
		["no wait in other numbers", {}, "rate limit of 20 requests, see error 429", undefined],
	] as const)("%s", (_name, headers, message, expected) => {
		const seconds = wait(headers, message || "rate limit");
		if (expected === undefined) expect(seconds).toBeUndefined();
		else expect(seconds).toBeCloseTo(expected, 3);
	});

	test("fields and headers inside the body", () => {
		expect(wait({}, "rate limit", { resets_in_seconds: 8899 })).toBe(8899);
		expect(wait({}, "rate limit", { metadata: { headers: { "X-RateLimit-Reset": String(NOW + 5000) } } })).toBe(5);
		expect(
			wait({}, "rate limit", { metadata: { headers: { "X-RateLimit-Remaining": "3", "X-RateLimit-Reset": "9" } } }),
		).toBe(undefined);
		expect(wait({ "retry-after": "7" }, "rate limit", { retry_after: 9 })).toBe(7);
	});

	test.each([
		["a limit that is used up", { "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "20s" }, 20],
		["a limit that is not", { "x-ratelimit-remaining-requests": "1", "x-ratelimit-reset-requests": "20s" }, undefined],
		["a limit without a count", { "x-ratelimit-reset-requests": "20s" }, undefined],
		[
			"one of several",
			{
				"x-ratelimit-remaining-requests": "5",
				"x-ratelimit-reset-requests": "9s",
				"x-ratelimit-remaining-tokens": "0",
				"x-ratelimit-reset-tokens": "3s",
			},
			3,
		],
		["no time of a reset", { "x-ratelimit-remaining-requests": "0" }, undefined],
	])("headers of a good reply: %s", (_name, headers, expected) => {
		expect(exhaustedFor(headers, NOW)).toBe(expected);
	});

	test("Gemini RetryInfo", () => {
		const details = [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "57.238747106s" }];
		expect(wait({}, "Quota exceeded", { status: "RESOURCE_EXHAUSTED", details })).toBeCloseTo(57.2387, 3);
	});
});

// HTTP 200 has been sent when the host behind a router refuses: its own code is in the body.
describe("an error inside a 200 reply has the status that it states", () => {
	test.each([
		[400, "bad-request"],
		[401, "auth"],
		[402, "balance"],
		[403, "permission"],
		[404, "bad-request"],
		[408, "transient"],
		[413, "context-overflow"],
		[422, "bad-request"],
		[429, "rate-limit"],
		[500, "transient"],
		[502, "transient"],
		[503, "overloaded"],
	] as const)("code %i is %s", (code, expected) => {
		const message = "The host says no";
		expect(classify(200, { error: { message, code } }).class).toBe(expected);
		expect(classify(200, { error: { message, code: String(code) } }).class).toBe(expected);
		expect(classify(200, { error: { message, code: "x", status_code: code } }).class).toBe(expected);
		expect(classify(code, { error: { message } }).class).toBe(expected);
		expect(classify(200, { error: { message, code } }).status).toBe(200);
	});

	test.each([
		["invalid_request_error", "bad-request"],
		["authentication_error", "auth"],
		["permission_error", "permission"],
		["rate_limit_error", "rate-limit"],
		["overloaded_error", "overloaded"],
		["api_error", "transient"],
	] as const)("type %s is %s", (type, expected) => {
		expect(classify(200, { type: "error", error: { type, message: "no" } }).class).toBe(expected);
	});

	test("the HTTP status of a reply that is no 200 counts more than a code in it", () => {
		expect(classify(503, { error: { message: "no", code: 400 } }).class).toBe("overloaded");
		expect(classify(400, { error: { message: "no", code: 20015 } }).class).toBe("bad-request");
	});
});

describe("Google's quota", () => {
	const quota = "You exceeded your current quota, please check your plan and billing details.";
	const exhausted = (details: unknown[], message = quota) =>
		classify(429, { error: { code: 429, message, status: "RESOURCE_EXHAUSTED", details } });
	const failure = (quotaId: string, quotaValue = "250000") => ({
		"@type": "type.googleapis.com/google.rpc.QuotaFailure",
		violations: [{ quotaId, quotaValue }],
	});
	const retryIn = (retryDelay: string) => ({ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay });

	test("per minute is a rate limit with its seconds", () => {
		const details = [failure("GenerateContentInputTokensPerModelPerMinute-FreeTier"), retryIn("37s")];
		expect(exhausted(details)).toMatchObject({ class: "rate-limit", retryAfter: 37 });
		expect(exhausted([retryIn("12s")])).toMatchObject({ class: "rate-limit", retryAfter: 12 });
	});

	test("per day is a quota, which RetryInfo's seconds do not reset", () => {
		const details = [failure("GenerateRequestsPerDayPerProjectPerModel-FreeTier"), retryIn("37s")];
		expect(exhausted(details).class).toBe("quota");
		expect(exhausted(details).retryAfter).toBeUndefined();
		const limit = { reason: "RATE_LIMIT_EXCEEDED", metadata: { quota_limit: "Gemini25ProRequestsPerDay" } };
		expect(exhausted([limit], "Quota exceeded").class).toBe("quota");
	});

	test("a limit of zero is no limit that passes", () => {
		expect(exhausted([failure("GenerateRequestsPerMinutePerProject", "0"), retryIn("20s")]).class).toBe("quota");
	});
});

describe("what a limit means for the reply", () => {
	test("a ceiling of the output, and a window that is shared", () => {
		const ceiling = "max_tokens is too large: 32000. This model supports at most 16384 completion tokens";
		expect(classify(400, { error: { message: ceiling } })).toMatchObject({ class: "max-tokens", ceiling: 16384 });
		const shared =
			"max_tokens is too large: 32000. This model's maximum context length is 32768 tokens and your request has 17459 input tokens (32000 > 32768 - 17459).";
		expect(classify(400, { error: { message: shared } })).toMatchObject({
			class: "context-overflow",
			tokens: 17459,
			maximum: 32768,
			output: 32000,
			limit: { kind: "output-too-large", outputLeft: 15309 },
		});
	});

	test("money that pays for less output stays a matter of money", () => {
		const message = "You requested up to 32000 tokens, but can only afford 8203.";
		expect(classify(402, { error: { message, code: 402 } })).toMatchObject({
			class: "balance",
			limit: { kind: "cannot-afford", affordable: 8203 },
		});
	});

	test("a number out of its bounds is refused without its field", () => {
		const failure = classify(400, { error: { message: "temperature must be below 2", param: "temperature" } });
		expect(failure.refusal).toEqual({ paths: [["temperature"]], maximum: 2 });
		expect(failure.parameter).toBeUndefined();
	});

	test("no host for a tool or a choice is no missing model", () => {
		const message = "No endpoints found that support the provided 'tool_choice' value.";
		expect(classify(404, { error: { message, code: 404 } })).toMatchObject({
			class: "unsupported-parameter",
			refusal: { paths: [["tool_choice"]] },
		});
	});
});

describe("where no wording matches, the status decides", () => {
	test.each([
		[0, "network"],
		[200, "transient"],
		[302, "transient"],
		[399, "transient"],
		[400, "bad-request"],
		[401, "auth"],
		[402, "balance"],
		[403, "permission"],
		[404, "bad-request"],
		[408, "transient"],
		[409, "transient"],
		[413, "context-overflow"],
		[425, "transient"],
		[429, "rate-limit"],
		[434, "permission"],
		[435, "permission"],
		[498, "overloaded"],
		[499, "bad-request"],
		[500, "transient"],
		[503, "overloaded"],
		[529, "overloaded"],
	] as const)("%i is %s", (status, expected) => {
		expect(classify(status, { error: { message: "The host says no" } }).class).toBe(expected);
	});

	test.each([
		[400, "", "context-overflow"],
		[413, " \n", "context-overflow"],
		[400, "400 status code (no body)", "context-overflow"],
		[400, "400 status code (no body) again", "bad-request"],
		[422, "", "bad-request"],
		[500, "", "transient"],
	] as const)("%i with the body %j is %s", (status, body, expected) => {
		expect(classify(status, body).class).toBe(expected);
	});

	test("a reply without a body has a message all the same", () => {
		expect(classify(503, "").message).toBe("HTTP 503 without a body");
	});
});

test.each([200, 400, 403, 404, 415, 422, 500, 501])("a %i may refuse a field", (status) => {
	const failure = classify(status, { error: { message: "Unsupported parameter: 'x_y'" } });
	expect(failure.refusal).toEqual({ paths: [["x_y"]] });
	expect(failure).toMatchObject({ class: "unsupported-parameter", parameter: "x_y" });
});

test("a 413 may refuse a part that is too large", () => {
	expect(classify(413, { error: { message: "image exceeds 5 MB" } })).toMatchObject({ refusal: { part: "image" } });
});

test.each([401, 402, 408, 409, 429, 502, 503, 529])("a %i refuses no field", (status) => {
	expect(classify(status, { error: { message: "Unsupported parameter: 'x_y'" } }).refusal).toBeUndefined();
});

test("the refused parameter is that of `param`, where it is a path, or that of the message", () => {
	const parameter = (error: object) => classify(400, { error }).parameter;
	expect(parameter({ message: "no", param: "tools[0].x-y" })).toBe("tools[0].x-y");
	expect(parameter({ message: "Unsupported parameter: `a_b.c`.", param: "is not a path" })).toBe("a_b.c");
	expect(parameter({ message: "Unsupported parameter: a_b", param: 5 })).toBe("a_b");
});

test("the text of a call that the server could not read is kept", () => {
	const error = { message: "Failed to call a function.", code: "tool_use_failed", failed_generation: "<function=x>" };
	expect(classify(400, { error })).toMatchObject({ class: "tool-use-failed", failedGeneration: "<function=x>" });
	expect(classify(400, { error: { message: "no", failed_generation: "x" } }).failedGeneration).toBeUndefined();
});

test("the provider may forbid a retry", () => {
	expect(classify(500, "no", { "x-should-retry": "false" }).final).toBe(true);
	expect(classify(500, "no", { "x-should-retry": "true" }).final).toBeUndefined();
	expect(classify(500, "no").final).toBeUndefined();
});

test("the id of the request is that of the body, of `request-id` or of `x-request-id`", () => {
	const headers = { "request-id": "r2", "x-request-id": "r3" };
	expect(classify(500, { request_id: "r1" }, headers).requestId).toBe("r1");
	expect(classify(500, "no", headers).requestId).toBe("r2");
	expect(classify(500, "no", { "x-request-id": "r3" }).requestId).toBe("r3");
});

test("a class that is known without the body is kept, with the status of the reply", () => {
	const known = (body: string) =>
		classifyFailure({ status: 200, headers: { "retry-after": "3" }, body, class: "truncated" }, NOW);
	expect(known('{"error":{"code":401}}')).toMatchObject({ class: "truncated", status: 200 });
	expect(known("it ended").retryAfter).toBeUndefined();
	const overflow = classifyFailure({ status: 400, headers: {}, body: "x", class: "context-overflow" }, NOW);
	expect(overflow.limit).toEqual({ kind: "prompt-too-long" });
});

test("only classes that may name a wait have one", () => {
	const wait = (status: number) => classify(status, "no", { "retry-after": "3" }).retryAfter;
	for (const status of [429, 500, 503]) expect(wait(status)).toBe(3);
	for (const status of [0, 401, 402, 404, 422]) expect(wait(status)).toBeUndefined();
});

test.each([
	"1 validation error for Request messages.0.x Extra inputs are not permitted [type=extra_forbidden, input_value='my credit balance is too low', input_type=str]",
	"[{'type': 'extra_forbidden', 'loc': ('body', 'x'), 'msg': 'Extra inputs are not permitted', 'input': {'text': 'the weekly usage limit was exceeded, content filter'}}]",
])("words of the conversation that an error repeats are not the provider's: %s", (message) => {
	expect(classify(400, { error: { message } }).class).toBe("unsupported-parameter");
});

test("every wording names the providers that use it", () => {
	for (const { provider } of FAILURE_WORDINGS) expect(provider).toMatch(/^[A-Za-z.]{3}/);
});

test.each(FAILURE_WORDINGS.map(({ provider, pattern, example }) => [provider, pattern, example] as const))(
	"the example of %s has the words of its pattern",
	(_provider, pattern, example) => {
		const { codes, message } = readErrorBody(example);
		expect(`${codes} ${message}`.trim()).toMatch(pattern);
	},
);
