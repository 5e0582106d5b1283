import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anthropic } from "../../src/dialects/anthropic/index.ts";
import type { Dialect } from "../../src/dialects/dialect.ts";
import { gemini } from "../../src/dialects/gemini/index.ts";
import { openaiChat } from "../../src/dialects/openai-chat/index.ts";
import { openaiResponses } from "../../src/dialects/openai-responses/index.ts";
import type { QuirksInput } from "../../src/profile/model/quirks.ts";
import { grammarCheck } from "../../src/protocol/grammar.ts";
import type { ContentBlock, MessageParam, MessageRequest } from "../../src/protocol/messages.ts";
import { sink } from "../../src/protocol/stage.ts";
import { repairRequest } from "../../src/repairs/index.ts";
import { UpstreamFailure } from "../../src/upstream/failures/failure.ts";
import { ALL_DIALECTS, counter, makeTarget } from "../support/fixture.ts";
import { violationsOf } from "../support/invariants.ts";

// --- replies

const text = fc.constantFrom("", "a", "Hm. ", "\n", "größe 🦊", '{"x":', "1}");
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const toolCallDelta = fc.record({
	index: maybe(fc.nat(2)),
	id: maybe(fc.constantFrom("", "c1", "c2", "call_0")),
	function: fc.record({
		name: maybe(fc.constantFrom("", "Bash", "Read")),
		arguments: maybe(fc.oneof(text, fc.constant("{}"), fc.record({ command: text }))),
	}),
	extra_content: maybe(fc.constant({ google: { thought_signature: "s" } })),
});
const delta = fc.record({
	content: maybe(fc.oneof(text, fc.constant([{ type: "text", text: "part" }]))),
	reasoning_content: maybe(text),
	reasoning: maybe(text),
	reasoning_details: maybe(fc.constant([{ type: "reasoning.encrypted", data: "AA", index: 0 }])),
	refusal: maybe(text),
	tool_calls: maybe(fc.array(toolCallDelta, { maxLength: 3 })),
});
const chunk = fc.record({
	id: maybe(fc.constant("chatcmpl-0123456789abcdef")),
	choices: fc.oneof(
		fc.constant([]),
		fc.constant(null),
		fc.array(fc.record({ delta, finish_reason: maybe(fc.constantFrom("stop", "tool_calls", "length", "x")) }), {
			minLength: 1,
			maxLength: 1,
		}),
	),
	usage: maybe(fc.constant({ prompt_tokens: 5, completion_tokens: 2 })),
});

const index = fc.nat(3);
const anthropicEvent = fc.oneof(
	fc.record({
		type: fc.constant("message_start"),
		message: fc.constantFrom({}, { id: "msg_1", content: [], usage: {} }),
	}),
	fc.record({
		type: fc.constant("content_block_start"),
		index: maybe(index),
		content_block: fc.oneof(
			fc.record({ type: fc.constantFrom("text", "thinking"), text: maybe(text), thinking: maybe(text) }),
			fc.record({
				type: fc.constant("tool_use"),
				id: maybe(fc.constantFrom("t1", "t2", "")),
				name: fc.constant("Bash"),
				input: maybe(fc.constantFrom({}, { command: "ls" })),
			}),
		),
	}),
	fc.record({
		type: fc.constant("content_block_delta"),
		index: maybe(index),
		delta: fc.oneof(
			fc.record({ type: fc.constant("text_delta"), text }),
			fc.record({ type: fc.constant("thinking_delta"), thinking: text }),
			fc.record({ type: fc.constant("signature_delta"), signature: text }),
			fc.record({ type: fc.constant("input_json_delta"), partial_json: text }),
		),
	}),
	fc.record({ type: fc.constant("content_block_stop"), index: maybe(index) }),
	fc.record({
		type: fc.constant("message_delta"),
		delta: fc.record({ stop_reason: fc.constantFrom("end_turn", "tool_use", "max_tokens", null) }),
	}),
	fc.constant({ type: "ping" }),
);

const itemId = maybe(fc.constantFrom("i1", "i2", "i3", ""));
const place = maybe(fc.nat(2));
const outputItem = fc.oneof(
	fc.record({
		type: fc.constant("message"),
		id: itemId,
		content: maybe(fc.array(fc.record({ text }), { maxLength: 2 })),
	}),
	fc.record({
		type: fc.constant("reasoning"),
		id: itemId,
		summary: maybe(fc.array(fc.record({ text }), { maxLength: 2 })),
		encrypted_content: maybe(fc.constant("AA==")),
	}),
	fc.record({
		type: fc.constant("function_call"),
		id: itemId,
		call_id: maybe(fc.constantFrom("c1", "c2", "")),
		name: maybe(fc.constantFrom("Bash", "Read", "")),
		arguments: maybe(fc.oneof(text, fc.constant('{"command":"ls"}'), fc.record({ command: text }))),
	}),
	fc.record({ type: fc.constant("web_search_call"), id: itemId, action: maybe(fc.constant({ query: "cats" })) }),
	fc.constant({ type: "hologram" }),
);
const responsesEvent = fc.oneof(
	fc.record({
		type: fc.constantFrom("response.output_item.added", "response.output_item.done"),
		output_index: place,
		item: outputItem,
	}),
	fc.record({
		type: fc.constantFrom(
			"response.output_text.delta",
			"response.refusal.delta",
			"response.reasoning_text.delta",
			"response.reasoning_summary_text.delta",
			"response.function_call_arguments.delta",
		),
		output_index: place,
		item_id: itemId,
		content_index: place,
		delta: text,
	}),
	fc.record({
		type: fc.constantFrom("response.output_text.done", "response.reasoning_summary_text.done"),
		output_index: place,
		item_id: itemId,
		text,
	}),
	fc.record({
		type: fc.constant("response.function_call_arguments.done"),
		output_index: place,
		item_id: itemId,
		arguments: text,
	}),
	fc.record({
		type: fc.constant("response.output_text.annotation.added"),
		annotation: maybe(fc.constant({ url: "u" })),
	}),
	fc.constant({ type: "keepalive" }),
);

const geminiPart = fc.oneof(
	fc.record({ text, thought: maybe(fc.boolean()), thoughtSignature: maybe(fc.constant("AA==")) }),
	fc.record({
		functionCall: fc.record({
			id: maybe(fc.constantFrom("c1", "c2", "")),
			name: maybe(fc.constantFrom("Bash", "Read", "")),
			args: maybe(fc.oneof(fc.constantFrom({}, { command: "ls" }), text)),
		}),
		thoughtSignature: maybe(fc.constant("AA==")),
	}),
	fc.constantFrom({ executableCode: { code: "1" } }, { inlineData: {} }, {}, null),
);
const geminiChunk = fc.record({
	candidates: fc.oneof(
		fc.constant(null),
		fc.array(
			fc.record({
				content: maybe(fc.record({ parts: maybe(fc.array(geminiPart, { maxLength: 3 })) })),
				finishReason: maybe(fc.constantFrom("STOP", "MAX_TOKENS", "", "SAFETY")),
				groundingMetadata: maybe(fc.constant({ webSearchQueries: ["cats"], groundingChunks: [{ web: { uri: "u" } }] })),
			}),
			{ maxLength: 1 },
		),
	),
	usageMetadata: maybe(fc.constant({ promptTokenCount: 5, candidatesTokenCount: 2 })),
});

/** Decodes a reply that ends properly and returns what is wrong with the events. A failure of the provider is none. */
function replyViolations(dialect: Dialect, events: readonly object[], ending: readonly object[]): string[] {
	const check = grammarCheck();
	const found: string[] = [];
	const types: string[] = [];
	const output = sink<Parameters<typeof check>[0]>((event) => {
		types.push(event.type);
		const violation = check(event);
		if (violation) found.push(violation);
	});
	const request: MessageRequest = { model: "m", messages: [{ role: "user", content: "x" }] };
	const context = {
		request,
		target: makeTarget(dialect.name),
		toolNames: new Map(),
		mintId: counter(),
		note: () => {},
	};
	const line = dialect.decode(context)(output);
	try {
		for (const event of [...events, ...ending]) line.push({ event: undefined, data: JSON.stringify(event) });
		line.end();
	} catch (error) {
		if (error instanceof UpstreamFailure) return found;
		throw error;
	}
	if (types.at(-1) !== "message_stop") found.push(`ends with ${types.at(-1)}`);
	return found;
}

describe("arbitrary replies decode to well-formed events", () => {
	test("openai-chat", () => {
		const ending = [{ choices: [{ delta: {}, finish_reason: "stop" }] }];
		fc.assert(
			fc.property(fc.array(chunk, { maxLength: 12 }), (chunks) => {
				expect(replyViolations(openaiChat, chunks, ending)).toEqual([]);
			}),
			{ numRuns: 500 },
		);
	});

	test("openai-responses", () => {
		const output = fc.array(outputItem, { maxLength: 3 });
		fc.assert(
			fc.property(fc.array(responsesEvent, { maxLength: 12 }), output, (events, whole) => {
				const ending = [{ type: "response.completed", response: { status: "completed", output: whole } }];
				expect(replyViolations(openaiResponses, events, ending)).toEqual([]);
			}),
			{ numRuns: 500 },
		);
	});

	test("gemini", () => {
		const ending = [{ candidates: [{ finishReason: "STOP" }] }];
		fc.assert(
			fc.property(fc.array(geminiChunk, { maxLength: 8 }), (chunks) => {
				expect(replyViolations(gemini, chunks, ending)).toEqual([]);
			}),
			{ numRuns: 500 },
		);
	});

	test("anthropic", () => {
		const ending = [{ type: "message_delta", delta: { stop_reason: "end_turn" } }, { type: "message_stop" }];
		fc.assert(
			fc.property(fc.array(anthropicEvent, { maxLength: 14 }), (events) => {
				expect(replyViolations(anthropic, events, ending)).toEqual([]);
			}),
			{ numRuns: 500 },
		);
	});
});

// --- requests

const toolId = fc.constantFrom(
	"c1",
	"c2",
	"c3",
	"call_0",
	"functions.Bash:0",
	"toolu_with_a_long_id_of_more_than_forty_characters",
);
const plainBlock: fc.Arbitrary<ContentBlock> = fc.oneof(
	fc.record({ type: fc.constant("text"), text: fc.constantFrom("", " ", "Hello.", "Go on.") }),
	fc.constant({ type: "image", source: { type: "base64", media_type: "image/png", data: "AA==" } }),
	fc.constant({ type: "document", source: { type: "base64", media_type: "application/pdf", data: "AA==" } }),
	fc.constant({ type: "unheard_of" as "(other)", value: 1 }),
);
const userBlock: fc.Arbitrary<ContentBlock> = fc.oneof(
	{ weight: 2, arbitrary: plainBlock },
	{
		weight: 3,
		arbitrary: fc.record({
			type: fc.constant("tool_result"),
			tool_use_id: toolId,
			content: fc.oneof(fc.constantFrom("", "ok"), fc.array(plainBlock, { maxLength: 2 })),
			is_error: fc.boolean(),
		}),
	},
);
const assistantBlock: fc.Arbitrary<ContentBlock> = fc.oneof(
	fc.record({ type: fc.constant("text"), text: fc.constantFrom("", "Sure.") }),
	fc.record({
		type: fc.constant("thinking"),
		thinking: text,
		signature: fc.constantFrom("", "foreign", "cc-any:1:broken"),
	}),
	fc.record({
		type: fc.constant("tool_use"),
		id: toolId,
		name: fc.constantFrom("Bash", `mcp__${"x".repeat(80)}`),
		input: fc.constantFrom({}, { command: "ls" }, { __unparsedToolInput: { raw: "{", len: 1 } }),
	}),
);
const message: fc.Arbitrary<MessageParam> = fc.oneof(
	{
		weight: 3,
		arbitrary: fc.record({ role: fc.constant("user" as const), content: fc.array(userBlock, { maxLength: 4 }) }),
	},
	{
		weight: 3,
		arbitrary: fc.record({
			role: fc.constant("assistant" as const),
			content: fc.array(assistantBlock, { maxLength: 4 }),
		}),
	},
	{ weight: 1, arbitrary: fc.constant({ role: "system" as const, content: "Reminder." }) },
);
const quirks: fc.Arbitrary<QuirksInput> = fc.record({
	toolCallIds: fc.constantFrom(
		"any" as const,
		"alphanumeric-9" as const,
		"max-40" as const,
		"max-64" as const,
		"kimi" as const,
	),
	mergeUserTurns: fc.boolean(),
	toolResultNames: fc.boolean(),
	reasoningField: fc.constantFrom("none" as const, "reasoning_content" as const, "reasoning_details" as const),
	reasoningRequired: fc.constantFrom("never" as const, "tool-calls" as const, "always" as const),
	signedThinkingOnly: fc.boolean(),
});

describe("arbitrary conversations encode to requests that keep the rules", () => {
	test.each(ALL_DIALECTS)("$name", (dialect) => {
		fc.assert(
			fc.property(fc.array(message, { maxLength: 8 }), quirks, (messages, changes) => {
				const target = makeTarget(dialect.name, { quirks: changes });
				const request = { model: "m", messages };
				// The loop guard counts what Claude Code sent, so it is no rewrite that could have a fixed point.
				const off = ["repeated-calls"];
				const repaired = repairRequest(request, { target, mintId: counter(), note: () => {} }, off);
				expect(violationsOf(dialect.name, dialect.encode(repaired, target, () => {}).body)).toEqual([]);
				// Repairing twice changes nothing more.
				expect(repairRequest(repaired, { target, mintId: counter(), note: () => {} }, off)).toBe(repaired);
			}),
			{ numRuns: 500 },
		);
	});
});
