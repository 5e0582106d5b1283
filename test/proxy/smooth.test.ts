import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { BlockDeltaEvent, MessageEvent } from "../../src/protocol/events.ts";
import type { Reply } from "../../src/proxy/replies/reply.ts";
import { inSteps, isWatched, SmoothReply } from "../../src/proxy/replies/smooth.ts";
import { call, reply as replyOf, text, thinking } from "../support/event-lines.ts";

beforeEach(() => {
	vi.useFakeTimers({ now: 0 });
});
afterEach(() => {
	vi.useRealTimers();
});

/** A reply that writes down when it was given what. */
class Recorder implements Reply {
	readonly log: { at: number; event: MessageEvent }[] = [];
	committed = true;
	ended = false;
	/** Milliseconds that the client takes for one write. */
	slow = 0;
	push(event: MessageEvent): void {
		this.log.push({ at: Date.now(), event });
	}
	async flush(): Promise<true> {
		if (this.slow > 0) await new Promise((resolve) => setTimeout(resolve, this.slow));
		return true;
	}
	end(): void {
		this.ended = true;
	}
	fail(): void {
		this.ended = true;
	}
	restart(): void {}
	answered(): void {}
	close(): void {}
}

const delta = (text: string): BlockDeltaEvent => ({
	type: "content_block_delta",
	index: 0,
	delta: { type: "text_delta", text },
});
const textOf = (event: MessageEvent) =>
	event.type === "content_block_delta" && event.delta.type === "text_delta" ? event.delta.text : "";
const written = (inner: Recorder) => inner.log.map(({ event }) => textOf(event)).join("");
const LONG = "A sentence that is rather long, with many words in it. ".repeat(6);

/** Feeds reads at their times, each with its events. */
async function feed(smooth: SmoothReply, reads: readonly [at: number, events: MessageEvent[]][]): Promise<void> {
	for (const [at, events] of reads) {
		await vi.advanceTimersByTimeAsync(at - Date.now());
		for (const event of events) smooth.push(event);
		void smooth.flush();
	}
}

/** The share of the time between two moments in which no gap between writes was longer than 100 ms, and the longest gap. */
function motion(inner: Recorder, from: number, to: number): { share: number; longest: number; late: number } {
	const times = [from, ...inner.log.map(({ at }) => at).filter((at) => at >= from && at < to), to];
	const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
	const still = gaps.filter((gap) => gap > 100).reduce((sum, gap) => sum + gap, 0);
	return {
		share: 1 - still / (to - from),
		longest: Math.max(...gaps),
		late: Math.max(...inner.log.map(({ at }) => at)) - to,
	};
}

const LUMP = "Some words of a reply that comes in lumps, as gateways send it. ".repeat(7).slice(0, 400);

test.each([
	["every 100 ms", 100, 0, 1],
	["every 300 ms", 300, 0, 1],
	["once a second", 1000, 0, 1],
	["every 2 s, of which 1.2 s can be filled", 2000, 0, 0.55],
	["at irregular times around a second", 1000, 200, 0.9],
	["at irregular times around 300 ms", 300, 150, 0.8],
])(
	"400 characters %s are in motion from the first on, at most 1.2 s late and complete",
	async (_name, interval, jitter, share) => {
		const inner = new Recorder();
		const count = 20;
		const times = Array.from({ length: count }, (_, n) => n * interval + jitter * Math.sin(n * n));
		await feed(
			new SmoothReply(inner),
			times.map((at) => [at, [delta(LUMP)]]),
		);
		await vi.advanceTimersByTimeAsync(2000);
		expect(written(inner)).toBe(LUMP.repeat(count));
		const seen = motion(inner, 0, times.at(-1) ?? 0);
		expect(seen.share).toBeGreaterThanOrEqual(share);
		expect(seen.late).toBeLessThanOrEqual(1200);
	},
);

/** The text of a lump in `count` reads, as the network delivers it, 2 ms apart. */
const inReads = (at: number, count: number): [number, MessageEvent[]][] =>
	Array.from({ length: count }, (_, n) => [
		at + n * 2,
		[delta(LUMP.slice((LUMP.length / count) * n, (LUMP.length / count) * (n + 1)))],
	]);

test.each([2, 20])("a lump that arrives in %i reads is one lump", async (count) => {
	const inner = new Recorder();
	await feed(
		new SmoothReply(inner),
		[0, 1000, 2000, 3000].flatMap((at) => inReads(at, count)),
	);
	await vi.advanceTimersByTimeAsync(2000);
	expect(written(inner)).toBe(LUMP.repeat(4));
	expect(motion(inner, 0, 3000).share).toBe(1);
	// The rest of a lump never waits for the next one.
	const late = inner.log.map(({ at }) => at % 1000);
	expect(Math.max(...late)).toBeLessThan(1000);
});

test("a ping or a read without events between two lumps changes nothing", async () => {
	const inner = new Recorder();
	await feed(new SmoothReply(inner), [
		...[0, 1000, 2000].map((at): [number, MessageEvent[]] => [at, [delta(LUMP)]]),
		[2300, []],
		[2400, [{ type: "ping" }]],
	]);
	await vi.advanceTimersByTimeAsync(2000);
	expect(motion(inner, 0, 2900).share).toBe(1);
	expect(inner.log.find(({ event }) => event.type === "ping")?.at).toBe(2400);
});

test("the end of a thought and the start of a text keep their places in a lump", async () => {
	const inner = new Recorder();
	const events = replyOf([thinking(LONG), text(LONG), call("Bash", { command: "ls" })], "tool_use");
	const callStart = events.findLastIndex(({ type }) => type === "content_block_start");
	await feed(new SmoothReply(inner), [
		[0, events.slice(0, 2)],
		[400, events.slice(2, callStart - 1)],
		[500, events.slice(callStart - 1, callStart)],
	]);
	await vi.advanceTimersByTimeAsync(2000);
	const types = inner.log.map(({ event }) => event.type);
	expect(types.filter((type, index) => type !== types[index - 1])).toEqual([
		...["message_start", "content_block_start", "content_block_delta", "content_block_stop"],
		...["content_block_start", "content_block_delta", "content_block_stop"],
	]);
	expect(inner.log.length).toBeGreaterThan(30);
	expect(inner.log.at(-1)?.at).toBeGreaterThan(1000);
});

test("a timer that is late does not delay the text", async () => {
	const inner = new Recorder();
	await feed(new SmoothReply(inner), [[0, [delta(LUMP)]]]);
	// Something else blocked the process for half of the time.
	vi.setSystemTime(500);
	await vi.advanceTimersByTimeAsync(40);
	expect(written(inner).length).toBeGreaterThan(190);
	await vi.advanceTimersByTimeAsync(460);
	expect(written(inner)).toBe(LUMP);
});

test("a first lump is spread with its message_start, which makes the reply visible at once", async () => {
	const inner = new Recorder();
	inner.committed = false;
	const [start, blockStart] = replyOf([text("a")], "end_turn");
	if (!start || !blockStart) throw new Error("no events");
	await feed(new SmoothReply(inner), [[0, [start, blockStart, delta(LUMP)]]]);
	expect(inner.log.filter(({ at }) => at === 0).map(({ event }) => event.type)).toContain("message_start");
	expect(written(inner).length).toBeGreaterThan(0);
	expect(written(inner).length).toBeLessThan(100);
	await vi.advanceTimersByTimeAsync(1000);
	expect(written(inner)).toBe(LUMP);
});

test("a message_start that comes long before the first lump is no part of the rhythm", async () => {
	const inner = new Recorder();
	inner.committed = false;
	const [start, blockStart] = replyOf([text("a")], "end_turn");
	if (!start || !blockStart) throw new Error("no events");
	await feed(new SmoothReply(inner), [
		[0, [start]],
		[200, [blockStart, delta(LUMP)]],
		[1200, [delta(LUMP)]],
	]);
	expect(motion(inner, 200, 1200).share).toBe(1);
});

test("a pause of the model does not slow down what follows", async () => {
	const inner = new Recorder();
	const times = [0, 300, 600, 900, 6900];
	await feed(
		new SmoothReply(inner),
		times.map((at) => [at, [delta(LUMP)]]),
	);
	await vi.advanceTimersByTimeAsync(2000);
	expect(inner.log.at(-1)?.at).toBeLessThanOrEqual(7200);
});

test("large pieces are written in words, each before the next is due, never later than that", async () => {
	const inner = new Recorder();
	const smooth = new SmoothReply(inner);
	await feed(
		smooth,
		[0, 400, 800, 1200].map((at) => [at, [delta(LONG)]]),
	);
	await vi.advanceTimersByTimeAsync(1000);
	expect(written(inner)).toBe(LONG.repeat(4));
	const later = inner.log.filter(({ at }) => at >= 400);
	expect(later.length).toBeGreaterThan(20);
	for (const { at } of later) expect(at - Math.min(1200, Math.floor(at / 400) * 400)).toBeLessThanOrEqual(400);
	expect(Math.max(...later.map(({ event }) => textOf(event).length))).toBeLessThan(60);
});

test("a provider that streams smoothly is not touched: the very events, at once", async () => {
	const inner = new Recorder();
	const smooth = new SmoothReply(inner);
	const reads = Array.from({ length: 50 }, (_, n): [number, MessageEvent[]] => [n * 30, [delta(`word ${n} `)]]);
	await feed(smooth, reads);
	expect(inner.log.map(({ at, event }) => [at, event])).toEqual(reads.map(([at, events]) => [at, events[0]]));
	expect(inner.log.every(({ event }, index) => event === reads[index]?.[1][0])).toBe(true);
});

test.each([
	[59, 1],
	[60, 3],
])("long pieces that come %i ms apart are written in %i steps each", async (interval, steps) => {
	const inner = new Recorder();
	const times = [0, 1, 2, 3, 4, 5].map((n) => n * interval);
	await feed(
		new SmoothReply(inner),
		times.map((at) => [at, [delta(LONG)]]),
	);
	const last = inner.log.length - 1;
	await vi.advanceTimersByTimeAsync(1000);
	expect(inner.log.slice(last)).toHaveLength(steps);
});

test("before a rhythm is known, a lump takes the time in which a fast model writes it, however long the silence was", async () => {
	const inner = new Recorder();
	await feed(new SmoothReply(inner), [
		[0, [delta("a")]],
		[10_000, [delta(LONG)]],
	]);
	await vi.advanceTimersByTimeAsync(1000);
	const last = inner.log.at(-1)?.at ?? 0;
	expect(last).toBeGreaterThan(10_700);
	expect(last).toBeLessThanOrEqual(10_840);
});

test("small pieces, however slow, are not delayed", async () => {
	const inner = new Recorder();
	await feed(
		new SmoothReply(inner),
		[0, 900, 1800].map((at) => [at, [delta("one word ")]]),
	);
	expect(inner.log.map(({ at }) => at)).toEqual([0, 900, 1800]);
});

test("a tool call, or the end, writes everything at once and in order", async () => {
	const inner = new Recorder();
	const smooth = new SmoothReply(inner);
	const events = replyOf([thinking(LONG), text(LONG), call("Bash", { command: "ls" })], "tool_use");
	const blockStart = events.findLastIndex(({ type }) => type === "content_block_start");
	await feed(smooth, [
		[0, events.slice(0, 2)],
		[400, events.slice(2, blockStart)],
		[410, events.slice(blockStart)],
	]);
	expect(inner.log.slice(blockStart - events.length).map(({ event }) => event)).toEqual(events.slice(blockStart));
	expect(inner.log.at(-1)?.at).toBe(410);
	expect(inner.log.filter(({ at }) => at === 410).length).toBeGreaterThan(events.length - blockStart);

	const cut = new Recorder();
	const ending = new SmoothReply(cut);
	await feed(ending, [
		[500, [delta("a")]],
		[900, [delta(LONG)]],
	]);
	ending.end();
	expect(written(cut)).toBe(`a${LONG}`);
	expect(cut.ended).toBe(true);
});

test("a slow client is not kept waiting for steps", async () => {
	const inner = new Recorder();
	inner.slow = 300;
	await feed(new SmoothReply(inner), [
		[0, [delta("a")]],
		[400, [delta(LONG)]],
	]);
	await vi.advanceTimersByTimeAsync(3000);
	expect(written(inner)).toBe(`a${LONG}`);
	expect(new Set(inner.log.map(({ at }) => at)).size).toBeLessThan(5);
});

test("a step never ends inside a character, and no text is lost", () => {
	const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });
	const count = (value: string) => [...graphemes.segment(value)].length;
	const texts = fc.array(fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 }), { maxLength: 20 });
	const property = fc.property(texts, fc.integer({ min: 1, max: 12 }), (values, steps) => {
		const deltas = values.map(delta);
		const found = inSteps(deltas, steps);
		const pieces = found.flat();
		expect(pieces.map(textOf).join("")).toBe(values.join(""));
		expect(found.length).toBeLessThanOrEqual(steps);
		expect(pieces.length).toBeGreaterThanOrEqual(deltas.length);
		const ofPieces = pieces.reduce((sum, piece) => sum + count(textOf(piece)), 0);
		expect(ofPieces).toBe(values.reduce((sum, value) => sum + count(value), 0));
	});
	fc.assert(property, { numRuns: 300 });
	const family = "👩‍👩‍👧🇩🇪é ".repeat(5);
	expect(inSteps([delta(family)], 12).every(([piece]) => piece && family.includes(textOf(piece)))).toBe(true);
});

test("a burst of small deltas is spread, and each is written as the event that it was", async () => {
	const inner = new Recorder();
	const smooth = new SmoothReply(inner);
	const burst = Array.from({ length: 160 }, (_, index) => delta(`word ${index} `));
	await feed(smooth, [
		[0, [delta("a")]],
		[400, burst],
	]);
	await vi.advanceTimersByTimeAsync(1000);
	expect(inner.log.slice(1).every(({ event }, index) => event === burst[index])).toBe(true);
	expect(inner.log).toHaveLength(161);
	expect(new Set(inner.log.map(({ at }) => at)).size).toBeGreaterThan(5);
});

test("print mode is never smoothed", () => {
	expect(isWatched("claude-cli/2.1.332 (external, sdk-cli)")).toBe(false);
	expect(isWatched("claude-cli/2.1.332 (external, cli)")).toBe(true);
	expect(isWatched(undefined)).toBe(false);
});

test("the steps of a text are whole words of about the same length", () => {
	const steps = (deltas: BlockDeltaEvent[], count: number) =>
		inSteps(deltas, count).map((step) => step.map((piece) => textOf(piece)));
	expect(steps([delta("abcd ".repeat(8))], 4)).toEqual(Array.from({ length: 4 }, () => ["abcd abcd "]));
	expect(steps([delta("abcd ".repeat(8))], 0)).toEqual([["abcd ".repeat(8)]]);
	expect(steps([delta("abcd ".repeat(8))], 1)).toEqual([["abcd ".repeat(8)]]);
	expect(steps([delta("abcd ".repeat(8))], 3)).toEqual(
		[["abcd abcd abcd"], [" abcd abcd abcd"], [" abcd abcd "]].slice(0, 3),
	);
	const short = Array.from({ length: 8 }, () => delta("abcd "));
	expect(steps(short, 4)).toEqual(Array.from({ length: 4 }, () => ["abcd ", "abcd "]));
	expect(steps(short, 3)).toEqual([
		["abcd ", "abcd ", "abcd "],
		["abcd ", "abcd ", "abcd "],
		["abcd ", "abcd "],
	]);
});

test("thinking is smoothed as text is, a tool input is not", async () => {
	const inner = new Recorder();
	const smooth = new SmoothReply(inner);
	const thought = (part: string): BlockDeltaEvent => ({
		type: "content_block_delta",
		index: 0,
		delta: { type: "thinking_delta", thinking: part },
	});
	const input: BlockDeltaEvent = {
		type: "content_block_delta",
		index: 0,
		delta: { type: "input_json_delta", partial_json: "x".repeat(300) },
	};
	await feed(smooth, [
		[0, [thought("a")]],
		[400, [thought(LONG)]],
		[800, [input]],
	]);
	await vi.advanceTimersByTimeAsync(1000);
	const at = inner.log.map((entry) => entry.at);
	expect(at.filter((one) => one >= 400 && one < 800).length).toBeGreaterThan(5);
	expect(inner.log.filter((entry) => entry.at >= 800).map(({ event }) => event)).toEqual([input]);
});

test("steps are 20 ms apart, the first at once", async () => {
	const inner = new Recorder();
	await feed(new SmoothReply(inner), [
		[0, [delta("a")]],
		[100, [delta("abcd ".repeat(20))]],
	]);
	await vi.advanceTimersByTimeAsync(1000);
	expect(inner.log.map(({ at }) => at)).toEqual([0, 100, 120, 140, 160, 180]);
});

test("a restart drops what is not written yet, and the end of a failed reply does not", async () => {
	const reads = (): [number, MessageEvent[]][] => [
		[Date.now(), [delta("a")]],
		[Date.now() + 400, [delta(LONG)]],
	];
	const restarted = new Recorder();
	const smooth = new SmoothReply(restarted);
	await feed(smooth, reads());
	smooth.push(delta("b"));
	smooth.restart();
	await vi.advanceTimersByTimeAsync(1000);
	expect(written(restarted).length).toBeLessThan(LONG.length);
	const writtenBefore = restarted.log.length;
	await feed(smooth, [[Date.now() + 400, [delta(LONG)]]]);
	await vi.advanceTimersByTimeAsync(840);
	const again = restarted.log.slice(writtenBefore).map(({ event }) => textOf(event));
	expect(again.join("")).toBe(LONG);

	const failing = new Recorder();
	const failed = new SmoothReply(failing);
	await feed(failed, reads());
	failed.push(delta("b"));
	failed.fail({} as never);
	expect(written(failing)).toBe(`a${LONG}b`);
	expect(failing.ended).toBe(true);

	const closing = new Recorder();
	const closed = new SmoothReply(closing);
	await feed(closed, reads());
	closed.close();
	const before = closing.log.length;
	await vi.advanceTimersByTimeAsync(1000);
	expect(closing.log).toHaveLength(before);
});
