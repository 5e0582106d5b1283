import { describe, test } from "vitest";
import { asObject } from "../../src/platform/json.ts";
import { expectTurn, readBody } from "../support/read-turn.ts";
import { SAMPLE_TURNS, WRITERS } from "../support/wire-replies.ts";

type Fields = Record<string, unknown>;

/** The events of one type with a change, the others without. */
const edit =
	(type: string, change: (event: Fields) => Fields | Fields[] | undefined) =>
	(events: Fields[]): Fields[] =>
		events.flatMap((event): Fields[] => (event["type"] === type ? [change(event) ?? []].flat() : [event]));
const start = (change: (block: Fields) => Fields) =>
	edit("content_block_start", (event) => ({ ...event, content_block: change(blockOf(event)) }));
const delta = (change: (delta: Fields) => Fields) =>
	edit("content_block_delta", (event) => ({ ...event, delta: change(deltaOf(event)) }));
const end = (change: (event: Fields, delta: Fields) => Fields | Fields[]) =>
	edit("message_delta", (event) => change(event, deltaOf(event)));
const deltaOf = (event: Fields) => asObject(event["delta"]);
const blockOf = (event: Fields) => asObject(event["content_block"]);
const isCall = ({ type }: Fields) => type === "tool_use";
const without = (object: Fields, ...names: string[]): Fields =>
	Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
const openAiUsage = { prompt_tokens: 120, completion_tokens: 30, total_tokens: 150 };

/** What "Anthropic" endpoints do to a reply. None of it loses anything that the reply says. */
const FAULTS: Readonly<Record<string, (events: Fields[]) => Fields[]>> = {
	"no message_start": edit("message_start", () => undefined),
	"message_start twice": edit("message_start", (event) => [event, event]),
	"message_start without id, content and usage": edit("message_start", ({ message }) => {
		return { type: "message_start", message: without(asObject(message), "id", "content", "usage") };
	}),
	"no content_block_stop": edit("content_block_stop", () => undefined),
	"content_block_stop twice": edit("content_block_stop", (event) => [event, event]),
	"no indexes": (events) => events.map((event) => without(event, "index")),
	"every index 0": (events) => withIndexes(events, () => 0),
	"indexes from 1": (events) => withIndexes(events, (index) => index + 1),
	"indexes as text": (events) => withIndexes(events, String),
	"no types of deltas": delta((each) => without(each, "type")),
	"types of deltas as of blocks": delta((each) => ({ ...each, type: String(each["type"]).replace(/_delta$/, "") })),
	"text and thinking without a block": (events) =>
		events.filter((event) => event["type"] !== "content_block_start" || isCall(blockOf(event))),
	"no message_delta": edit("message_delta", () => undefined),
	"no message_stop": edit("message_stop", () => undefined),
	"message_stop twice": edit("message_stop", (event) => [event, event]),
	"the stop reason end_turn": end((event, { stop_reason }) => {
		return stop_reason === "tool_use" ? { ...event, delta: { ...deltaOf(event), stop_reason: "end_turn" } } : event;
	}),
	"OpenAI's finish reason as stop reason": end((event, each) => {
		return { ...event, delta: { ...each, stop_reason: openAiReason(each["stop_reason"]) } };
	}),
	"a finish_reason in place of a stop reason": end((event, { stop_reason, ...each }) => {
		return { ...event, delta: { ...each, finish_reason: openAiReason(stop_reason) } };
	}),
	"a stop reason beside the delta": end((event, { stop_reason, ...delta }) => ({ ...event, delta, stop_reason })),
	"usage in OpenAI's names": end((event) => ({ ...event, usage: openAiUsage })),
	"usage as text": end((event) => ({ ...event, usage: { input_tokens: "120", output_tokens: "30" } })),
	"the token counts in the delta": end(({ usage, ...event }, each) => ({ ...event, delta: { ...each, usage } })),
	"the token counts in a second message_delta": end(({ usage, ...event }) => {
		return [event, { type: "message_delta", delta: {}, usage }];
	}),
	"calls without ids": start((block) => (isCall(block) ? without(block, "id") : block)),
	"calls with one id": start((block) => (isCall(block) ? { ...block, id: "call_0" } : block)),
	"calls of the type function": start((block) => {
		if (!isCall(block)) return block;
		return { id: block["id"], type: "function", function: { name: block["name"], arguments: "" } };
	}),
	"inputs in the start": (events) => wholeInputs(events, (input) => ({ input: JSON.parse(input) })),
	"inputs in the start, as text": (events) => wholeInputs(events, (input) => ({ input })),
	"arguments in the start": (events) => wholeInputs(events, (input) => ({ arguments: input })),
	"an empty text as input": start((block) => (isCall(block) ? { ...block, input: "" } : block)),
	"no input in the start": start((block) => without(block, "input")),
	"arguments in place of partial_json": delta(({ type, ...each }) => {
		return type === "input_json_delta" ? { type, arguments: each["partial_json"] } : { type, ...each };
	}),
	"thinking without a signature": (events) =>
		start((block) => without(block, "signature"))(events.filter((event) => deltaOf(event)["signature"] === undefined)),
	"thinking as reasoning_content": (events) =>
		delta((each) => (each["thinking"] === undefined ? each : { reasoning_content: each["thinking"] }))(events),
	"text as content": delta(({ type, text, ...each }) => {
		return type === "text_delta" ? { type, content: text } : { type, ...(text !== undefined && { text }), ...each };
	}),
	"null fields": (events) => events.map((event) => ({ error: null, usage: null, ...event })),
	"a role and an empty content in each delta": delta((each) => ({ role: "assistant", content: "", ...each })),
	"pings in between": (events) => events.flatMap((event) => [{ type: "ping" }, event]),
};

function withIndexes(events: readonly Fields[], change: (index: number) => unknown): Fields[] {
	return events.map((event) => ("index" in event ? { ...event, index: change(Number(event["index"])) } : event));
}

function openAiReason(reason: unknown): unknown {
	const reasons = { end_turn: "stop", tool_use: "tool_calls", max_tokens: "length", refusal: "content_filter" };
	return reasons[reason as keyof typeof reasons] ?? reason;
}

/** Whole inputs in the starts of calls, and no deltas of them. */
function wholeInputs(events: Fields[], form: (input: string) => Fields): Fields[] {
	const inputOf = ({ index }: Fields) =>
		events.map((event) => (event["index"] === index ? (deltaOf(event)["partial_json"] ?? "") : "")).join("");
	return events.flatMap((event) => {
		if (deltaOf(event)["partial_json"] !== undefined) return [];
		const input = isCall(blockOf(event)) ? inputOf(event) : "";
		return input === "" ? [event] : [{ ...event, content_block: { ...blockOf(event), ...form(input) } }];
	});
}

/** What a whole Message has instead of what it should have. */
const JSON_FAULTS: Readonly<Record<string, (message: Fields) => unknown>> = {
	"no id, type, role, model": (message) => without(message, "id", "type", "role", "model"),
	"no usage": (message) => without(message, "usage"),
	"usage in OpenAI's names": (message) => ({ ...message, usage: openAiUsage }),
	"OpenAI's finish reason as stop reason": (message) => ({
		...message,
		stop_reason: openAiReason(message["stop_reason"]),
	}),
	"a finish_reason in place of a stop reason": ({ stop_reason, ...message }) => {
		return { ...message, finish_reason: openAiReason(stop_reason) };
	},
	"no stop sequence": (message) => without(message, "stop_sequence"),
	"inputs as text": (message) =>
		eachBlock(message, (block) => {
			return isCall(block) ? { ...block, input: JSON.stringify(block["input"]) } : block;
		}),
	"calls of the type function": (message) =>
		eachBlock(message, (block) => {
			if (!isCall(block)) return block;
			const call = { name: block["name"], arguments: JSON.stringify(block["input"]) };
			return { id: block["id"], type: "function", function: call };
		}),
	"calls without ids": (message) => eachBlock(message, (block) => without(block, "id")),
	"thinking without a signature": (message) => eachBlock(message, (block) => without(block, "signature")),
	"reasoning in place of thinking": (message) =>
		eachBlock(message, (block) => {
			return block["type"] === "thinking" ? { type: "reasoning", text: block["thinking"] } : block;
		}),
	"output_text in place of text": (message) =>
		eachBlock(message, (block) => {
			return block["type"] === "text" ? { ...block, type: "output_text" } : block;
		}),
	"blocks without types": (message) => eachBlock(message, (block) => without(block, "type")),
	"null fields": (message) => ({ ...message, error: null, choices: null, tool_calls: null }),
	"wrapped in a list": (message) => [message],
};

function eachBlock(message: Fields, change: (block: Fields) => Fields): Fields {
	return { ...message, content: (message["content"] as Fields[]).map(change) };
}

/** Pairs of faults after which nothing says how the reply ended, or that change the same field. */
const EXCLUDED = [
	["no message_delta", "no message_stop"],
	["OpenAI's finish reason as stop reason", "a finish_reason in place of a stop reason"],
	["text and thinking without a block", "calls of the type function"],
	["calls of the type function", "inputs in the start"],
	["calls of the type function", "inputs in the start, as text"],
	["calls of the type function", "arguments in the start"],
];

/** Reads the turns with two faults, the second one first. With one name twice, it is that fault alone. */
function check(first: string, second: string): void {
	for (const turn of SAMPLE_TURNS) {
		const names = [...new Set([second, first])];
		const saysEnd = turn.end === "end" || turn.end === "calls" || !names.includes("no message_delta");
		if (!saysEnd || EXCLUDED.some((pair) => pair.every((name) => names.includes(name)))) continue;
		const correct = WRITERS.anthropic.stream(turn).map(({ data }) => asObject(data));
		const events = names.reduce((list, name) => FAULTS[name]?.(list) ?? list, correct);
		const body = events.map((event) => `event: ${event["type"]}\ndata: ${JSON.stringify(event)}\n\n`).join("");
		const isCounted = !names.some((name) => /usage|no message_(start|delta)/.test(name));
		expectTurn(readBody("anthropic", body, body.length * 4), turn, isCounted);
	}
}

describe("an endpoint that keeps Anthropic's wire by half", () => {
	const names = Object.keys(FAULTS);
	test.each(names)("%s, alone and with another fault", (name) => {
		for (const other of names.slice(names.indexOf(name))) check(name, other);
	});

	test.each(Object.keys(JSON_FAULTS))("a whole message: %s", (name) => {
		for (const turn of SAMPLE_TURNS) {
			const body = JSON.stringify(JSON_FAULTS[name]?.(asObject(WRITERS.anthropic.json(turn))));
			expectTurn(readBody("anthropic", body, body.length * 4), turn, !name.includes("usage"));
		}
	});
});
