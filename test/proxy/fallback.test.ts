import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { targetOf } from "../../src/profile/model/profile.ts";
import type { Target } from "../../src/profile/model/target.ts";
import { FallbackState } from "../../src/proxy/delivery/fallback.ts";
import type { Failure } from "../../src/upstream/failures/classify.ts";
import { sampleProfile } from "../support/sample-profile.ts";

const target = (name: string): Target => ({ ...targetOf(sampleProfile(), "sample-large"), profile: name });
const TARGETS: [Target, ...Target[]] = [target("first"), target("second"), target("third")];
const failure = (retryAfter?: number): Failure => ({ class: "rate-limit", message: "", status: 429, retryAfter });
const all = () => true;
const MINUTE_MS = 60_000;

beforeEach(() => {
	vi.useFakeTimers();
});
afterEach(() => {
	vi.useRealTimers();
});

describe("the order of targets", () => {
	test("is that of the profile, and has an end", () => {
		const route = new FallbackState().route(TARGETS, all);
		expect(route.current().profile).toBe("first");
		expect(route.next(failure())?.profile).toBe("second");
		expect(route.current().profile).toBe("second");
		expect(route.hasNext()).toBe(true);
		expect(route.next(failure())?.profile).toBe("third");
		expect(route.hasNext()).toBe(false);
		expect(route.next(failure())).toBeUndefined();
		expect(route.current().profile).toBe("third");
	});

	test("skips targets that the conversation does not fit", () => {
		const withoutSecond = new FallbackState().route(TARGETS, ({ profile }) => profile !== "second");
		expect(withoutSecond.next(failure())?.profile).toBe("third");
		const onlyFirst = new FallbackState().route(TARGETS, ({ profile }) => profile === "first");
		expect(onlyFirst.hasNext()).toBe(false);
		expect(onlyFirst.next(failure())).toBeUndefined();
	});
});

test("a fallback and its end are announced once, each when it has answered", () => {
	const state = new FallbackState();
	const answered = (ms: number, ...failures: number[]) => {
		vi.advanceTimersByTime(ms);
		const route = state.route(TARGETS, all);
		for (const seconds of failures) route.next(failure(seconds));
		const change = route.answered();
		return (
			change && [change.kind, change.target.profile, change.kind === "fallback" ? change.seconds : change.from.profile]
		);
	};
	expect(answered(0)).toBeUndefined();
	expect(answered(0, 8)).toEqual(["fallback", "second", 8]);
	expect(answered(7999)).toBeUndefined();
	// The first target is tried after 8 s, and fails again: nothing new to say.
	expect(answered(1, 8)).toBeUndefined();
	expect(answered(8000)).toEqual(["returned", "first", "second"]);
	expect(answered(0)).toBeUndefined();
	expect(answered(0, 8, 8)).toEqual(["fallback", "third", 8]);
});

describe("how long the next exchanges stay with a fallback", () => {
	const currentAfter = (state: FallbackState, ms: number) => {
		vi.advanceTimersByTime(ms);
		return state.route(TARGETS, all).current().profile;
	};

	test.each([
		["four minutes", undefined, 4 * MINUTE_MS],
		["as long as the provider named, where that is shorter", 20, 20_000],
		["as long as the provider named, where that is longer", 20 * 60, 20 * MINUTE_MS],
	])("%s", (_about, retryAfter, holdMs) => {
		const state = new FallbackState();
		state.route(TARGETS, all).next(failure(retryAfter));
		expect(currentAfter(state, holdMs - 1)).toBe("second");
		expect(currentAfter(state, 1)).toBe("first");
	});

	test("when a fallback fails too, the next one is used, and the time starts again", () => {
		const state = new FallbackState();
		state.route(TARGETS, all).next(failure());
		vi.advanceTimersByTime(3 * MINUTE_MS);
		state.route(TARGETS, all).next(failure());
		expect(currentAfter(state, 3 * MINUTE_MS)).toBe("third");
		expect(currentAfter(state, MINUTE_MS)).toBe("first");
	});

	test("a conversation that the fallback cannot take goes to the primary", () => {
		const state = new FallbackState();
		state.route(TARGETS, all).next(failure());
		expect(state.route(TARGETS, ({ profile }) => profile !== "second").current().profile).toBe("first");
		expect(state.route(TARGETS, all).current().profile).toBe("second");
	});
});
