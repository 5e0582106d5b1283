import { afterEach, describe, expect, test } from "vitest";
import type { Profile } from "../../src/profile/model/profile.ts";
import type { MessageEvent } from "../../src/protocol/events.ts";
import { collectEvents } from "../../src/protocol/message-events.ts";
import { startProxy } from "../../src/proxy/server.ts";
import { messageChanges, replayAttempt } from "../../src/trace/explain/replay.ts";
import { Capture, type CapturedExchange } from "../../src/trace/record/capture.ts";
import { unpackEvents } from "../../src/trace/record/packed-events.ts";
import { type Behaviour, chatChunk, startFaultServer } from "../support/fault-server.ts";
import { makeTarget } from "../support/fixture.ts";
import { testProfile } from "../support/profile.ts";
import { sampleRequest } from "../support/run-repair.ts";
import { smallPdf } from "../support/small-pdf.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const close of closing.splice(0).reverse()) await close();
});

/** Sends the request as often as asked, and returns what a full trace keeps of each exchange. */
async function record(
	behaviours: readonly Behaviour[],
	{ request, overrides = {}, times = 1 }: { request: object; overrides?: Partial<Profile>; times?: number },
): Promise<CapturedExchange[]> {
	const provider = await startFaultServer(behaviours);
	const exchanges: CapturedExchange[] = [];
	const proxy = await startProxy({
		profile: testProfile(provider.url, overrides),
		recorder: { open: (entry, asked, betas) => new Capture(entry, asked, betas, (saved) => exchanges.push(saved)) },
	});
	closing.push(
		() => provider.close(),
		() => proxy.close(),
	);
	for (let count = 0; count < times; count++) {
		const headers = { authorization: `Bearer ${proxy.token}` };
		const response = await fetch(`${proxy.url}/v1/messages`, {
			method: "POST",
			headers,
			body: JSON.stringify(request),
		});
		await response.text();
	}
	return exchanges;
}

/** The last attempt of an exchange, and its replay, in the same form. */
async function bothOf({ record: entry, request, betas, attempts }: CapturedExchange) {
	const attempt = attempts.at(-1);
	if (!attempt) throw new Error("nothing was sent");
	const { quirks, ...captured } = attempt.target;
	const target = { ...makeTarget(captured.dialect, { quirks }), ...captured };
	const reply = { bytes: Buffer.from(attempt.reply), isStream: true };
	const recording = { betas: [...betas], reply, inputs: attempt.inputs, reads: attempt.reads };
	const replayed = await replayAttempt(request, target, recording, entry.stream);
	const events = unpackEvents(attempt.events);
	return {
		live: { body: attempt.outgoing.body, types: events.map(typeOf), failure: attempt.failure?.body, changes: [] },
		replayed: {
			body: replayed.outgoing.body,
			types: replayed.events.map(typeOf),
			failure: replayed.failure?.body,
			changes: messageChanges(
				collectEvents(events),
				replayed.failure ? collectEvents(replayed.events) : replayed.message,
			),
		},
		events,
	};
}

const typeOf = (event: MessageEvent) => ("index" in event ? `${event.type} ${event.index}` : event.type);
const textOf = (events: readonly MessageEvent[]) =>
	events
		.map((event) => (event.type === "content_block_delta" && "text" in event.delta ? event.delta.text : ""))
		.join("");

const ASK = { ...sampleRequest, max_tokens: 100, stream: true };
const END = [chatChunk({}, "stop"), "data: [DONE]\n\n"];
/** One read per piece: the first content is written before the reply is complete. */
const inPieces = (...deltas: object[]) => ({ stream: [...deltas.map((delta) => chatChunk(delta)), ...END], pause: 20 });
const atOnce = (...deltas: object[]) => ({ stream: [[...deltas.map((delta) => chatChunk(delta)), ...END].join("")] });
const call = (input: object) => ({
	tool_calls: [{ index: 0, id: "c1", type: "function", function: { name: "Edit", arguments: JSON.stringify(input) } }],
});

describe("a replay is what the live exchange was", () => {
	test("text in many reads", async () => {
		const [exchange] = await record([inPieces({ content: "one " }, { content: "two " })], { request: ASK });
		const { live, replayed, events } = await bothOf(exchange as CapturedExchange);
		expect(replayed).toEqual(live);
		expect(textOf(events)).toBe("one two ");
	});

	test("reasoning without an answer that was shown: passed on, and the second time a failure", async () => {
		const exchanges = await record([inPieces({ reasoning_content: "Hm" }, { reasoning_content: "." })], {
			request: ASK,
			times: 2,
		});
		const [first, second] = await Promise.all(exchanges.map(bothOf));
		expect(first?.replayed).toEqual(first?.live);
		expect(textOf(first?.events ?? [])).toBe("");
		expect(second?.replayed).toEqual(second?.live);
		expect(second?.live.failure).toContain("twice without an answer");
	});

	test.each([
		["in one read", ASK],
		["without a stream", { ...ASK, stream: false }],
	])(
		"reasoning without an answer, %s: a failure, and after the second attempt the last one",
		async (_name, request) => {
			const behaviour = request.stream ? atOnce({ reasoning_content: "Hm" }) : inPieces({ reasoning_content: "Hm" });
			const [exchange] = await record([behaviour], { request });
			expect(exchange?.attempts).toHaveLength(2);
			const { live, replayed } = await bothOf(exchange as CapturedExchange);
			expect(replayed).toEqual(live);
			expect(live.failure).toContain("twice");
			const { live: before, replayed: again } = await bothOf({
				...(exchange as CapturedExchange),
				attempts: exchange?.attempts.slice(0, 1) ?? [],
			});
			expect(again).toEqual(before);
			expect(before.failure).not.toContain("twice");
		},
	);

	test("a call that lacked a parameter was requested again, with the turns that say so", async () => {
		const half = { file_path: "a", old_string: "b" };
		const overrides = { quirks: { askForMissing: true } };
		const replies = [atOnce(call(half)), atOnce(call({ ...half, new_string: "c" }))];
		const [exchange] = await record(replies, { request: ASK, overrides });
		expect(exchange?.attempts).toHaveLength(2);
		const { live, replayed } = await bothOf(exchange as CapturedExchange);
		expect(replayed).toEqual(live);
		expect(JSON.stringify(live.body)).toContain("`new_string` of Edit is missing");
		const first = await bothOf({
			...(exchange as CapturedExchange),
			attempts: exchange?.attempts.slice(0, 1) ?? [],
		});
		expect(first.replayed).toEqual(first.live);
		expect(first.events).toEqual([]);
	});

	test("a notice before the reply of a fallback", async () => {
		const fallback = await startFaultServer([inPieces({ content: "fine" })]);
		closing.push(() => fallback.close());
		const fallbacks = [{ profile: testProfile(fallback.url, { name: "second" }) }];
		const broke = { status: 402, body: '{"error":{"message":"Insufficient Balance"}}' };
		const [exchange] = await record([broke], { request: ASK, overrides: { fallbacks, announceFallback: true } });
		const { live, replayed, events } = await bothOf(exchange as CapturedExchange);
		expect(replayed).toEqual(live);
		expect(textOf(events)).toContain("answered by second/test-model");
	});

	test("no notice before the reply to a request without tools: it is not shown as a turn", async () => {
		const fallback = await startFaultServer([inPieces({ content: "A title" })]);
		closing.push(() => fallback.close());
		const fallbacks = [{ profile: testProfile(fallback.url, { name: "second" }) }];
		const broke = { status: 402, body: '{"error":{"message":"Insufficient Balance"}}' };
		const { tools: _tools, ...request } = ASK;
		const [exchange] = await record([broke], { request, overrides: { fallbacks, announceFallback: true } });
		const { live, replayed, events } = await bothOf(exchange as CapturedExchange);
		expect(replayed).toEqual(live);
		expect(textOf(events)).toBe("A title");
	});

	test("the text of a PDF, for a model that reads text only", async () => {
		const source = { type: "base64", media_type: "application/pdf", data: smallPdf("Invoice 7") };
		const request = { ...ASK, messages: [{ role: "user", content: [{ type: "document", source }] }] };
		const [exchange] = await record([inPieces({ content: "seven" })], {
			request,
			overrides: { quirks: { documents: "text" } },
		});
		const { live, replayed } = await bothOf(exchange as CapturedExchange);
		expect(replayed).toEqual(live);
		expect(JSON.stringify(live.body)).toContain("Invoice 7");
	});

	test("the description of an image, for a model that cannot see it", async () => {
		const eyes = await startFaultServer([inPieces({ content: "A red dot." })]);
		closing.push(() => eyes.close());
		const source = { type: "base64", media_type: "image/png", data: "AAAA" };
		const request = { ...ASK, model: "test-model", messages: [{ role: "user", content: [{ type: "image", source }] }] };
		const models = { "test-model": { id: "test-model", vision: false, thinking: "none" as const } };
		const vision = { profile: testProfile(eyes.url, { name: "seer" }), model: "test-model" };
		const exchanges = await record([inPieces({ content: "red" })], { request, overrides: { models, vision } });
		expect(exchanges.map((exchange) => exchange.record.purpose)).toEqual(["vision", "main"]);
		for (const exchange of exchanges) {
			const { live, replayed } = await bothOf(exchange);
			expect(replayed).toEqual(live);
		}
		expect(JSON.stringify(exchanges[1]?.attempts[0]?.outgoing.body)).toContain("A red dot.");
	});
});
