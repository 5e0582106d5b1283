import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { grammarCheck } from "../../src/protocol/grammar.ts";
import { MessageCollector, messageEvents } from "../../src/protocol/message-events.ts";
import {
	type Decoded,
	decodeReply,
	encodeCount,
	encodeFixture,
	type Fixture,
	golden,
	hasCount,
	loadFixtures,
	pretty,
	replyOf,
} from "../support/fixture.ts";

/** Replies up to this size are cut at every byte, larger ones at a spread of places. */
const SMALL = 3000;

describe.each(loadFixtures().map((fixture) => [fixture.name, fixture] as const))("%s", (_name, fixture) => {
	test("says where it comes from", () => {
		expect(readFileSync(join(fixture.folder, "about.md"), "utf8")).toMatch(/\b(recorded|reduced|invented)\b/);
	});

	test("request", () => {
		const { upstream, divergences } = encodeFixture(fixture);
		const { path, headers, body, toolNames } = upstream;
		const actual = pretty({
			path,
			headers,
			body,
			...(toolNames.size > 0 && { toolNames: Object.fromEntries(toolNames) }),
		});
		expect(actual).toBe(golden(fixture, "upstream-request.json", actual));
		expectDivergences(fixture, "request-divergences.json", divergences);
	});

	if (hasCount(fixture)) {
		test("token count", () => {
			const { path, body } = encodeCount(fixture);
			const count = fixture.dialect.tokenCounter?.read(
				JSON.parse(readFileSync(join(fixture.folder, "count-reply.json"), "utf8")),
			);
			const actual = pretty({ path, body, count });
			expect(actual).toBe(golden(fixture, "upstream-count.json", actual));
		});
	}

	const reply = replyOf(fixture);
	if (!reply) return;

	test("reply", () => {
		const whole = decodeReply(fixture, reply);
		const lines = whole.events.map((event) => `${JSON.stringify(event)}\n`).join("");
		expect(lines).toBe(golden(fixture, "events.jsonl", lines));
		const message = pretty(whole.failure ?? whole.message);
		const file = whole.failure ? "failure.json" : "message.json";
		expect(message).toBe(golden(fixture, file, message));
		expectDivergences(fixture, "divergences.json", whole.divergences);
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

/** A file of divergences stands beside a fixture only where there are any. */
function expectDivergences(fixture: Fixture, file: string, divergences: readonly unknown[]): void {
	const actual = divergences.length === 0 ? undefined : pretty(divergences);
	expect(actual).toBe(golden(fixture, file, actual));
}

function violations({ events, failure }: Decoded): string[] {
	const check = grammarCheck();
	const found = events.map(check).filter((violation) => violation !== undefined);
	if (!failure && events.at(-1)?.type !== "message_stop") found.push("no message_stop at the end");
	return found;
}
