import { describe, expect, test } from "vitest";
import { asObject } from "../../src/platform/json.ts";
import { grammarCheck } from "../../src/protocol/grammar.ts";
import { MessageCollector, messageEvents } from "../../src/protocol/message-events.ts";
import type { Title } from "../../src/trace/fixture/case-file.ts";
import type { Decoded } from "../support/fixture.ts";
import { decodeReply, encodeCount, encodeFixture, loadFixtures, pretty } from "../support/fixture.ts";

/** Replies up to this size are cut at every byte, larger ones at a spread of places. */
const SMALL = 3000;

describe.each(loadFixtures().map((fixture) => [fixture.name, fixture] as const))("%s", (_name, fixture) => {
	const { goldens, reply } = fixture;

	// Compared as text, so that the order of the keys counts.
	function expectJson(title: Title, actual: unknown): void {
		expect(pretty(actual)).toBe(pretty(goldens.expectedJson(title, actual)));
	}

	function expectDivergences(title: Title, actual: readonly unknown[]): void {
		expect(pretty(actual)).toBe(pretty(goldens.expectedLines(title, actual)));
	}

	test("says where it comes from", () => {
		expect(fixture.about).toMatch(/\b(recorded|reduced|invented)\b/);
	});

	test("request", () => {
		const { upstream, divergences } = encodeFixture(fixture);
		const { path, headers, body, toolNames } = upstream;
		const names = toolNames.size > 0 && { toolNames: Object.fromEntries(toolNames) };
		expectJson("upstream request", { path, headers, body, ...names });
		expectDivergences("request divergences", divergences);
	});

	if (goldens.has("count reply")) {
		test("token count", () => {
			const { path, body } = encodeCount(fixture);
			const count = fixture.dialect.tokenCounter?.read(asObject(goldens.json("count reply")));
			expectJson("upstream count", { path, body, count });
		});
	}

	if (!reply) return;

	test("reply", () => {
		const whole = decodeReply(fixture, reply);
		expect(pretty(whole.events)).toBe(pretty(goldens.expectedEvents(whole.events)));
		expectJson("message", whole.failure ? undefined : whole.message);
		expectJson("failure", whole.failure);
		expectDivergences("divergences", whole.divergences);
	});

	test("reply is well-formed, and says the same when it is replayed", () => {
		const whole = decodeReply(fixture, reply);
		expect(violations(whole)).toEqual([]);
		if (!whole.message) return;
		const collector = new MessageCollector();
		for (const event of messageEvents(whole.message)) collector.push(event);
		expect(collector.message).toEqual(whole.message);
	});

	if (!reply.isStream) return;

	test("reply cut anywhere", () => {
		const { bytes } = reply;
		const whole = decodeReply(fixture, reply);
		const step = bytes.length <= SMALL ? 1 : Math.ceil(bytes.length / 200);
		for (let cut = 1; cut < bytes.length; cut += step) expect(decodeReply(fixture, reply, [cut])).toEqual(whole);
		const everyByte = Array.from({ length: bytes.length - 1 }, (_value, index) => index + 1);
		expect(decodeReply(fixture, reply, everyByte)).toEqual(whole);
	});
});

function violations({ events, failure }: Decoded): string[] {
	const check = grammarCheck();
	const found = events.map(check).filter((violation) => violation !== undefined);
	if (!failure && events.at(-1)?.type !== "message_stop") found.push("no message_stop at the end");
	return found;
}
