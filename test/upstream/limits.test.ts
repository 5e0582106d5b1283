import { describe, expect, test } from "vitest";
import { classifyFailure } from "../../src/upstream/failures/classify.ts";
import { readErrorBody } from "../../src/upstream/failures/error-body.ts";
import { type Limit, readLimit } from "../../src/upstream/failures/limits.ts";

const read = (body: string, maxTokens?: number, status = 400): Limit | undefined =>
	readLimit({ ...readErrorBody(body), status, maxTokens });

// Wordings of no server in the table: the numbers are read by what stands around them.
describe("an output limit that is too high, in words that no table knows", () => {
	test.each([
		["#/inferenceConfig/maxTokens: 32000 is not less or equal to 5000", { requested: 32000, ceiling: 5000 }],
		["max_tokens 32000 exceeds limit 4096", { requested: 32000, ceiling: 4096 }],
		["Requests with max_tokens > 4096 must have stream=true", { ceiling: 4096 }],
		["max_tokens must be ≤ 8000", { ceiling: 8000 }],
		["max_tokens: Input should be less than or equal to 4096", { ceiling: 4096 }],
		["max_tokens: must be no greater than 4096", { ceiling: 4096 }],
		["max_tokens should be in [1, 4096]", { ceiling: 4096 }],
		["max_tokens must be between 1 and 8,192", { ceiling: 8192 }],
		["max_tokens limit exceeded: 32000 > 8192", { requested: 32000, ceiling: 8192 }],
		["max_completion_tokens is greater than the model's limit: 8192", { ceiling: 8192 }],
		["max_tokens 最大值为8192", { ceiling: 8192 }],
		["max_tokens 取值范围 [1, 8192]", { ceiling: 8192 }],
		["This model's max output tokens is 8192, but 32000 were requested", { requested: 32000, ceiling: 8192 }],
		["the range is from 1 (inclusive) to 8193 (exclusive) for maxOutputTokens", { ceiling: 8192 }],
		["max_tokens (32000) exceeds the model's context length (8192)", { requested: 32000, window: 8192 }],
	] as const)("%s", (message, numbers) => {
		expect(read(message)).toEqual({ kind: "output-too-large", ...numbers });
	});

	test.each([
		"the sum of input tokens (5000) and max_tokens (32000) exceeds the context length 32768",
		"prompt tokens + max_tokens exceeds context window: 5000 + 32000 > 32768",
		"input length (5000) + max_tokens (32000) exceeds 32768",
		"This model's maximum context length is 32768 tokens, however you requested 37000 tokens (5000 in your prompt; 32000 for the completion).",
		"Input tokens (5,000) plus requested max_tokens (32,000) is larger than the model's context window (32,768).",
	])("%s", (message) => {
		expect(read(message)).toEqual({
			kind: "output-too-large",
			tokens: 5000,
			requested: 32000,
			window: 32768,
			outputLeft: 27768,
		});
	});
});

describe("a prompt that does not fit, in words that no table knows", () => {
	test.each([
		"Prompt is too long: 50000 tokens, maximum is 32768",
		"Your prompt has 50,000 tokens but the model only supports 32,768.",
		"input tokens (50000) exceed the limit (32768)",
		"Context length exceeded: 50000/32768 tokens",
		"Token limit exceeded. Input: 50000, limit: 32768",
		"context window is 32768 tokens but the request has 50000 tokens",
		"50000 tokens in prompt exceed the 32768 token context window",
		"输入长度超过最大限制，输入 50000，最大 32768",
		"Input should be at most 32768 tokens, got 50000",
		"context size exceeded (prompt 50000 tokens, n_ctx 32768)",
		"You have exceeded the maximum input size of 32768 tokens (50000 given).",
	])("%s", (message) => {
		expect(read(message)).toEqual({ kind: "prompt-too-long", tokens: 50000, window: 32768 });
	});

	test.each([
		"Input is too long for requested model.",
		"the input length exceeds the context length",
		"max_tokens must be at least 1, got -186.",
		"invalid params, context window exceeds limit (2013)",
		"Sent message larger than max (50000056 vs. 20971520)",
		"prompt too long; exceeded max context length by 100918 tokens",
	])("without numbers, none is invented: %s", (message) => {
		expect(read(message)).toEqual({ kind: "prompt-too-long" });
	});
});

describe("numbers that are not what they seem", () => {
	test("the same sentence is about the output or the prompt: the numbers decide", () => {
		const words = (input: number) =>
			`This model's maximum context length is 16384 tokens. However, you requested ${input + 10_000} tokens (${input} in the messages, 10000 in the completion). Please reduce the length of the messages or completion.`;
		expect(read(words(9591))).toMatchObject({ kind: "output-too-large", tokens: 9591, outputLeft: 6793 });
		expect(read(words(16384))).toEqual({ kind: "prompt-too-long", tokens: 16384, window: 16384 });
		expect(read(words(16383))).toMatchObject({ kind: "output-too-large", outputLeft: 1 });
	});

	test("vLLM's count that stopped at the limit is no prompt", () => {
		const atLeast =
			"you requested 65535 output tokens and your prompt contains at least 62466 input tokens, for a total of at least 128001 tokens. This model's maximum context length is 128000 tokens.";
		expect(read(atLeast)).toEqual({ kind: "output-too-large", window: 128000, requested: 65535 });
		const passed =
			"You passed 170753 input tokens and requested 32000 output tokens. However, the model's context length is only 202752 tokens, resulting in a maximum input length of 170752 tokens.";
		expect(read(passed)).toEqual({ kind: "output-too-large", window: 202752, requested: 32000 });
	});

	test("vLLM's window less the output asked for is no window", () => {
		const message =
			"This model's maximum context length is 768 tokens. However, your request has 17459 input tokens. Please reduce the length of the input messages. (parameter=input_tokens, value=17459)";
		expect(read(message, 32000)).toEqual({ kind: "output-too-large", tokens: 17459, requested: 32000 });
		expect(read(message.replaceAll("17459", "90000"), 32000)).toMatchObject({ kind: "prompt-too-long", tokens: 90000 });
	});

	test("characters are no tokens", () => {
		const message = (characters: number) =>
			`You passed ${characters} input characters and requested 32000 output tokens. However, the model's context length is only 32768 tokens, resulting in a maximum input length of 768 tokens (at most 12288 characters). (parameter=input_text, value=${characters})`;
		expect(read(message(60_000))).toEqual({ kind: "output-too-large", window: 32768, requested: 32000 });
		expect(read(message(9_000_000))).toEqual({ kind: "prompt-too-long", window: 32768 });
	});

	test("a sum becomes a prompt where the output asked for is known", () => {
		const sum = "Current length is 69553 while limit is 65536. Please reduce the length of the messages or completion.";
		expect(read(sum)).toEqual({ kind: "output-too-large", window: 65536, total: 69553 });
		expect(read(sum, 32000)).toMatchObject({ tokens: 37553, requested: 32000, outputLeft: 27983 });
		expect(read(sum, 1000)).toMatchObject({ kind: "prompt-too-long", tokens: 68553, window: 65536 });
	});

	test("a request larger than a minute's tokens is no rate limit, and no window to learn", () => {
		const large =
			"Request too large on tokens per minute (TPM): Limit 6000, Requested 10338, please reduce your message size";
		expect(read(large, undefined, 429)).toMatchObject({ window: 6000, total: 10338, perMinute: true });
		expect(read(large, 1024, 413)).toMatchObject({ kind: "prompt-too-long", tokens: 9314, perMinute: true });
		const used =
			"Rate limit reached on tokens per minute (TPM): Limit 6000, Used 5034, Requested 1443. Please try again in 4.77s.";
		expect(read(used, undefined, 429)).toBeUndefined();
	});

	test("money for the output is read, money for the prompt is no window", () => {
		expect(read("You requested up to 32000 tokens, but can only afford 27342.", undefined, 402)).toEqual({
			kind: "cannot-afford",
			affordable: 27342,
		});
		expect(read("Prompt tokens limit exceeded: 230799 > 91442. To increase, visit", undefined, 402)).toBeUndefined();
	});

	test("llama.cpp's fields count more than its words", () => {
		const error = {
			message: "request (1 tokens) exceeds the available context size (2 tokens)",
			n_prompt_tokens: 13392,
			n_ctx: 8192,
		};
		expect(read(JSON.stringify({ error }))).toEqual({ kind: "prompt-too-long", tokens: 13392, window: 8192 });
	});
});

describe("errors about other sizes and other limits are none of tokens", () => {
	test.each([
		"messages.0.content.1.image.source.base64: image exceeds 5 MB maximum: 5588176 bytes > 5242880 bytes",
		"Too many tools: 200 exceeds the limit of 128",
		"image exceeds the limit of 20 images per request",
		"Invalid 'tools[0].function.name': string too long. Expected a string with maximum length 64, but got 65 instead.",
		"thinking.budget_tokens: Input should be greater than or equal to 1024",
		"thinking.budget_tokens must be at most 2000",
		"`max_tokens` must be greater than `thinking.budget_tokens`",
		"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
		"Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got 8 instead.",
		"temperature must be less than or equal to 2",
		"Too many tokens, please wait before trying again.",
		"This request would exceed the rate limit for your organization of 20,000 input tokens per minute. Please reduce the prompt length",
		"input_schema: maximum nesting depth of 5 exceeded",
		"The model `gpt-9` does not exist",
	])("%s", (message) => {
		expect(read(message)).toBeUndefined();
	});
});

describe("hostile texts cost no time", () => {
	test.each([
		"max_tokens ",
		"prompt tokens exceeds ",
		"1 + 2 > ",
		"(1,234,567",
		"[1, ",
		"requested ",
		"context length is 1 ",
		"'a', 'b' ",
		"tools.0.a: ",
		"a.b[0].",
		"1m2s ",
		"{",
		"'loc': (",
		"unknown parameter ",
		"'a' ",
		"`a.b` and ",
		"does not support the ",
		"try again in 1 ",
		"image is ",
		"'input': [",
		"input_value=",
	])("%s", (piece) => {
		const body = piece.repeat(Math.ceil(200_000 / piece.length));
		const started = performance.now();
		read(body);
		for (const message of [body.slice(0, 1500), `'${body.slice(0, 1400)}' is not`]) {
			classifyFailure({ status: 400, headers: {}, body: JSON.stringify({ error: { message } }) });
		}
		expect(performance.now() - started).toBeLessThan(500);
	});
});

test("a window of fewer than 128 tokens is none", () => {
	const stated = (window: number) =>
		read(JSON.stringify({ error: { message: "some tokens", n_prompt_tokens: 200, n_ctx: window } }));
	expect(stated(128)).toEqual({ kind: "prompt-too-long", tokens: 200, window: 128 });
	expect(stated(127)).toBeUndefined();
	const rest = (window: number) =>
		read(
			`This model's maximum context length is ${window} tokens. However, your request has 17459 input tokens. Please reduce the length of the input messages. (parameter=input_tokens, value=17459)`,
		);
	expect(rest(127)).toEqual({ kind: "output-too-large", tokens: 17459 });
	expect(rest(128)).toEqual({ kind: "prompt-too-long", tokens: 17459, window: 128 });
});
