import { describe, expect, test } from "vitest";
import type { Dialect } from "../../src/dialects/dialect.ts";
import { encodeRequest, readReply } from "../../src/pipeline/build.ts";
import type { MessageRequest } from "../../src/protocol/messages.ts";
import { sink } from "../../src/protocol/stage.ts";
import { ALL_DIALECTS, counter, makeTarget } from "../support/fixture.ts";

const REQUEST = {
	model: "m",
	max_tokens: 9,
	messages: [{ role: "user", content: "hi" }],
	stop_sequences: ["</block>"],
	tools: [{ name: "Write", input_schema: { type: "object", properties: { content: { type: "string" } } } }],
} as unknown as MessageRequest;

type Say = (text: string) => object;

/** How each wire says a piece of a text, of reasoning and of a tool's arguments, between a start and an end. */
const WIRES: Readonly<
	Record<Dialect["name"], { start: object[]; text: Say; thinking: Say; json: Say; end: object[] }>
> = {
	"openai-chat": {
		start: [{ choices: [{ delta: { tool_calls: [{ index: 0, id: "call_1", function: { name: "Write" } }] } }] }],
		text: (content) => ({ choices: [{ index: 0, delta: { content } }] }),
		thinking: (reasoning_content) => ({ choices: [{ index: 0, delta: { reasoning_content } }] }),
		json: (text) => ({ choices: [{ index: 0, delta: { tool_calls: [{ index: 0, function: { arguments: text } }] } }] }),
		end: [{ choices: [{ index: 0, delta: { content: "." }, finish_reason: "stop" }] }],
	},
	"openai-responses": {
		start: [
			{
				type: "response.output_item.added",
				output_index: 2,
				item: { type: "function_call", id: "fc", call_id: "call_1", name: "Write" },
			},
		],
		text: (delta) => ({ type: "response.output_text.delta", output_index: 1, content_index: 0, delta }),
		thinking: (delta) => ({
			type: "response.reasoning_summary_text.delta",
			output_index: 0,
			summary_index: 0,
			delta,
		}),
		json: (delta) => ({ type: "response.function_call_arguments.delta", output_index: 2, delta }),
		end: [
			{ type: "response.output_text.delta", output_index: 1, delta: "." },
			{ type: "response.completed", response: { status: "completed" } },
		],
	},
	gemini: {
		start: [{ candidates: [{ content: { parts: [{ functionCall: { name: "Write", willContinue: true } }] } }] }],
		text: (text) => ({ candidates: [{ content: { parts: [{ text }] } }] }),
		thinking: (text) => ({ candidates: [{ content: { parts: [{ text, thought: true }] } }] }),
		json: (stringValue) => ({
			candidates: [
				{
					content: {
						parts: [{ functionCall: { partialArgs: [{ jsonPath: "$.content", stringValue }], willContinue: true } }],
					},
				},
			],
		}),
		end: [{ candidates: [{ content: { parts: [{ text: "." }] }, finishReason: "STOP" }] }],
	},
	anthropic: {
		start: [
			{
				type: "content_block_start",
				index: 2,
				content_block: { type: "tool_use", id: "toolu_1", name: "Write", input: {} },
			},
		],
		text: (text) => ({ type: "content_block_delta", index: 1, delta: { type: "text_delta", text } }),
		thinking: (thinking) => ({ type: "content_block_delta", index: 0, delta: { type: "thinking_delta", thinking } }),
		json: (partial_json) => ({
			type: "content_block_delta",
			index: 2,
			delta: { type: "input_json_delta", partial_json },
		}),
		end: [
			{ type: "content_block_delta", index: 3, delta: { type: "text_delta", text: "." } },
			{ type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 9 } },
			{ type: "message_stop" },
		],
	},
};

/** Texts that a stage may hold back, or look at again with every piece. */
const TEXTS: Readonly<Record<string, string>> = {
	"white space": " ",
	"line breaks": "\n",
	"beginnings of tags": "<",
	"calls without an end": '<tool_call>{"name": "Write", ',
	"tags of think": "<think>a</think",
	backticks: "`",
	braces: "{",
	"bare JSON": '{"name":"Write"',
	"control tokens": "<|im_end|>",
	"beginnings of stop sequences": "</blo",
};

/** Characters of a delta. */
const PIECE_CHARS = 8;

/** Milliseconds of CPU that a reply takes whose reasoning, text and arguments all are `unit` again and again. */
function cpuOf(dialect: Dialect, unit: string, chars: number): number {
	const wire = WIRES[dialect.name];
	const context = { dialect, target: makeTarget(dialect.name), mintId: counter(), note: () => {} };
	const pieces = unit.repeat(chars / unit.length).match(new RegExp(`[^]{1,${PIECE_CHARS}}`, "g")) ?? [];
	const frames = [
		...pieces.map(wire.thinking),
		...pieces.map(wire.text),
		...wire.start,
		...pieces.map(wire.json),
		...wire.end,
	];
	const reads = frames.map((frame) => Buffer.from(`data: ${JSON.stringify(frame)}\n\n`));
	const started = process.cpuUsage();
	const reader = readReply(
		encodeRequest(REQUEST, context, []),
		context,
		{},
		sink(() => {}),
	);
	for (const bytes of reads) reader.push(bytes);
	reader.end();
	const { user, system } = process.cpuUsage(started);
	return (user + system) / 1000;
}

/** Four times the text takes sixteen times the time where it is quadratic; garbage collection varies. */
const MAX_FACTOR = 9;
/** Less than this is noise. */
const MIN_MS = 400;

describe.each(ALL_DIALECTS)("time grows with the length of a text, not with its square: $name", (dialect) => {
	test.each(Object.entries(TEXTS))("%s", { timeout: 60_000 }, (_name, unit) => {
		const small = cpuOf(dialect, unit, 30_000);
		const large = cpuOf(dialect, unit, 120_000);
		expect(large / Math.max(small, MIN_MS / 4)).toBeLessThan(MAX_FACTOR);
	});
});
