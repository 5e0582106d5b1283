import { expect, test } from "vitest";
import type { MessageRequest } from "../../src/protocol/messages.ts";
import { EmptyTurns } from "../../src/proxy/empty-turns.ts";

const requestOf = (...contents: string[]): MessageRequest => ({
	model: "m",
	max_tokens: 9,
	messages: contents.map((content) => ({ role: "user", content })),
});

test("counts the empty turns of each request", () => {
	const turns = new EmptyTurns();
	expect(turns.countOf(requestOf("a"))).toBe(0);
	turns.add(requestOf("a"));
	turns.add(requestOf("a"));
	turns.add(requestOf("b"));
	expect(turns.countOf(requestOf("a"))).toBe(2);
	expect(turns.countOf(requestOf("b"))).toBe(1);
	expect(turns.countOf(requestOf("c"))).toBe(0);
});

test("the same words later in a conversation are another request", () => {
	const turns = new EmptyTurns();
	turns.add(requestOf("go on"));
	expect(turns.countOf(requestOf("hello", "go on"))).toBe(0);
});

test("remembers twenty requests, and forgets the one that was empty longest ago", () => {
	const turns = new EmptyTurns();
	for (let number = 0; number < 20; number++) turns.add(requestOf(`request ${number}`));
	turns.add(requestOf("request 0"));
	turns.add(requestOf("one more"));
	expect(turns.countOf(requestOf("request 0"))).toBe(2);
	expect(turns.countOf(requestOf("request 1"))).toBe(0);
	expect(turns.countOf(requestOf("request 2"))).toBe(1);
});
