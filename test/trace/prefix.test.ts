import { describe, expect, test } from "vitest";
import type { Target } from "../../src/profile/model/target.ts";
import type { MessageRequest, Tool, Usage } from "../../src/protocol/messages.ts";
import type { ExchangeRecord } from "../../src/trace/record/exchange-record.ts";
import { PrefixWatch } from "../../src/trace/record/prefix.ts";
import { makeTarget } from "../support/fixture.ts";

const price = { input: 2, cacheRead: 0.5 };
const target = makeTarget("openai-chat", { price });
const system = (text: string) => ({ role: "system", content: text });
const user = (text: string) => ({ role: "user", content: text });
const tools = [{ type: "function", function: { name: "Bash" } }];

function record(usage: Partial<Usage> = {}, more: Partial<ExchangeRecord> = {}): ExchangeRecord {
	return { purpose: "main", usage, ...more } as ExchangeRecord;
}

/** System prompt and tools of the request from which a body was made. */
function askedBy(body: { tools?: unknown; messages?: unknown[] }): Pick<MessageRequest, "system" | "tools"> {
	const [first] = (body.messages ?? []) as { content?: string }[];
	return { system: first?.content ?? "", tools: (body.tools ?? []) as Tool[] };
}

/** Compares a second body with a first. */
function breakOf(first: object, second: object, usage: Partial<Usage>[] = [], to: Target = target) {
	const watch = new PrefixWatch();
	expect(watch.compare(record(usage[0]), target, first as Record<string, unknown>, askedBy(first))).toBeUndefined();
	return watch.compare(record(usage[1]), to, second as Record<string, unknown>, askedBy(second));
}

describe("a request that continues the last one", () => {
	const before = { tools, messages: [system("s"), user("one")] };
	test.each([
		["the same", before],
		["longer", { tools, messages: [...before.messages, user("two")] }],
		["another limit", { ...before, max_tokens: 5 }],
		[
			"cache breakpoints moved",
			{ tools, messages: [{ ...system("s"), cache_control: { type: "ephemeral" } }, user("one")] },
		],
	])("%s", (_name, after) => expect(breakOf(before, after)).toBeUndefined());
});

test("a text that looks like a breakpoint is a text", () => {
	const before = { messages: [user('say ,"cache_control":{"a":1}')] };
	expect(breakOf(before, { messages: [user("say ")] })).toMatchObject({ place: "messages[0]" });
});

describe("a break", () => {
	test("in the billing line: where, and what it cost", () => {
		const line = (version: string) => system(`x-anthropic-billing-header: cc_version=${version}; end`);
		const usage = [
			{ input_tokens: 1000, cache_read_input_tokens: 9000 },
			{ input_tokens: 10_050, cache_read_input_tokens: 0 },
		];
		expect(
			breakOf({ messages: [line("aé1"), user("x")] }, { messages: [line("aé2"), user("x")] }, usage),
		).toMatchObject({
			place: "messages[0]",
			byte: Buffer.byteLength('{"role":"system","content":"x-anthropic-billing-header: cc_version=aé'),
			cause: "billing line",
			lostTokens: 10_000,
			lostCost: (10_000 * 1.5) / 1e6,
		});
	});

	test.each([
		[
			"tools",
			{ tools, messages: [] },
			{ tools: [...tools, { type: "function", function: { name: "Web" } }], messages: [] },
			"tools",
			"tools: +Web",
		],
		[
			"a date",
			{ messages: [system("today is 2026-01-01")] },
			{ messages: [system("today is 2026-01-02")] },
			"messages[0]",
			"a date or time",
		],
		[
			"a message",
			{ messages: [user("one"), user("b")] },
			{ messages: [user("one"), user("ccc")] },
			"messages[1]",
			"user message changed, 29 characters before, 31 now",
		],
		[
			"a shorter history",
			{ messages: [user("a"), user("b")] },
			{ messages: [user("a")] },
			"messages[1]",
			"the history is shorter",
		],
	])("in %s", (_name, first, second, place, cause) => {
		expect(breakOf(first, second)).toMatchObject({ place, cause });
	});

	test("by another model", () => {
		const body = { messages: [user("a")] };
		expect(breakOf(body, body, [], { ...target, model: "other" })).toMatchObject({ place: "model" });
	});

	test("without the provider's counts nothing is said about cost", () => {
		const found = breakOf({ messages: [user("a")] }, { messages: [user("b")] }, [
			{ input_tokens: 5 },
			{ input_tokens: 5 },
		]);
		expect(found).not.toHaveProperty("lostTokens");
	});
});

test("a part that Claude Code sent as before was changed by cc-any", () => {
	const asked = { system: "s", tools: [{ name: "Bash" }] };
	const changeOf = (now: Pick<MessageRequest, "system" | "tools">) => {
		const watch = new PrefixWatch();
		watch.compare(record(), target, { tools, messages: [system("s"), user("x")] }, asked);
		return watch.compare(record(), target, { tools: [], messages: [system("s"), user("x")] }, now);
	};
	expect(changeOf(asked)).toMatchObject({ place: "tools", part: "tools", isOurs: true });
	expect(changeOf({ system: "s", tools: [] })).not.toHaveProperty("isOurs");
});

test("conversations do not mix: each subagent, and the main one, has its own prefix", () => {
	const watch = new PrefixWatch();
	const compare = (more: Partial<ExchangeRecord>, text: string) =>
		watch.compare(record({}, more), target, { messages: [user(text)] }, {});
	compare({}, "main");
	compare({ purpose: "subagent", agent: "a1" }, "first agent");
	compare({ purpose: "subagent", agent: "a2" }, "second agent");
	expect(compare({ purpose: "title" }, "a title")).toBeUndefined();
	expect(compare({}, "main")).toBeUndefined();
	expect(compare({ purpose: "subagent", agent: "a1" }, "first agent")).toBeUndefined();
	expect(compare({ purpose: "compaction" }, "other")).toMatchObject({ place: "messages[0]" });
});

test("the six latest conversations are remembered, the least recently used one is forgotten", () => {
	const watch = new PrefixWatch();
	const compare = (agent: string, text: string) =>
		watch.compare(record({}, { purpose: "subagent", agent }), target, { messages: [user(text)] }, {});
	for (const agent of ["a", "b", "c", "d", "e", "f"]) compare(agent, agent);
	expect(compare("a", "a")).toBeUndefined();
	compare("g", "g");
	expect(compare("a", "changed")).toBeDefined();
	expect(compare("c", "changed")).toBeDefined();
	expect(compare("b", "changed")).toBeUndefined();
});

test.each([
	["openai-responses", "input", "instructions"],
	["gemini", "contents", "systemInstruction"],
	["anthropic", "messages", "system"],
] as const)("on %s the prompt is the tools, the system prompt and the conversation", (dialect, field, systemField) => {
	const wire = makeTarget(dialect, { price });
	const breakWith = (first: object, second: object) => {
		const watch = new PrefixWatch();
		watch.compare(record(), wire, first as Record<string, unknown>, askedBy(first));
		return watch.compare(record(), wire, second as Record<string, unknown>, askedBy(second));
	};
	const body = { [systemField]: "s", tools: [{ name: "Bash" }], [field]: [{ role: "user", a: 1 }] };
	expect(breakWith(body, { ...body, temperature: 1 })).toBeUndefined();
	expect(breakWith(body, { ...body, [systemField]: "t", [field]: [] })).toMatchObject({ place: systemField });
	const message = { role: "user", a: 2 };
	expect(breakWith(body, { ...body, [field]: [message] })).toMatchObject({
		place: `${field}[0]`,
		cause: "user message changed, 21 characters before, 21 now",
	});
	const changedTools = { ...body, tools: [{ name: "Read" }], [systemField]: "t" };
	expect(breakWith(body, changedTools)).toMatchObject({ place: "tools", cause: "tools: +Read -Bash" });
});
