import { describe, expect, test } from "vitest";
import { targetOf } from "../../src/profile/model/profile.ts";
import type { Divergence } from "../../src/protocol/divergence.ts";
import type { MessageParam } from "../../src/protocol/messages.ts";
import { DriftWatch, turnOf } from "../../src/repairs/loops/drift.ts";
import { endLoop } from "../../src/repairs/loops/end-loop.ts";
import { repeatedCalls } from "../../src/repairs/request/repeated-calls.ts";
import { testProfile } from "../support/profile.ts";
import { readTraces } from "../support/read-traces.ts";
import { sampleRequest } from "../support/run-repair.ts";

const HEALTHY = readTraces(new URL("traces/healthy.txt", import.meta.url));
const LOOPING = readTraces(new URL("traces/looping.txt", import.meta.url));
const TARGET = targetOf(testProfile("http://127.0.0.1:9"), "test-model");

/** What the guards note in a session, request by request. */
function guarded(messages: readonly MessageParam[]): string[] {
	const notes: Divergence[] = [];
	const context = {
		target: TARGET,
		mintId: (prefix: string) => `${prefix}1`,
		note: (one: Divergence) => notes.push(one),
	};
	const drift = new DriftWatch();
	for (let end = 1; end <= messages.length; end++) {
		if (messages[end - 1]?.role !== "user") continue;
		const request = { ...sampleRequest, messages: messages.slice(0, end) };
		endLoop(request, TARGET, context);
		repeatedCalls.apply(request, context);
		const turn = turnOf(request, [], undefined);
		const found = turn && drift.observe(turn);
		if (found) notes.push(found);
	}
	return [...new Set(notes.map(({ kind }) => kind))].sort();
}

test("the corpus is large enough to mean something", () => {
	expect(HEALTHY.length).toBeGreaterThanOrEqual(40);
	expect(LOOPING.length).toBeGreaterThanOrEqual(25);
});

describe("a healthy session is not touched", () => {
	test.each(HEALTHY)("$name", ({ messages }) => {
		expect(guarded(messages)).toEqual([]);
	});
});

describe("a loop is reminded, then ended", () => {
	test.each(LOOPING)("$name", ({ messages }) => {
		expect(guarded(messages)).toEqual(expect.arrayContaining(["loop-ended", "repeated-call"]));
	});
});

test("a reminder depends only on the turns before it, so that it is sent the same in every later request", () => {
	for (const { messages } of LOOPING) {
		const context = { target: TARGET, mintId: (prefix: string) => `${prefix}1`, note: () => {} };
		const whole = repeatedCalls.apply({ ...sampleRequest, messages }, context).messages;
		const half = messages.slice(0, Math.ceil(messages.length / 4) * 2 + 1);
		expect(whole.slice(0, half.length)).toEqual(
			repeatedCalls.apply({ ...sampleRequest, messages: half }, context).messages,
		);
	}
});
