import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type MessageEvent, singleEvents } from "../../src/protocol/events.ts";
import { DeltaGatherer } from "../../src/protocol/gather-deltas.ts";
import type { ContentBlock, StopReason } from "../../src/protocol/messages.ts";
import { sink } from "../../src/protocol/stage.ts";
import { responseRepairs } from "../../src/repairs/index.ts";
import { cleanCorpus } from "../support/clean-corpus.ts";
import { call, reply, text, thinking } from "../support/event-lines.ts";
import { runRepairs, sampleRequest } from "../support/run-repair.ts";

const request = { ...sampleRequest, stop_sequences: ["</block>", "\n\nHuman:"] };
const words = fc.array(fc.constantFrom("a", " ", "word", "\n", "x < y", "naïve", "👍", "(1)", "**b**", "the "), {
	maxLength: 30,
});
const cleanText = words.map((parts) => text(`T${parts.join("")}.`));
const cleanCall = fc
	.record({ command: fc.string({ minLength: 1 }), timeout: fc.integer({ min: 1 }) }, { requiredKeys: ["command"] })
	.map((input) => call("Bash", input));
const cleanReply = fc
	.tuple(fc.option(words), fc.array(cleanText, { maxLength: 2 }), fc.array(cleanCall, { maxLength: 3 }))
	.filter(([, texts, calls]) => texts.length + calls.length > 0)
	.map(([thought, texts, calls]): ContentBlock[] => [
		...(thought ? [thinking(`t${thought.join("")}`)] : []),
		...texts,
		...calls.map((block, index) => ({ ...block, id: `toolu_${index}` })),
	]);
/** Text made of the very pieces that repairs look for. */
const markup = fc
	.array(
		fc.constantFrom(
			...["<tool_call>", "</tool_call>", "<function=Bash>", "<parameter=command>", "</parameter>", "</function>"],
			...["<think>", "</think>", "<|im_end|>", "<｜end▁of▁sentence｜>", "<|channel|>commentary to=functions.Bash "],
			...[
				"<|message|>",
				"[TOOL_CALLS]",
				"Bash",
				"[ARGS]",
				'{"command":"ls"}',
				'{"name":"Bash","arguments":',
				"}",
				"```",
			],
			...["\n", " ", "`", '"', "</block>", "</bl", '<invoke name="Bash">', "</invoke>", "]<]minimax[>[", "text"],
		),
		{ maxLength: 25 },
	)
	.map((parts) => text(parts.join("")));
const wild = fc.array(fc.oneof(markup, cleanText, cleanCall), { minLength: 1, maxLength: 4 });
const reasons = fc.constantFrom<StopReason>("end_turn", "max_tokens", "tool_use", "refusal");
const sizes = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 20 });
const cutter = (list: readonly number[]) => {
	let turn = 0;
	return () => list[turn++ % list.length] as number;
};

/** The events as the repairs get them when so many came in one read after the other. */
function inReads(events: readonly MessageEvent[], length: () => number): MessageEvent[] {
	const out: MessageEvent[] = [];
	const gatherer = new DeltaGatherer(sink((event) => out.push(event)));
	let left = length();
	for (const event of events) {
		gatherer.push(event);
		if (--left > 0) continue;
		gatherer.flush();
		left = length();
	}
	gatherer.end();
	return out;
}

describe.each([
	...responseRepairs.map((repair) => [repair.name, [repair]] as const),
	["all", responseRepairs] as const,
])("%s", (_name, repairs) => {
	test("a clean reply leaves with the very events it came with", () => {
		const property = fc.property(cleanReply, sizes, (content, list) => {
			const hasCall = content.some((block) => block.type === "tool_use");
			const events = reply(content, hasCall ? "tool_use" : "end_turn", cutter(list));
			const { events: out, notes } = runRepairs(repairs, events, request);
			expect(notes).toEqual([]);
			expect(out).toEqual(events);
			expect(out.every((event, index) => event === events[index])).toBe(true);
		});
		fc.assert(property, { numRuns: 150 });
	});

	test("whatever comes, what leaves is a well-formed reply, and no text is lost without a note", () => {
		const property = fc.property(wild, reasons, sizes, (content, reason, list) => {
			const unique = content.map((block, index) => (block.type === "tool_use" ? { ...block, id: `t${index}` } : block));
			const { content: blocks, notes } = runRepairs(repairs, reply(unique, reason, cutter(list)), request);
			if (notes.length === 0) expect(blocks).toEqual(unique);
		});
		fc.assert(property, { numRuns: 150 });
	});

	test("deltas that came in one read leave as they do one by one", () => {
		const property = fc.property(wild, reasons, sizes, sizes, (content, reason, list, reads) => {
			const unique = content.map((block, index) => (block.type === "tool_use" ? { ...block, id: `t${index}` } : block));
			const events = reply(unique, reason, cutter(list));
			const single = runRepairs(repairs, events, request);
			const joined = runRepairs(repairs, inReads(events, cutter(reads)), request);
			expect(joined.notes).toEqual(single.notes);
			expect(joined.events.flatMap((event) => singleEvents(event))).toEqual(single.events);
		});
		fc.assert(property, { numRuns: 150 });
	});

	test("the result does not depend on how the text was cut", () => {
		const property = fc.property(wild, reasons, sizes, (content, reason, list) => {
			const unique = content.map((block, index) => (block.type === "tool_use" ? { ...block, id: `t${index}` } : block));
			const whole = runRepairs(repairs, reply(unique, reason), request);
			const cut = runRepairs(repairs, reply(unique, reason, cutter(list)), request);
			expect({ content: cut.content, stop: cut.stop, sequence: cut.stopSequence }).toEqual({
				content: whole.content,
				stop: whole.stop,
				sequence: whole.stopSequence,
			});
		});
		fc.assert(property, { numRuns: 150 });
	});
});

test("2 MB of ordinary prose, code, XML, HTML and Markdown: nothing is taken for anything else", () => {
	const corpus = cleanCorpus();
	expect(corpus.reduce((sum, { text }) => sum + text.length, 0)).toBeGreaterThan(2_000_000);
	for (const { name, text: content } of corpus) {
		const events = reply([text(content)], "end_turn", 37);
		const { events: out, notes } = runRepairs(responseRepairs, events);
		expect({ name, notes }).toEqual({ name, notes: [] });
		expect(out.length === events.length && out.every((event, index) => event === events[index])).toBe(true);
	}
}, 60_000);
