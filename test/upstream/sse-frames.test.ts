import fc from "fast-check";
import { expect, test } from "vitest";
import { sseFrames } from "../../src/protocol/sse-frames.ts";
import { runStage } from "../../src/protocol/stage.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const frames = (text: string) => runStage(sseFrames(), [bytes(text)]).map(({ event, data }) => [event, data]);

test.each([
	[
		"LF",
		"event: a\ndata: 1\n\ndata: 2\n\n",
		[
			["a", "1"],
			[undefined, "2"],
		],
	],
	["CRLF", "event: a\r\ndata: 1\r\n\r\n", [["a", "1"]]],
	["CR", "event: a\rdata: 1\r\r", [["a", "1"]]],
	[
		"no space",
		"data:1\n\ndata:  2\n\n",
		[
			[undefined, "1"],
			[undefined, " 2"],
		],
	],
	["byte order mark", "\uFEFFdata: 1\n\n", [[undefined, "1"]]],
	["comments and other fields", ": ping\nid: 7\nretry: 5\ndata: 1\n\n: end\n\n", [[undefined, "1"]]],
	["several data lines", "data: 1\ndata: 2\n\n", [[undefined, "1\n2"]]],
	[
		"a last frame without its empty line",
		"data: 1\n\ndata: 2",
		[
			[undefined, "1"],
			[undefined, "2"],
		],
	],
	["a last line that ends in CR", "data: 1\r", [[undefined, "1"]]],
	["nothing", "", []],
])("%s", (_name, text, expected) => {
	expect(frames(text)).toEqual(expected);
});

test("bytes may be cut anywhere, also inside a character", () => {
	const whole = bytes('event: größe\r\ndata: {"text":"🦊 数 é"}\r\n\r\n: c\r\ndata: x\r\n\r\n');
	const expected = runStage(sseFrames(), [whole]);
	fc.assert(
		fc.property(fc.array(fc.nat(whole.length), { maxLength: 8 }), (cuts) => {
			const edges = [0, ...cuts.sort((left, right) => left - right), whole.length];
			const pieces = edges.slice(1).map((edge, index) => whole.subarray(edges[index], edge));
			expect(runStage(sseFrames(), pieces)).toEqual(expected);
		}),
	);
});
