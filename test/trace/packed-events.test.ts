import { expect, test } from "vitest";
import type { MessageEvent } from "../../src/protocol/events.ts";
import { packEvents, redactPacked, unpackEvents } from "../../src/trace/record/packed-events.ts";
import { Redactor } from "../../src/trace/record/redact.ts";
import { loadFixtures } from "../support/fixture.ts";

test("every event of every fixture comes back as it was", () => {
	const replies = loadFixtures().filter(({ reply }) => reply);
	expect(replies.length).toBeGreaterThan(60);
	for (const { name, goldens } of replies) {
		const events = goldens.events();
		expect(unpackEvents(packEvents(events)), name).toEqual(events);
	}
});

test("a delta with a field that is not known here stays whole", () => {
	const odd = { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "a", extra: 1 } };
	const event = odd as unknown as MessageEvent;
	expect(packEvents([event])).toEqual([event]);
});

test("a secret in pieces is taken out of the packed texts", () => {
	const text = (piece: string): MessageEvent => ({
		type: "content_block_delta",
		index: 0,
		delta: { type: "text_delta", text: piece },
	});
	const packed = packEvents([text("my se"), text("cret-"), text("value!")]);
	expect(packed).toHaveLength(1);
	expect(unpackEvents([...redactPacked(packed, new Redactor(["secret-value"]))])).toEqual([
		text("my [redacted]"),
		text(""),
		text("!"),
	]);
});
