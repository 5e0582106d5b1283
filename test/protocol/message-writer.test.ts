import { describe, expect, test } from "vitest";
import type { Divergence } from "../../src/protocol/divergence.ts";
import type { MessageEvent } from "../../src/protocol/events.ts";
import { grammarCheck } from "../../src/protocol/grammar.ts";
import { MessageWriter } from "../../src/protocol/message-writer.ts";
import { sink } from "../../src/protocol/stage.ts";

/** Runs a writer and gives what it wrote in short: `+text:0`, `"words"`, `-0`, `end:tool_use`. */
function write(run: (writer: MessageWriter) => void, usedIds: string[] = []) {
	const events: MessageEvent[] = [];
	const kinds: string[] = [];
	let minted = 0;
	const writer = new MessageWriter(
		sink((event) => events.push(event)),
		{
			model: "m",
			mintId: (prefix) => `${prefix}${++minted}`,
			usedIds: new Set(usedIds),
			note: ({ kind }: Divergence) => kinds.push(kind),
		},
	);
	run(writer);
	const check = grammarCheck();
	return { short: events.map(short), kinds, violations: events.map(check).filter(Boolean), events };
}

function short(event: MessageEvent): string {
	switch (event.type) {
		case "message_start":
			return `start:${event.message.id}`;
		case "content_block_start": {
			const { type, id } = event.content_block as { type: string; id?: string };
			return `+${type}:${event.index}${id === undefined ? "" : `:${id}`}`;
		}
		case "content_block_delta":
			return `"${Object.entries(event.delta).find(([field]) => field !== "type")?.[1]}"`;
		case "content_block_stop":
			return `-${event.index}`;
		case "message_delta":
			return `end:${event.delta.stop_reason}`;
		default:
			return event.type;
	}
}

describe("MessageWriter", () => {
	test("text, thinking and a call become blocks with counting indexes", () => {
		const { short: written, violations } = write((writer) => {
			writer.identify("msg_provider");
			writer.thinking("Hm.");
			writer.text("Hi ");
			writer.text("there.");
			writer.toolUse(0, { id: "c1", name: "Bash", json: "{}" });
			writer.finish("tool_use", {});
		});
		expect(written).toEqual([
			"start:msg_provider",
			"+thinking:0",
			'"Hm."',
			"-0",
			"+text:1",
			'"Hi "',
			'"there."',
			"-1",
			"+tool_use:2:c1",
			'"{}"',
			"-2",
			"end:tool_use",
			"message_stop",
		]);
		expect(violations).toEqual([]);
	});

	test("nothing is written before there is something to say", () => {
		expect(write((writer) => writer.text("")).short).toEqual([]);
	});

	test("a second call waits until the first is complete, and may then go on", () => {
		const { short: written } = write((writer) => {
			writer.toolUse(0, { id: "c1", name: "A", json: "{" });
			writer.toolUse(1, { id: "c2", name: "B", json: "{" });
			writer.closeTool(0);
			writer.toolUse(1, { json: "}" });
			writer.finish("tool_use", {});
		});
		expect(written.slice(1)).toEqual([
			"+tool_use:0:c1",
			'"{"',
			"-0",
			"+tool_use:1:c2",
			'"{"',
			'"}"',
			"-1",
			"end:tool_use",
			"message_stop",
		]);
	});

	test("what comes for a call that is closed is noted, not lost in silence", () => {
		const { kinds, violations } = write((writer) => {
			writer.toolUse(0, { id: "c1", name: "A", json: "{}" });
			writer.closeTool(0);
			writer.toolUse(0, { json: "late" });
			writer.finish("tool_use", {});
		});
		expect(kinds).toEqual(["late-tool-input"]);
		expect(violations).toEqual([]);
	});

	test("text, thinking and signature that come inside a call are written after the calls, in order", () => {
		const { short: written, kinds } = write((writer) => {
			writer.toolUse(0, { id: "c1", name: "A", json: "{" });
			writer.thinking("Hm.");
			writer.signature("sig");
			writer.text("Hi.");
			writer.toolUse(0, { json: "}" });
			writer.finish("tool_use", {});
		});
		expect(written.slice(1)).toEqual([
			"+tool_use:0:c1",
			'"{"',
			'"}"',
			"-0",
			"+thinking:1",
			'"Hm."',
			'"sig"',
			"-1",
			"+text:2",
			'"Hi."',
			"-2",
			"end:tool_use",
			"message_stop",
		]);
		expect(kinds).toEqual(["thinking-after-tool-call", "text-after-tool-call"]);
	});

	test("white space after the last call is dropped, and noted", () => {
		const { short: written, kinds } = write((writer) => {
			writer.toolUse(0, { id: "c1", name: "A" });
			writer.text("\n");
			writer.finish("tool_use", {});
		});
		expect(written).not.toContain("+text:1");
		expect(kinds).toEqual(["text-after-tool-call"]);
	});

	test("an id of the conversation, or of this reply, is given out only once", () => {
		const { short: written, kinds } = write(
			(writer) => {
				writer.toolUse(0, { id: "old", name: "A" });
				writer.toolUse(1, { id: "new", name: "A" });
				writer.toolUse(2, { id: "new", name: "A" });
				writer.finish("tool_use", {});
			},
			["old"],
		);
		const ids = written.filter((line) => line.startsWith("+tool_use")).map((line) => line.split(":")[2]);
		expect(ids).toEqual([expect.stringMatching(/^toolu_\d$/), "new", expect.stringMatching(/^toolu_\d$/)]);
		expect(new Set(ids).size).toBe(3);
		expect(kinds).toEqual(["repeated-tool-call-id", "repeated-tool-call-id"]);
	});

	test("the stop reason follows from the blocks", () => {
		const call = write((writer) => {
			writer.toolUse(0, { id: "c1", name: "A" });
			writer.finish("end_turn", {});
		});
		expect(call.short).toContain("end:tool_use");
		const words = write((writer) => {
			writer.text("Hi.");
			writer.finish("tool_use", {});
		});
		expect(words.short).toContain("end:end_turn");
		const cut = write((writer) => {
			writer.toolUse(0, { id: "c1", name: "A" });
			writer.finish("max_tokens", {});
		});
		expect(cut.short).toContain("end:max_tokens");
	});

	test("the last event always carries output_tokens", () => {
		const { events } = write((writer) => {
			writer.startUsage({ input_tokens: 9, output_tokens: 1 });
			writer.text("Hi.");
			writer.finish("end_turn", { input_tokens: 9 });
		});
		expect(events.find((event) => event.type === "message_delta")).toMatchObject({
			usage: { input_tokens: 9, output_tokens: 1 },
		});
	});
});
