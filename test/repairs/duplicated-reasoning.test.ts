import { expect, test } from "vitest";
import type { ContentBlock } from "../../src/protocol/messages.ts";
import { duplicatedReasoning } from "../../src/repairs/response/duplicated-reasoning.ts";
import { reply, text, thinking } from "../support/event-lines.ts";
import { runRepairs } from "../support/run-repair.ts";

const thought = "The user wants a number. I have to add two and two, which I know to be four. ".repeat(3).trim();

test.each<[string, ContentBlock[], ContentBlock[]]>([
	[
		"the reasoning again, and an answer",
		[thinking(thought), text(`${thought}\n\nFour.`)],
		[thinking(thought), text("Four.")],
	],
	[
		"white space around",
		[thinking(`\n${thought}\n`), text(`\n${thought}\nFour.`)],
		[thinking(`\n${thought}\n`), text("Four.")],
	],
	["nothing but the reasoning", [thinking(thought), text(`${thought}\n`)], [thinking(thought), text(`${thought}\n`)]],
	["a part of it", [thinking(thought), text(thought.slice(0, 150))], [thinking(thought), text(thought.slice(0, 150))]],
	[
		"it begins the same",
		[thinking(thought), text(`${thought.slice(0, 150)} No.`)],
		[thinking(thought), text(`${thought.slice(0, 150)} No.`)],
	],
	[
		"a thought of 200 characters",
		[thinking("a".repeat(200)), text(`${"a".repeat(200)} Four.`)],
		[thinking("a".repeat(200)), text("Four.")],
	],
	[
		"a thought of 199 characters",
		[thinking("a".repeat(199)), text(`${"a".repeat(199)} Four.`)],
		[thinking("a".repeat(199)), text(`${"a".repeat(199)} Four.`)],
	],
	["a short thought", [thinking("Four."), text("Four. It is four.")], [thinking("Four."), text("Four. It is four.")]],
])("%s", (_name, content, expected) => {
	for (const size of [0, 1, 2, 3, 7, 50, 300]) {
		const { content: blocks, notes } = runRepairs([duplicatedReasoning], reply(content, "end_turn", size));
		expect({ size, blocks }).toEqual({ size, blocks: expected });
		expect(notes.length).toBe(
			blocks.at(-1) === content.at(-1) || JSON.stringify(expected) === JSON.stringify(content) ? 0 : 1,
		);
	}
});
