import { expect, test } from "vitest";
import type { MessageEvent } from "../../src/protocol/events.ts";
import type { ContentBlock, Usage } from "../../src/protocol/messages.ts";
import { missingUsage } from "../../src/repairs/response/missing-usage.ts";
import { call, reply, text, thinking } from "../support/event-lines.ts";
import { runRepairs } from "../support/run-repair.ts";

/** The last counts of a reply whose first and last event state these. */
function usageOf(first: Partial<Usage>, last: Partial<Usage>, content: ContentBlock[] = [text("four words of text")]) {
	const events = reply(content).map((event): MessageEvent => {
		if (event.type === "message_start") return { ...event, message: { ...event.message, usage: first as Usage } };
		return event.type === "message_delta" ? { ...event, usage: last as Usage } : event;
	});
	const { events: out, notes } = runRepairs([missingUsage], events);
	const delta = out.find((event) => event.type === "message_delta");
	return { usage: delta?.usage, isSame: out.every((event, index) => event === events[index]), notes };
}

test.each<[string, Partial<Usage>, Partial<Usage>]>([
	["at the end", { input_tokens: 0, output_tokens: 0 }, { input_tokens: 7, output_tokens: 8 }],
	["at both ends", { input_tokens: 7, output_tokens: 0 }, { output_tokens: 8 }],
	["of cached tokens alone", { input_tokens: 0, output_tokens: 0 }, { cache_read_input_tokens: 7, output_tokens: 8 }],
	[
		"of tokens that were cached now",
		{ input_tokens: 0, output_tokens: 0 },
		{ cache_creation_input_tokens: 7, output_tokens: 8 },
	],
])("counts %s stay", (_name, first, last) => {
	expect(usageOf(first, last)).toMatchObject({ usage: last, isSame: true, notes: [] });
});

test("the count of the output is estimated by all that was written", () => {
	const estimated = (...content: ContentBlock[]) =>
		usageOf({ input_tokens: 7, output_tokens: 0 }, { output_tokens: 0 }, content).usage;
	expect(estimated(text("one two"))).toEqual({ output_tokens: 2, estimated: true });
	const all = estimated(thinking("one two"), text("three four"), call("Bash", { command: "ls" }));
	expect(all?.output_tokens).toBeGreaterThan(5);
	expect(estimated()).toEqual({ output_tokens: 0 });
});

test("the count of the input is estimated by the request", () => {
	const { usage, notes } = usageOf({ input_tokens: 0, output_tokens: 0 }, { output_tokens: 8 });
	expect(usage).toMatchObject({ output_tokens: 8, estimated: true });
	expect(usage?.["input_tokens"]).toBeGreaterThan(50);
	expect(notes).toEqual([
		{
			kind: "missing-usage",
			where: "response.usage",
			seen: '{"output_tokens":8}',
			done: `estimated {"input_tokens":${usage?.["input_tokens"]}}`,
		},
	]);
});
