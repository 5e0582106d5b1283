import { expect, test } from "vitest";
import { multiToolUse } from "../../src/repairs/response/multi-tool-use.ts";
import { toolInput } from "../../src/repairs/response/tool-input.ts";
import { call, reply, text } from "../support/event-lines.ts";
import { runRepairs } from "../support/run-repair.ts";

const parallel = (tool_uses: unknown, name = "multi_tool_use.parallel") =>
	reply([text("I look."), call(name, { tool_uses } as never)], "tool_use");

const USES = [
	{ recipient_name: "functions.Read", parameters: { file_path: "/a" } },
	{ recipient_name: "functions.Bash", parameters: { command: "ls" } },
];

test.each(["multi_tool_use.parallel", "multi_tool_use_parallel"])("%s becomes the calls in it", (name) => {
	const { content, notes, events } = runRepairs([multiToolUse, toolInput], parallel(USES, name));
	expect(content).toMatchObject([
		{ type: "text" },
		{ type: "tool_use", name: "Read", input: { file_path: "/a" } },
		{ type: "tool_use", name: "Bash", input: { command: "ls" } },
	]);
	const ids = content.flatMap((block) => ("id" in block ? [block.id] : []));
	expect(new Set(ids).size).toBe(2);
	expect(notes[0]).toMatchObject({ kind: "multi-tool-use", data: { toolCalls: ids } });
	expect(
		events.filter(({ type }) => type === "content_block_start").map((event) => "index" in event && event.index),
	).toEqual([0, 1, 2]);
});

test.each([
	["no list", "Read"],
	["an empty list", []],
	["a call without a name", [{ parameters: {} }]],
])("%s: the call passes as it is", (_name, uses) => {
	const events = parallel(uses);
	const { events: out, notes } = runRepairs([multiToolUse], events);
	expect(out).toEqual(events);
	expect(notes).toEqual([]);
});
