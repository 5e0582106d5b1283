import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import { type ProxyServer, startProxy } from "../../src/proxy/server.ts";
import { responseRepairs } from "../../src/repairs/index.ts";
import { stopSequences } from "../../src/repairs/response/stop-sequences.ts";
import { call, reply, text, thinking } from "../support/event-lines.ts";
import { chatChunk, type FaultServer, startFaultServer } from "../support/fault-server.ts";
import { testProfile } from "../support/profile.ts";
import { runRepairs, sampleRequest } from "../support/run-repair.ts";
import { ASK, sdkClient } from "../support/sdk-client.ts";

let proxy: ProxyServer | undefined;
let server: FaultServer | undefined;
afterEach(async () => {
	await proxy?.close();
	await server?.close();
	proxy = undefined;
	server = undefined;
});

const run = (content: string, sequences: string[], size = 0) =>
	runRepairs([stopSequences], reply([text(content)], "end_turn", size), {
		...sampleRequest,
		stop_sequences: sequences,
	});

test.each([
	["in the middle", "one STOP two", ["STOP"], "one ", "STOP"],
	["at the start", "STOP two", ["STOP"], "", "STOP"],
	["at the end", "one STOP", ["STOP"], "one ", "STOP"],
	["a false start before it", "one STSTOP", ["STOP"], "one ST", "STOP"],
	["the first of several", "a B c A", ["A", "B"], "a ", "B"],
	["complete first", "abcd", ["abcd", "bc"], "a", "bc"],
	["the longer of two that end together", "xabc", ["bc", "abc"], "x", "abc"],
	["the shorter of two that begin together", "abcd", ["abcd", "ab"], "", "ab"],
	["line breaks", "a\n\nHuman: b", ["\n\nHuman:"], "a", "\n\nHuman:"],
	["more than four", "a f", ["b", "c", "d", "e", "f"], "a ", "f"],
	["beyond the basic plane", "a👍b", ["👍"], "a", "👍"],
])("%s", (_name, content, sequences, kept, sequence) => {
	for (let size = 0; size <= content.length; size++) {
		const result = run(content, sequences, size);
		expect(result.content).toEqual([text(kept)]);
		expect(result).toMatchObject({ stop: "stop_sequence", stopSequence: sequence });
		// The wire takes four: the fifth was not sent.
		const kind = sequences.indexOf(sequence) < 4 ? "ignored-stop-sequence" : "stop-sequence";
		expect(result.notes.map((note) => [note.kind, note.seen])).toEqual([[kind, JSON.stringify(sequence)]]);
	}
});

test("what cannot be one after all leaves as it came", () => {
	const events = reply([text("one ST two STO")], "end_turn", 2);
	const { events: out } = runRepairs([stopSequences], events, { ...sampleRequest, stop_sequences: ["STOP"] });
	expect(out.every((event, index) => event === events[index])).toBe(true);
	expect(out.length).toBe(events.length);
});

test("only text is looked at", () => {
	const blocks = [thinking("STOP"), text("ok"), call("Bash", { command: "STOP" })];
	const { content, stop } = runRepairs([stopSequences], reply(blocks, "tool_use"), {
		...sampleRequest,
		stop_sequences: ["STOP"],
	});
	expect(content).toEqual(blocks);
	expect(stop).toBe("tool_use");
});

test("a sequence does not reach over the end of a block", () => {
	const blocks = [text("a ST"), text("OP b")];
	expect(runRepairs([stopSequences], reply(blocks), { ...sampleRequest, stop_sequences: ["STOP"] }).content).toEqual(
		blocks,
	);
});

test("a leaked call before the stop is kept", () => {
	const markup = '<tool_call>{"name":"Bash","arguments":{"command":"ls"}}</tool_call>';
	const request = { ...sampleRequest, stop_sequences: ["<|end_of_turn|>"] };
	const { content, stop } = runRepairs(
		responseRepairs,
		reply([text(`${markup}<|end_of_turn|>rest`)], "end_turn", 3),
		request,
	);
	expect(content).toEqual([call("Bash", { command: "ls" }, "toolu_1")]);
	expect(stop).toBe("tool_use");
});

test("the same cut as a model that stops by itself, whatever the pieces", () => {
	const letters = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 30 });
	const sequence = fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 1, maxLength: 4 });
	const property = fc.property(
		letters,
		fc.array(sequence, { minLength: 1, maxLength: 3 }),
		fc.nat(5),
		(content, list, size) => {
			fc.pre(content !== "");
			let written = "";
			let found: string | undefined;
			for (const letter of content) {
				written += letter;
				const endings = list.filter((one) => written.endsWith(one)).sort((a, b) => b.length - a.length);
				found = endings[0];
				if (found !== undefined) break;
			}
			const expected = found === undefined ? content : written.slice(0, written.length - found.length);
			const result = run(content, list, size);
			expect(result.content).toEqual([text(expected)]);
			expect(result.stopSequence).toBe(found ?? null);
		},
	);
	fc.assert(property, { numRuns: 500 });
});

test("text is passed on at once, but for an event that may begin a sequence", () => {
	const [start, open] = reply([text("")]);
	const written = (...pieces: string[]) => {
		const deltas = pieces.map(
			(piece) => ({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: piece } }) as const,
		);
		const { events } = runRepairs([stopSequences], [start!, open!, ...deltas], {
			...sampleRequest,
			stop_sequences: ["STOP"],
		});
		return events.flatMap((event) =>
			event.type === "content_block_delta" && event.delta.type === "text_delta" ? event.delta.text : [],
		);
	};
	expect(written("one ")).toEqual(["one "]);
	expect(written("one ", "two ST")).toEqual(["one "]);
	expect(written("one ", "two ST", "AR")).toEqual(["one ", "two ST", "AR"]);
});

test("a provider that ignores the sequence is not read any further", async () => {
	const pieces = ["<blo", "ck>no</", "block>", " and on"].map((content) => chatChunk({ content }));
	server = await startFaultServer([{ stream: pieces, after: "hang" }]);
	proxy = await startProxy({ profile: testProfile(server.url), onExchange: () => {} });
	const message = await sdkClient(proxy)
		.messages.stream({ ...ASK, stop_sequences: ["</block>"] })
		.finalMessage();
	expect(message.content).toMatchObject([{ type: "text", text: "<block>no" }]);
	expect(message).toMatchObject({ stop_reason: "stop_sequence", stop_sequence: "</block>" });
	await server.requests[0]?.aborted;
});
