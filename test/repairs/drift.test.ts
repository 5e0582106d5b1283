import { describe, expect, test } from "vitest";
import type { Divergence } from "../../src/protocol/divergence.ts";
import type { MessageRequest, Usage } from "../../src/protocol/messages.ts";
import { DriftWatch, type Turn, turnOf } from "../../src/repairs/loops/drift.ts";

const GOOD: Turn = { isRepaired: false, isError: false, isRepeated: false, cached: undefined };

/** Ten turns, the first `bad` of them repaired. */
function tenTurns(bad: number): Turn[] {
	return Array.from({ length: 10 }, (_, index) => ({ ...GOOD, isRepaired: index < bad }));
}

function tenCached(...shares: (number | undefined)[]): Turn[] {
	return Array.from({ length: 10 }, (_, index) => ({ ...GOOD, cached: shares[index % shares.length] }));
}

function observeAll(...turns: Turn[]): (Divergence | undefined)[] {
	const watch = new DriftWatch();
	return turns.map((turn) => watch.observe(turn));
}

describe("bad turns", () => {
	test.each([
		{ before: 0, now: 6, isDrift: true },
		{ before: 1, now: 6, isDrift: true },
		{ before: 2, now: 6, isDrift: true },
		{ before: 3, now: 6, isDrift: false },
		{ before: 0, now: 5, isDrift: false },
		{ before: 6, now: 10, isDrift: true },
		{ before: 7, now: 10, isDrift: false },
		{ before: 0, now: 0, isDrift: false },
	])("$before of ten, then $now of ten: drift $isDrift", ({ before, now, isDrift }) => {
		expect(observeAll(...tenTurns(before), ...tenTurns(now)).at(-1) !== undefined).toBe(isDrift);
	});

	test("are compared with all turns before the last ten", () => {
		const seen = observeAll(...tenTurns(0), ...tenTurns(2), ...tenTurns(6).reverse()).at(-1);
		expect(seen?.seen).toBe("6 of the last 10 turns were repaired, failed or repeated; 10 % before");
	});

	test("errors and repeated calls count as repairs do", () => {
		const turns = tenTurns(4);
		turns[8] = { ...GOOD, isError: true };
		turns[9] = { ...GOOD, isRepeated: true };
		expect(observeAll(...tenTurns(0), ...turns).at(-1)?.kind).toBe("drift");
	});

	test("are reported from the twentieth turn on, and once", () => {
		const found = observeAll(...tenTurns(0), ...tenTurns(10), ...tenTurns(10));
		expect(found.map((divergence) => divergence !== undefined).indexOf(true)).toBe(19);
		expect(found.filter(Boolean)).toHaveLength(1);
	});
});

describe("a prompt cache that no longer hits", () => {
	test.each([
		{ before: 0.5, now: 0.1, isDrift: true },
		{ before: 0.49, now: 0, isDrift: false },
		{ before: 0.9, now: 0.11, isDrift: false },
	])("$before of the prompt, then $now: drift $isDrift", ({ before, now, isDrift }) => {
		expect(observeAll(...tenCached(before), ...tenCached(now)).at(-1) !== undefined).toBe(isDrift);
	});

	test("is seen where five of ten turns have a figure", () => {
		const half = tenCached(0, undefined);
		expect(observeAll(...tenCached(0.9), ...half).at(-1)?.seen).toMatch(/held 90 % .* now holds 0 %/);
		const four = [...half.slice(0, 9).with(0, GOOD), GOOD];
		expect(observeAll(...tenCached(0.9), ...four).at(-1)).toBeUndefined();
	});
});

describe("a turn", () => {
	const tools = [{ name: "Bash", input_schema: { type: "object" } }];
	const call = (id: string) => ({ type: "tool_use" as const, id, name: "Bash", input: { command: "ls" } });
	const request = (...messages: MessageRequest["messages"]): MessageRequest =>
		({ model: "m", max_tokens: 1, tools, messages }) as MessageRequest;
	const divergence = (kind: string): Divergence => ({ kind, where: "response", seen: "", done: "" });
	const turn = (usage?: Partial<Usage>) => turnOf(request({ role: "user", content: "Go." }), [], usage);

	test("of a request without tools is none", () => {
		expect(turnOf({ ...request(), tools: [] }, [], undefined)).toBeUndefined();
	});

	test.each([
		["leaked-tool-call", true],
		["tool-input", true],
		["tool-call-name", true],
		["control-token", true],
		["empty-turn", true],
		["repeated-call", true],
		["max-tokens", false],
	])("with a divergence %s is repaired: %s", (kind, isRepaired) => {
		expect(turnOf(request(), [divergence("retry"), divergence(kind)], undefined)?.isRepaired).toBe(isRepaired);
	});

	test("has an error where the last message has the result of a failed call", () => {
		const result = (is_error: boolean) => ({
			role: "user" as const,
			content: [{ type: "tool_result" as const, tool_use_id: "a", content: "x", is_error }],
		});
		const asked = { role: "assistant" as const, content: [call("a")] };
		expect(turnOf(request(asked, result(true)), [], undefined)?.isError).toBe(true);
		expect(turnOf(request(asked, result(false)), [], undefined)?.isError).toBe(false);
		const later = [
			{ role: "assistant" as const, content: "Hm." },
			{ role: "user" as const, content: "Go on." },
		];
		expect(turnOf(request(asked, result(true), ...later), [], undefined)?.isError).toBe(false);
	});

	test("knows which part of the prompt came from the cache", () => {
		expect(turn({ input_tokens: 20, cache_read_input_tokens: 60, cache_creation_input_tokens: 20 })?.cached).toBe(0.6);
		expect(turn({ cache_read_input_tokens: 60 })?.cached).toBe(1);
		expect(turn({ input_tokens: 20 })?.cached).toBeUndefined();
		expect(turn({ input_tokens: 0, cache_read_input_tokens: 0 })?.cached).toBeUndefined();
		expect(turn()?.cached).toBeUndefined();
	});
});
