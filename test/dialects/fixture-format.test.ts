import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { MessageEvent } from "../../src/protocol/events.ts";
import { CaseFile } from "../../src/trace/fixture/case-file.ts";
import { formatEvents, parseEvents } from "../../src/trace/fixture/event-text.ts";
import { formatReply, parseReply } from "../../src/trace/fixture/raw-reply.ts";
import { mergePatch, patchBetween } from "../support/fixture-format/json-text.ts";

/** A reply written into a file and read back. */
function throughFile(bytes: Buffer): Buffer {
	const file = new CaseFile("invented");
	file.set("upstream.sse", "", formatReply(bytes));
	file.set("events", "", { form: undefined, text: "message_stop\n" });
	return parseReply(CaseFile.parse(file.format()).find("upstream.sse", "")!);
}

describe("the bytes of a reply", () => {
	test.each([
		["lines", "data: 1\n\ndata: 2\n\n", undefined],
		["no line break at the end", "data: 1", undefined],
		["CRLF", "data: 1\r\n\r\n", "CRLF"],
		["CR", "data: 1\r\rdata: 2\r\r", "escaped"],
		["mixed line ends", "data: 1\r\n\n", "escaped"],
		["a byte order mark", "\ufeffdata: 1\n\n", "escaped"],
		["a line like a header", "data: 1\n--- events\n", "escaped"],
		["backslashes", 'data: "\\r\\x41\\n"\n\n', undefined],
		["backslashes and CR", 'data: "\\r\\x41\\\n"\r\r', "escaped"],
		["text of other scripts", "data: 你好 🙂\n\n", undefined],
		["blank lines", "\n\n\n", undefined],
	])("%s come back as they were", (_name, text, form) => {
		const bytes = Buffer.from(text);
		expect(formatReply(bytes).form).toBe(form);
		expect(throughFile(bytes).toString()).toBe(text);
	});

	test("any bytes come back as they were", () => {
		const likely = fc.constantFrom(..."\r\n\\-x \xff\xe4é{".split("")).map((text) => Buffer.from(text, "latin1"));
		const bytes = fc.oneof(
			fc.uint8Array().map((array) => Buffer.from(array)),
			fc.array(likely).map((parts) => Buffer.concat(parts)),
		);
		fc.assert(
			fc.property(bytes, (reply) => {
				expect(throughFile(reply).toString("latin1")).toBe(reply.toString("latin1"));
			}),
		);
	});
});

describe("events as lines", () => {
	test("are short, and quoted where the ends of a text could not be seen", () => {
		const delta = (text: string): MessageEvent => ({
			type: "content_block_delta",
			index: 0,
			delta: { type: "text_delta", text },
		});
		expect(formatEvents([delta("Hi there."), delta(" and"), delta(""), delta('"'), delta("a\nb")])).toBe(
			'0 text Hi there.\n0 text " and"\n0 text ""\n0 text "\\""\n0 text "a\\nb"\n',
		);
	});

	test.each([" !", "a\nb", "", "null"])("a stop reason %j and a tool of that name come back", (text) => {
		const events = [
			{ type: "content_block_start", index: 0, content_block: { type: "tool_use", id: text, name: text, input: {} } },
			{ type: "message_delta", delta: { stop_reason: text, stop_sequence: null }, usage: {} },
		];
		expect(parseEvents(formatEvents(events as MessageEvent[]))).toEqual(events);
	});

	test("come back as they were, to the order of the keys", () => {
		const text = fc.string({ unit: "grapheme" });
		const start = (content_block: object) => ({ type: "content_block_start", index: 1, content_block });
		const delta = (value: object) => ({ type: "content_block_delta", index: 1, delta: value });
		const event = fc.oneof(
			text.map((id) => ({ type: "message_start", message: { id, model: id, content: [], usage: {} } })),
			text.map((id) => start({ type: "tool_use", id, name: id, input: {} })),
			text.map((value) => start({ type: "text", text: value })),
			text.map((value) => delta({ type: "text_delta", text: value })),
			text.map((value) => delta({ partial_json: value, type: "input_json_delta" })),
			text.map((value) => ({ type: "message_delta", delta: { stop_reason: value, stop_sequence: null }, usage: {} })),
			text.map((value) => ({ type: value, error: { type: "overloaded_error", message: value } })),
		);
		fc.assert(
			fc.property(fc.array(event), (events) => {
				const again = parseEvents(formatEvents(events as MessageEvent[]));
				expect(JSON.stringify(again)).toBe(JSON.stringify(events));
			}),
		);
	});
});

describe("a patch", () => {
	const base = { model: "m", messages: [1], tools: [2], stream: true };

	test.each([
		["a removed field", { model: "m", messages: [1], stream: true }, { tools: null }],
		["a changed field", { ...base, stream: false }, { stream: false }],
		["a new last field", { ...base, top_k: 1 }, { top_k: 1 }],
		[
			"a new field in its place",
			{ model: "m", messages: [1], tools: [2], tool_choice: "none", stream: true },
			{ tools: "(same)", tool_choice: "none" },
		],
	])("says %s", (_name, value, patch) => {
		expect(patchBetween(base, value)).toEqual(patch);
		expect(JSON.stringify(mergePatch(base, patch))).toBe(JSON.stringify(value));
	});

	test.each([
		["an order that it cannot say", { stream: true, model: "m", messages: [1], tools: [2] }],
		["a null", { ...base, stream: null }],
	])("is not made of %s", (_name, value) => {
		expect(patchBetween(base, value)).toBeUndefined();
	});
});

test("a section that several dialects share is written once", () => {
	const file = new CaseFile("invented: x", ["gemini", "anthropic", "openai-chat"]);
	for (const dialect of file.dialects) file.set("request", dialect, { form: undefined, text: "{}" });
	file.set("target", "gemini", { form: undefined, text: "1" });
	file.set("target", "openai-chat", { form: undefined, text: "1" });
	const text =
		"invented: x\n\n--- dialects\ngemini anthropic openai-chat\n\n--- gemini, openai-chat: target\n1\n\n--- request\n{}\n";
	expect(file.format()).toBe(text);
	expect(CaseFile.parse(text).format()).toBe(text);
	expect(CaseFile.parse(text).find("target", "anthropic")).toBeUndefined();
});
