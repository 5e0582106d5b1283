import { describe, expect, test } from "vitest";
import type { Dialect } from "../../src/dialects/dialect.ts";
import type { DialectName, QuirksInput } from "../../src/profile/model/quirks.ts";
import type { Target } from "../../src/profile/model/target.ts";
import { MessageCollector } from "../../src/protocol/message-events.ts";
import {
	type ContentBlock,
	contentBlocks,
	isToolUse,
	type MessageParam,
	type MessageRequest,
} from "../../src/protocol/messages.ts";
import { repairRequest } from "../../src/repairs/index.ts";
import { ALL_DIALECTS, counter, makeTarget } from "../support/fixture.ts";
import { violationsOf } from "../support/invariants.ts";

/** What only its maker can read, one for each dialect's reply below. */
const SECRETS: Readonly<Record<DialectName, string>> = {
	"openai-chat": "ENCRYPTED-DETAIL",
	"openai-responses": "ENCRYPTED-ITEM",
	gemini: "THOUGHT-SIGNATURE",
	anthropic: "NATIVE-SIGNATURE",
};

const QUIRKS: Readonly<Record<DialectName, QuirksInput>> = {
	"openai-chat": { reasoningField: "reasoning_details" },
	"openai-responses": { reasoningField: "none" },
	gemini: {},
	anthropic: { signedThinkingOnly: true },
};

const LIST = { command: "ls -la" };
const READ = { file_path: "größe.md" };

/** The same turn as each provider says it: reasoning, a text, two calls. */
const REPLIES: Readonly<Record<DialectName, object[]>> = {
	"openai-chat": [
		{ choices: [{ delta: { reasoning_details: [{ type: "reasoning.encrypted", data: SECRETS["openai-chat"] }] } }] },
		{ choices: [{ delta: { content: "Looking at them." } }] },
		{ choices: [{ delta: { tool_calls: [chatCall(0, "Bash", LIST), chatCall(1, "Read", READ)] } }] },
		{ choices: [{ delta: {}, finish_reason: "tool_calls" }] },
	],
	"openai-responses": [
		{
			type: "response.completed",
			response: {
				status: "completed",
				output: [
					{ type: "reasoning", id: "rs_1", summary: [], encrypted_content: SECRETS["openai-responses"] },
					{ type: "message", id: "msg_1", content: [{ type: "output_text", text: "Looking at them." }] },
					{ type: "function_call", id: "fc_1", call_id: "call_0", name: "Bash", arguments: JSON.stringify(LIST) },
					{ type: "function_call", id: "fc_2", call_id: "call_1", name: "Read", arguments: JSON.stringify(READ) },
				],
			},
		},
	],
	gemini: [
		{ candidates: [{ content: { parts: [{ text: "Hm.", thought: true }, { text: "Looking at them." }] } }] },
		{
			candidates: [
				{
					content: {
						parts: [
							{ functionCall: { id: "call_0", name: "Bash", args: LIST }, thoughtSignature: SECRETS.gemini },
							{ functionCall: { id: "call_1", name: "Read", args: READ } },
						],
					},
					finishReason: "STOP",
				},
			],
		},
	],
	anthropic: [
		{ type: "message_start", message: { id: "msg_1", content: [], usage: { input_tokens: 1, output_tokens: 1 } } },
		...block(0, { type: "thinking", thinking: "", signature: "" }, [
			{ type: "thinking_delta", thinking: "Hm." },
			{ type: "signature_delta", signature: SECRETS.anthropic },
		]),
		...block(1, { type: "text", text: "" }, [{ type: "text_delta", text: "Looking at them." }]),
		...block(2, { type: "tool_use", id: "call_0", name: "Bash", input: {} }, [
			{ type: "input_json_delta", partial_json: JSON.stringify(LIST) },
		]),
		...block(3, { type: "tool_use", id: "call_1", name: "Read", input: {} }, [
			{ type: "input_json_delta", partial_json: JSON.stringify(READ) },
		]),
		{ type: "message_delta", delta: { stop_reason: "tool_use", stop_sequence: null }, usage: { output_tokens: 9 } },
		{ type: "message_stop" },
	],
};

function chatCall(index: number, name: string, input: object): object {
	return { index, id: `call_${index}`, function: { name, arguments: JSON.stringify(input) } };
}

function block(index: number, content_block: object, deltas: object[]): object[] {
	const inner = deltas.map((delta) => ({ type: "content_block_delta", index, delta }));
	return [{ type: "content_block_start", index, content_block }, ...inner, { type: "content_block_stop", index }];
}

/** Each dialect at a provider of its own. */
function targetOf(name: DialectName): Target {
	return makeTarget(name, { profile: `provider-${name}`, quirks: QUIRKS[name] });
}

const tools = ["Bash", "Read"].map((name) => ({ name, input_schema: { type: "object", properties: { a: {} } } }));
const PICTURE = "iVBORw0KGgo=";
const image: ContentBlock = { type: "image", source: { type: "base64", media_type: "image/png", data: PICTURE } };

/** The turn that a dialect's provider gives for the conversation so far. */
function turnOf(dialect: Dialect, messages: MessageParam[], target = targetOf(dialect.name)): ContentBlock[] {
	const collector = new MessageCollector();
	const line = dialect.decode({
		request: { model: "m", messages },
		target,
		toolNames: new Map(),
		mintId: counter(),
		note: () => {},
	})({ push: (event) => collector.push(event), end: () => {} });
	for (const data of REPLIES[dialect.name]) line.push({ event: undefined, data: JSON.stringify(data) });
	line.end();
	return collector.message!.content;
}

/** A conversation whose turns were given by these dialects, one after the other, each followed by the tools' results. */
function conversation(...makers: Dialect[]): MessageParam[] {
	const messages: MessageParam[] = [{ role: "user", content: [{ type: "text", text: "List both." }, image] }];
	for (const maker of makers) {
		const content = turnOf(maker, messages);
		const [list = "", read = ""] = content.filter(isToolUse).map(({ id }) => id);
		messages.push(
			{ role: "assistant", content },
			{
				role: "user",
				content: [
					{ type: "tool_result", tool_use_id: read, content: [{ type: "text", text: "A picture:" }, image] },
					{ type: "tool_result", tool_use_id: list, content: "a.txt" },
				],
			},
			{ role: "system", content: "Be brief." },
		);
	}
	return messages;
}

function bodyFor(dialect: Dialect, target: Target, messages: MessageParam[]): Record<string, unknown> {
	const request: MessageRequest = { model: "m", max_tokens: 500, messages, tools, thinking: { type: "adaptive" } };
	const repaired = repairRequest(request, { target, mintId: counter(), note: () => {} });
	return dialect.encode(repaired, target, () => {}).body;
}

const pairs = ALL_DIALECTS.flatMap((from) => ALL_DIALECTS.map((to) => ({ from, to })));

describe.each(pairs)("a session moves from $from.name to $to.name", ({ from, to }) => {
	const isSame = from === to;

	test("with its text, calls, ids, results and images", () => {
		const messages = conversation(from);
		const body = bodyFor(to, targetOf(to.name), messages);
		expect(violationsOf(to.name, body)).toEqual([]);
		const text = JSON.stringify(body);
		for (const part of ["List both.", "Looking at them.", "ls -la", "größe.md", "a.txt", "A picture:", "Be brief."])
			expect(text).toContain(part);
		expect(text.split(PICTURE)).toHaveLength(3);
		const ids = contentBlocks(messages[1]?.content).flatMap((part) => (part as { id?: string }).id ?? []);
		expect(ids).toEqual(["call_0", "call_1"]);
		// Gemini's wire pairs by name and order.
		if (to.name !== "gemini") for (const id of ids) expect(text.split(`"${id}"`)).toHaveLength(3);
	});

	test(isSame ? "with its reasoning, byte for byte" : "without reasoning that only its maker can read", () => {
		const text = JSON.stringify(bodyFor(to, targetOf(to.name), conversation(from)));
		if (isSame) expect(text).toContain(`"${SECRETS[from.name]}"`);
		else expect(text).not.toContain(SECRETS[from.name]);
		if (to.name !== "anthropic" || !isSame) expect(text).not.toContain("cc-any:1:");
	});

	test("and back: each turn's own reasoning alone", () => {
		if (isSame) return;
		const text = JSON.stringify(bodyFor(from, targetOf(from.name), conversation(from, to)));
		expect(text).toContain(SECRETS[from.name]);
		expect(text).not.toContain(SECRETS[to.name]);
	});
});

test.each(ALL_DIALECTS.filter(({ name }) => name !== "anthropic"))(
	"$name: another model of the same provider does not get this model's reasoning",
	(dialect) => {
		const other = { ...targetOf(dialect.name), model: "other-model" };
		expect(JSON.stringify(bodyFor(dialect, other, conversation(dialect)))).not.toContain(SECRETS[dialect.name]);
	},
);

test.each(ALL_DIALECTS.filter(({ name }) => name !== "anthropic"))(
	"$name: reasoning from before a refusal is left out, what came after it goes back",
	(dialect) => {
		const after = { ...targetOf(dialect.name), reasoningGeneration: 1 };
		const encoded = (content: ContentBlock[]) => {
			const results = content
				.filter(isToolUse)
				.map(({ id }): ContentBlock => ({ type: "tool_result", tool_use_id: id, content: "" }));
			const messages: MessageParam[] = [
				{ role: "user", content: "Go." },
				{ role: "assistant", content },
				{ role: "user", content: results },
			];
			return JSON.stringify(bodyFor(dialect, after, messages));
		};
		expect(encoded(turnOf(dialect, []))).not.toContain(SECRETS[dialect.name]);
		expect(encoded(turnOf(dialect, [], after))).toContain(SECRETS[dialect.name]);
	},
);
