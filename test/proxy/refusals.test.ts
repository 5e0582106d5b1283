import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DialectName } from "../../src/profile/model/quirks.ts";
import type { MessageRequest } from "../../src/protocol/messages.ts";
import { adapt } from "../../src/proxy/learning/adapt.ts";
import { LearnedFacts } from "../../src/proxy/learning/learned-facts.ts";
import { classifyFailure } from "../../src/upstream/failures/classify.ts";
import { makeTarget } from "../support/fixture.ts";
import { ONE_FIELD } from "../support/refusal-wordings.ts";
import { type Body, type Endpoint, REQUEST, send, TARGETS } from "../support/strict-endpoint.ts";

/** Whether a body has a field at a path; `*` is any item. */
function has(value: unknown, [name, ...path]: readonly string[]): boolean {
	if (name === undefined) return value !== undefined;
	if (name === "*") return Array.isArray(value) && value.some((item) => has(item, path));
	return typeof value === "object" && value !== null && has((value as Body)[name], path);
}

const refuses =
	(path: string, message: unknown): Endpoint =>
	(body) =>
		has(body, path.split(".")) ? message : undefined;

describe("a refused field is left out, and is not sent again in this run", () => {
	test.each<[DialectName, string, unknown]>([
		["openai-chat", "stream_options", "Unknown parameter: 'stream_options'."],
		["openai-chat", "stream_options.include_usage", "stream_options.include_usage: Extra inputs are not permitted"],
		["openai-chat", "reasoning_effort", "Unsupported parameter(s): `reasoning_effort`"],
		["openai-chat", "reasoning_effort", "unknown field reasoningEffort is not a valid parameter"],
		["openai-chat", "parallel_tool_calls", "parallel tool calls are not supported"],
		["openai-chat", "parallel_tool_calls", "This model does not support parallel tool calls."],
		["openai-chat", "messages.*.reasoning_content", "'messages.1' : property 'reasoning_content' is unsupported"],
		["openai-chat", "tools.*.function.strict", "tools.0.function.strict: Extra inputs are not permitted"],
		["openai-chat", "stop", "Unsupported parameter: 'stop' is not supported with this model."],
		["openai-chat", "stop", "stop sequences are not supported by reasoning models"],
		["openai-chat", "stop", "Input validation error: `stop` supports up to 4 stop sequences. Given: 5"],
		[
			"openai-chat",
			"thinking",
			{ detail: [{ type: "extra_forbidden", loc: ["body", "thinking"], msg: "Extra inputs" }] },
		],
		["openai-chat", "tool_choice", "tool_choice is not supported"],
		["openai-chat", "stream_options", "our gateway cannot work with stream_options here"],
		["openai-chat", "thinking.type", "thinking.type: Input should be 'disabled'"],
		[
			"openai-chat",
			"reasoning_effort",
			"Function tools with reasoning_effort are not supported in /v1/chat/completions. Please use /v1/responses instead.",
		],
		["openai-responses", "reasoning.summary", { error: { message: "not verified", param: "reasoning.summary" } }],
		["openai-responses", "reasoning.effort", "Unsupported parameter: 'reasoning_effort' is not supported."],
		["openai-responses", "tools.*.strict", "Unknown parameter: 'tools[0].strict'."],
		["anthropic", "output_config", "output_config: Extra inputs are not permitted"],
		["anthropic", "output_config.effort", "This model does not support the effort parameter."],
		["anthropic", "thinking", "thinking: Extra inputs are not permitted"],
		["anthropic", "metadata", "metadata: Extra inputs are not permitted"],
		[
			"anthropic",
			"system.*.cache_control.scope",
			"system.0.cache_control.ephemeral.scope: Extra inputs are not permitted",
		],
		["anthropic", "tools.*.cache_control", "tools.0.custom.cache_control: Extra inputs are not permitted"],
		[
			"anthropic",
			"tools.*.eager_input_streaming",
			"tools.1.custom.eager_input_streaming: Extra inputs are not permitted",
		],
		[
			"gemini",
			"generationConfig.thinkingConfig.thinkingLevel",
			"Invalid JSON payload received. Unknown name \"thinkingLevel\" at 'generation_config.thinking_config': Cannot find field.",
		],
	])("%s: %s", async (dialect, path, message) => {
		const learned = new LearnedFacts();
		const endpoint = refuses(path, message);
		const run = await send(REQUEST, TARGETS[dialect], endpoint, learned);
		expect(has(run.bodies[0], path.split("."))).toBe(true);
		expect(run).toMatchObject({ answered: true, bodies: { length: 2 } });
		expect(run.divergences).toContainEqual(expect.objectContaining({ kind: "parameter-refused" }));
		const names = run.divergences.flatMap(({ data }) => data?.fields ?? []);
		expect(names).not.toEqual([]);
		expect(await send(REQUEST, TARGETS[dialect], endpoint, learned)).toMatchObject({ bodies: { length: 1 } });
		const tools = JSON.stringify(run.bodies[1]?.["tools"]);
		for (const name of ["Read", "Write", "temperature"]) expect(tools).toContain(name);
	});

	test.each<[DialectName, string, string, string]>([
		[
			"openai-chat",
			"reasoning_effort",
			"'reasoning_effort' does not support 'max'. Supported values are: 'low', 'medium', and 'high'.",
			"high",
		],
		["openai-chat", "reasoning_effort", "'max' is not one of ['low', 'medium'] - 'reasoning_effort'", "medium"],
		["anthropic", "output_config.effort", "output_config.effort: Input should be 'low', 'medium' or 'high'", "high"],
		["openai-chat", "reasoning_effort", "`reasoning_effort` must be one of `none` or `default`", "default"],
		["openai-chat", "reasoning_effort", "reasoning_effort must be one of `minimal`, `xhigh`", "xhigh"],
		[
			"anthropic",
			"output_config.effort",
			"This model does not support effort level 'max'. Supported levels: high, low, medium.",
			"high",
		],
	])("%s: the nearest accepted value of %s", async (dialect, path, message, expected) => {
		const effortOf = (body: Body = {}) => path.split(".").reduce((value: unknown, name) => (value as Body)[name], body);
		const run = await send(REQUEST, TARGETS[dialect], (body) => (effortOf(body) === "max" ? message : undefined));
		expect(run).toMatchObject({ answered: true, bodies: { length: 2 } });
		expect(effortOf(run.bodies[1])).toBe(expected);
	});

	test("thinking with a budget, where adaptive thinking is refused", async () => {
		const run = await send({ ...REQUEST, max_tokens: 8000 }, TARGETS.anthropic, ({ thinking }) =>
			JSON.stringify(thinking).includes("adaptive") ? "adaptive thinking is not supported on this model" : undefined,
		);
		expect(run.bodies.map(({ thinking }) => (thinking as Body)["type"])).toEqual(["adaptive", "enabled"]);
	});

	test("a number out of bounds is clamped", async () => {
		const run = await send({ ...REQUEST, temperature: 1 }, TARGETS["openai-chat"], ({ temperature }) =>
			Number(temperature) > 0.5 ? "Invalid 'temperature': temperature must be between 0 and 0.5" : undefined,
		);
		expect(run.bodies.map(({ temperature }) => temperature)).toEqual([1, 0.5]);
	});

	test("a forced tool becomes an instruction", async () => {
		const request: MessageRequest = { ...REQUEST, tool_choice: { type: "tool", name: "Read" } };
		const run = await send(request, TARGETS["openai-chat"], ({ tool_choice }) =>
			tool_choice !== "auto" ? "No endpoints found that support the provided 'tool_choice' value." : undefined,
		);
		expect(run).toMatchObject({ answered: true, bodies: { length: 2 } });
		expect(JSON.stringify(run.bodies[1])).toContain("Call the tool Read in this turn.");
	});

	test("a refused output format becomes an instruction", async () => {
		const format = { type: "json_schema" as const, schema: { type: "object" } };
		for (const dialect of ["openai-chat", "anthropic"] as const) {
			const run = await send(
				{ ...REQUEST, output_config: { format } },
				TARGETS[dialect],
				({ response_format, output_config }) =>
					response_format || output_config
						? `${response_format ? "response_format" : "output_config"} is not supported`
						: undefined,
			);
			expect(run).toMatchObject({ answered: true, bodies: { length: 2 } });
			expect(JSON.stringify(run.bodies[1])).toContain("Answer with one JSON object");
		}
	});
});

describe("what cannot be left out is the provider's error, after one request", () => {
	test.each([
		"messages: Extra inputs are not permitted",
		"Unsupported parameter: 'tools' is not supported with this model.",
		"Unsupported parameter: 'constructor' is not supported with this model.",
		"Unsupported parameter: '__proto__' is not supported with this model.",
		"Unsupported parameter: 'toString' is not supported with this model.",
		"Unsupported parameter: 'verbosity' is not supported with this model.",
		"tools.0.custom.input_examples: Extra inputs are not permitted",
		"Invalid schema for function 'Delete': schema must be of type object",
		"messages.1.content: Extra inputs are not permitted",
		"messages.1.tool_calls.0.function.name: Input should be shorter",
		"model: Extra inputs are not permitted",
		"Unsupported parameter: 'type' is not supported with this model.",
	])("%s", async (message) => {
		const run = await send(REQUEST, TARGETS["openai-chat"], () => message);
		expect(run).toMatchObject({ answered: false, bodies: { length: 1 } });
	});
});

describe("tools and parts of the conversation", () => {
	test.each([
		[
			"betas",
			{ betas: "all" as const },
			"Unexpected value(s) `x-2026-01-01` for the `anthropic-beta` header.",
			{ betas: [] },
		],
		["turns", {}, "Conversation roles must alternate user/assistant/user/assistant", { mergeUserTurns: true }],
	])("%s are sent as the endpoint accepts them, which can be tried once", (_name, quirks, message, expected) => {
		const target = makeTarget("openai-chat", { quirks });
		const failure = classifyFailure({ status: 400, headers: {}, body: JSON.stringify({ error: { message } }) });
		const sent = { body: {}, toolNames: new Map(), requestChars: 1 };
		const adapted = adapt(target, failure, new LearnedFacts(), sent)?.target;
		expect(adapted?.quirks).toMatchObject(expected);
		expect(adapted && adapt(adapted, failure, new LearnedFacts(), sent)).toBeUndefined();
	});

	test("Gemini's ids of calls and results", async () => {
		const target = { ...TARGETS.gemini, quirks: { ...TARGETS.gemini.quirks, functionCallIds: true } };
		const run = await send(REQUEST, target, (body) => {
			const kind = ["function_call", "function_response"].find((name) =>
				new RegExp(`"${name.replace("_", "")}":{[^}]*"id"`, "i").test(JSON.stringify(body)),
			);
			const index = kind === "function_call" ? 1 : 2;
			return (
				kind &&
				`Invalid JSON payload received. Unknown name "id" at 'contents[${index}].parts[0].${kind}': Cannot find field.`
			);
		});
		expect(run).toMatchObject({ answered: true, bodies: { length: 3 } });
	});

	test.each<[DialectName, string]>([
		["openai-chat", "Invalid schema for function 'Write': schema must be of type object"],
		["openai-responses", "Invalid schema for function 'Write': schema must be of type object"],
		["anthropic", "tools.1.custom.input_schema: JSON schema is invalid"],
		["gemini", "Invalid value at 'tools[0].function_declarations[1].parameters'"],
	])("%s: one refused tool is left out and named", async (dialect, message) => {
		const run = await send(REQUEST, TARGETS[dialect], ({ tools }) =>
			JSON.stringify(tools).includes('"Write"') ? message : undefined,
		);
		expect(run).toMatchObject({ answered: true, bodies: { length: 2 } });
		expect(JSON.stringify(run.bodies[1]?.["tools"])).toContain('"Read"');
		const named = run.divergences.filter(({ data }) => data?.tools?.includes("Write"));
		expect(named.map(({ kind }) => kind)).toEqual(["parameter-refused", "refused-tool"]);
	});

	test.each<[DialectName, string]>([
		["openai-chat", "This model does not support image input"],
		["anthropic", "messages.0.content.0.image.source: Extra inputs are not permitted"],
		["openai-responses", "Invalid value: 'input_image'. Images are not supported with this model."],
		["gemini", "image input is not supported for this model"],
	])("%s: a refused image becomes a note that the model can see", async (dialect, message) => {
		const image = {
			type: "image" as const,
			source: { type: "base64" as const, media_type: "image/png", data: "AAAA" },
		};
		const request: MessageRequest = { ...REQUEST, messages: [{ role: "user", content: [image] }] };
		const run = await send(request, TARGETS[dialect], (body) =>
			JSON.stringify(body).includes("AAAA") ? message : undefined,
		);
		expect(run).toMatchObject({ answered: true, bodies: { length: 2 } });
		expect(JSON.stringify(run.bodies[1])).toMatch(/\[image/i);
	});
});

test("the history in a form that the endpoint accepts", async () => {
	const long = `mcp__${"x".repeat(40)}`;
	const tools = [{ name: long, description: "", input_schema: { type: "object" } }];
	const messages: MessageRequest["messages"] = [
		{ role: "user", content: "a" },
		{ role: "assistant", content: [{ type: "tool_use", id: `toolu_${"1".repeat(50)}`, name: long, input: {} }] },
		{ role: "user", content: [{ type: "tool_result", tool_use_id: `toolu_${"1".repeat(50)}`, content: "b" }] },
	];
	const request: MessageRequest = { ...REQUEST, tools, messages };
	const names = await send(request, TARGETS["openai-chat"], (body) =>
		JSON.stringify(body.tools).includes(long)
			? "Invalid 'tools[0].function.name': string too long. Expected a string with maximum length 32."
			: undefined,
	);
	expect(names).toMatchObject({ answered: true, bodies: { length: 2 } });
	const ids = await send(request, TARGETS["openai-chat"], (body) =>
		JSON.stringify(body).includes("1".repeat(50))
			? "Invalid 'messages[2].tool_calls[0].id': string too long. Expected a string with maximum length 40, but got a string with length 56 instead."
			: undefined,
	);
	expect(ids).toMatchObject({ answered: true, bodies: { length: 2 } });
});

/** Optional fields of each wire as an endpoint names them. */
const OPTIONAL: Partial<Record<DialectName, string[]>> = {
	"openai-chat": [
		"stream_options",
		"reasoning_effort",
		"thinking",
		"parallel_tool_calls",
		"temperature",
		"top_p",
		"stop",
		"seed",
		"metadata",
		"user",
	],
	"openai-responses": ["reasoning", "temperature", "top_p", "truncation", "store", "max_output_tokens"],
	anthropic: ["thinking", "output_config", "metadata", "temperature", "top_p", "stop_sequences"],
};

test("an endpoint that refuses k optional fields is answered within k + 1 requests, and never asked in vain again", async () => {
	const dialects = Object.keys(OPTIONAL) as (keyof typeof OPTIONAL)[];
	const cases = fc
		.constantFrom(...dialects)
		.chain((dialect) =>
			fc.tuple(
				fc.constant(dialect),
				fc.uniqueArray(fc.constantFrom(...(OPTIONAL[dialect] ?? [])), { minLength: 1, maxLength: 4 }),
				fc.array(fc.nat(ONE_FIELD.length - 1), { minLength: 4, maxLength: 4 }),
			),
		);
	await fc.assert(
		fc.asyncProperty(cases, async ([dialect, refused, wordings]) => {
			const learned = new LearnedFacts();
			const endpoint: Endpoint = (body) => {
				const index = refused.findIndex((name) => Object.hasOwn(body, name));
				return index < 0 ? undefined : ONE_FIELD[wordings[index] ?? 0]?.(refused[index] ?? "");
			};
			const run = await send(REQUEST, TARGETS[dialect], endpoint, learned);
			expect(run.answered).toBe(true);
			expect(run.bodies.length).toBeLessThanOrEqual(refused.length + 1);
			expect((await send(REQUEST, TARGETS[dialect], endpoint, learned)).bodies).toHaveLength(1);
		}),
		{ numRuns: 300 },
	);
});
