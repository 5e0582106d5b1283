import { describe, expect, test } from "vitest";
import type { DialectName } from "../../src/profile/model/quirks.ts";
import type { JsonSchema, MessageRequest } from "../../src/protocol/messages.ts";
import { LearnedFacts } from "../../src/proxy/learning/learned-facts.ts";
import { makeTarget } from "../support/fixture.ts";
import { type Body, type Endpoint, REQUEST, send, TARGETS } from "../support/strict-endpoint.ts";

describe("roles and forms of content that an endpoint refuses", () => {
	const messages: MessageRequest["messages"] = [
		{ role: "user", content: "a" },
		{ role: "assistant", content: [{ type: "tool_use", id: "toolu_1", name: "Read", input: {} }] },
		{ role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content: "" }] },
		{ role: "system", content: "Later words." },
	];
	const plain: MessageRequest = { model: "m", max_tokens: 100, system: "First words.", messages };
	const rolesOf = (body: Body) => (body["messages"] as { role: string }[]).map(({ role }) => role);

	test.each<[DialectName, string, MessageRequest, Endpoint, string]>([
		[
			"openai-chat",
			"a system message in the middle",
			plain,
			(body) => (rolesOf(body).lastIndexOf("system") > 0 ? "System message must be at the beginning." : undefined),
			"later-system",
		],
		[
			"anthropic",
			"a system message that is not named",
			plain,
			(body) => {
				const index = rolesOf(body).indexOf("system");
				return index < 0 ? undefined : `messages.${index}.role: Input should be 'user' or 'assistant'`;
			},
			"later-system",
		],
		[
			"openai-chat",
			"the system role",
			{ ...plain, messages: messages.slice(0, 3) },
			(body) => (rolesOf(body).includes("system") ? "System role not supported" : undefined),
			"system-prompt",
		],
		[
			"openai-chat",
			"empty content",
			plain,
			(body) =>
				(body["messages"] as { content: unknown }[]).some(({ content }) => content === "")
					? "Invalid request: the message at position 2 with role 'assistant' must not be empty"
					: undefined,
			"empty-content",
		],
		[
			"anthropic",
			"lists of blocks",
			{
				...plain,
				system: [{ type: "text", text: "First words." }],
				messages: [{ role: "user", content: [{ type: "text", text: "a" }] }],
			},
			(body) => (Array.isArray(body["system"]) ? "system: Input should be a valid string" : undefined),
			"content-lists",
		],
		[
			"openai-chat",
			"the beginning of the reply",
			{ ...plain, messages: [...messages.slice(0, 1), { role: "assistant", content: "I" }] },
			(body) =>
				rolesOf(body).at(-1) === "assistant"
					? "This model does not support assistant message prefill. The conversation must end with a user message."
					: undefined,
			"prefill",
		],
		[
			"openai-chat",
			"the beginning of the reply (Mistral)",
			{ ...plain, messages: [...messages.slice(0, 1), { role: "assistant", content: "I" }] },
			(body) =>
				rolesOf(body).at(-1) === "assistant"
					? "Expected last role User or Tool (or Assistant with prefix True) for serving but got assistant"
					: undefined,
			"prefill",
		],
	])("%s: %s is sent in another form", async (dialect, _what, request, endpoint, kind) => {
		const learned = new LearnedFacts();
		const target = makeTarget(dialect, { quirks: { laterSystem: "system" } });
		const run = await send(request, target, endpoint, learned);
		expect(run).toMatchObject({ answered: true, bodies: { length: 2 } });
		expect(run.divergences.map((divergence) => divergence.kind)).toContain(kind);
		expect(await send(request, target, endpoint, learned)).toMatchObject({ answered: true, bodies: { length: 1 } });
		// No word is lost.
		const [first = "", second = ""] = run.bodies.map((body) => JSON.stringify(body));
		for (const word of ["First words.", "Later words."]) expect(second.includes(word)).toBe(first.includes(word));
	});

	test.each([
		"messages.1.content.0: Input tag 'thinking' found using 'type' does not match any of the expected tags: 'text', 'image', 'tool_use', 'tool_result'",
		"messages[1].content[0].type: unknown variant `thinking`, expected one of `text`, `image`, `tool_use`",
		"messages.1.content.0.signature: Extra inputs are not permitted",
	])("thinking in the history: %s", async (message) => {
		const thinks = (body: Body) => JSON.stringify(body["messages"]).includes('"type":"thinking"');
		const run = await send(REQUEST, TARGETS.anthropic, (body) => (thinks(body) ? message : undefined));
		expect(run).toMatchObject({ answered: true, bodies: { length: 2 } });
		expect(JSON.stringify(run.bodies[1])).toContain("toolu_1");
		// New thinking is still requested.
		expect(run.bodies[1]).toHaveProperty("thinking");
	});

	test("a list of parts that holds an image becomes text with a note", async () => {
		const image = {
			type: "image" as const,
			source: { type: "base64" as const, media_type: "image/png", data: "AAAA" },
		};
		const request: MessageRequest = {
			...plain,
			messages: [{ role: "user", content: [{ type: "text", text: "See:" }, image] }],
		};
		const run = await send(request, makeTarget("openai-chat"), ({ messages: sent }) =>
			(sent as { content: unknown }[]).some(({ content }) => Array.isArray(content))
				? "messages[1].content: invalid type: sequence, expected a string"
				: undefined,
		);
		expect(run).toMatchObject({ answered: true, bodies: { length: 2 } });
		expect(JSON.stringify(run.bodies[1])).toContain("this model cannot see images");
	});
});

describe("a fault of one image", () => {
	const image = (data: string) => ({
		type: "image" as const,
		source: { type: "base64" as const, media_type: "image/png", data },
	});
	const request: MessageRequest = {
		model: "m",
		max_tokens: 100,
		messages: [
			{ role: "user", content: [image("SMALL1")] },
			{ role: "assistant", content: [{ type: "tool_use", id: "toolu_1", name: "Read", input: {} }] },
			{
				role: "user",
				content: [{ type: "tool_result", tool_use_id: "toolu_1", content: [image("VERYLARGE"), image("SMALL2")] }],
			},
		],
	};
	const holds = (body: Body, data: string) => JSON.stringify(body).includes(data);

	test.each<[DialectName, string]>([
		["openai-chat", "image exceeds 5 MB maximum: 6291456 bytes > 5242880 bytes"],
		["openai-chat", "Image size is too large, at most 10MB are allowed"],
		["openai-responses", "The image dimensions exceed the maximum of 8000 pixels"],
		["anthropic", "messages.2.content.0.tool_result.content.0.image.source.base64: image exceeds 5 MB maximum"],
		["gemini", "Unable to process input image: the image is too large"],
	])("%s: too large: %s", async (dialect, message) => {
		const learned = new LearnedFacts();
		const run = await send(
			request,
			TARGETS[dialect],
			(body) => (holds(body, "VERYLARGE") ? message : undefined),
			learned,
		);
		expect(run).toMatchObject({ answered: true, bodies: { length: 2 } });
		const [, second = {}] = run.bodies;
		expect([holds(second, "SMALL1"), holds(second, "SMALL2"), holds(second, "Image left out")]).toEqual([
			true,
			true,
			true,
		]);
		// Other images are still sent.
		const later: MessageRequest = { ...request, messages: [{ role: "user", content: [image("OTHER")] }] };
		const next = await send(later, TARGETS[dialect], () => undefined, learned);
		expect(holds(next.bodies[0] ?? {}, "OTHER")).toBe(true);
	});

	test("one that cannot be read: the newest", async () => {
		const run = await send(request, TARGETS["openai-chat"], (body) =>
			holds(body, "SMALL2") ? "Could not process image" : undefined,
		);
		expect(run).toMatchObject({ answered: true, bodies: { length: 2 } });
		expect(holds(run.bodies[1] ?? {}, "VERYLARGE")).toBe(true);
	});

	test.each(["At most 2 image(s) may be provided in one request, but at most 2 images", "too many images in request"])(
		"too many: the oldest are left out: %s",
		async (message) => {
			const count = (body: Body) => ["SMALL1", "VERYLARGE", "SMALL2"].filter((data) => holds(body, data)).length;
			const run = await send(request, TARGETS["openai-chat"], (body) => (count(body) > 2 ? message : undefined));
			expect(run).toMatchObject({ answered: true, bodies: { length: 2 } });
			expect(holds(run.bodies[1] ?? {}, "SMALL2")).toBe(true);
		},
	);
});

describe("schema rules that an unknown address states", () => {
	const schemas: Record<string, object> = {
		siblings: {
			type: "object",
			$defs: { s: { type: "string" } },
			properties: { a: { $ref: "#/$defs/s", description: "A." } },
		},
		pointer: { type: "object", properties: { base: { type: "string" }, a: { $ref: "#/properties/base" } } },
		array: { type: "object", properties: { a: { type: "array" } } },
		tuple: { type: "object", properties: { a: { type: "array", items: [{ type: "string" }, { type: "number" }] } } },
		root: {
			type: "object",
			anyOf: [{ properties: { a: { type: "string" } }, required: ["a"] }, { properties: { b: {} } }],
		},
		union: { type: "object", properties: { a: { type: "string", anyOf: [{ enum: ["x"] }, { minLength: 2 }] } } },
		untyped: { type: "object", properties: { a: { description: "Anything." } } },
		pattern: { type: "object", properties: { a: { type: "string", pattern: "^x" } } },
	};
	const moonshot = (details: string) =>
		`tools.function.parameters is not a valid moonshot flavored json schema, details: <${details}>`;

	test.each<[string, string, RegExp]>([
		[
			"siblings",
			moonshot("At path 'properties.a': conflicting keywords found after $ref expansion: description"),
			/\$ref/,
		],
		["pointer", moonshot("At path 'properties.a.$ref': references must start with #/$defs/"), /\$ref/],
		[
			"array",
			"Invalid schema for function 'T': In context=('properties', 'a'), array schema missing items.",
			/"array"\}/,
		],
		["tuple", moonshot("At path 'properties.a.items': items must be an object"), /"items":\[/],
		[
			"root",
			"Invalid schema for function 'T': schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level.",
			/"anyOf"/,
		],
		[
			"root",
			moonshot("At path 'root': when using anyOf, type should be defined in anyOf items instead of the parent schema"),
			/"anyOf"/,
		],
		[
			"union",
			moonshot(
				"At path 'properties.a': when using anyOf, type should be defined in anyOf items instead of the parent schema",
			),
			/"type":"string","anyOf"/,
		],
		["untyped", moonshot("At path 'properties.a': type is not defined"), /\{"description":"Anything."\}/],
		[
			"untyped",
			"Invalid schema for function 'T': In context=('properties', 'a'), schema must have a 'type' key.",
			/\{"description":"Anything."\}/,
		],
		[
			"pattern",
			"Invalid schema for function 'T': In context=('properties', 'a'), 'pattern' is not permitted.",
			/"pattern"/,
		],
	])("%s: %s", async (name, message, broken) => {
		for (const dialect of ["openai-chat", "openai-responses", "anthropic"] as const) {
			const tools = [{ name: "T", description: "A tool.", input_schema: schemas[name] as JsonSchema }];
			const learned = new LearnedFacts();
			const endpoint: Endpoint = (body) => (broken.test(JSON.stringify(body["tools"])) ? message : undefined);
			const run = await send({ ...REQUEST, tools }, makeTarget(dialect), endpoint, learned);
			expect(run).toMatchObject({ answered: true, bodies: { length: 2 } });
			expect(JSON.stringify(run.bodies[1]?.["tools"])).toContain('"T"');
			expect(await send({ ...REQUEST, tools }, makeTarget(dialect), endpoint, learned)).toMatchObject({
				bodies: { length: 1 },
			});
		}
	});

	test("a rule that the rewrites do not satisfy costs the tool, not the session", async () => {
		const tools = [{ name: "T", description: "A tool.", input_schema: schemas["array"] as JsonSchema }];
		const run = await send({ ...REQUEST, tools }, makeTarget("openai-chat"), (body) =>
			JSON.stringify(body["tools"] ?? "").includes('"T"')
				? "Invalid schema for function 'T': array schema missing items."
				: undefined,
		);
		expect(run).toMatchObject({ answered: true, bodies: { length: 3 } });
	});
});
