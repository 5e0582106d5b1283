import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Failure } from "../../src/upstream/failures/classify.ts";
import type { FailureClass } from "../../src/upstream/failures/table.ts";
import { type SentAttempt, TargetHealth } from "../../src/upstream/resilience/target-health.ts";

const failureOf = (failureClass: FailureClass, retryAfter?: number): Failure => ({
	class: failureClass,
	message: failureClass,
	status: 0,
	retryAfter,
});
const SECOND_MS = 1000;

/** A target in virtual time, in milliseconds. Without jitter, unless it is given. */
class Target {
	readonly health: TargetHealth;
	now = 0;
	constructor(jitter = 0.5) {
		this.health = new TargetHealth(() => jitter);
	}
	send(request: string): SentAttempt {
		return this.health.sent(() => request, this.now);
	}
	succeed(attempt: SentAttempt): void {
		this.health.succeeded(attempt, this.now);
	}
	fail(attempt: SentAttempt, failureClass: FailureClass = "transient", retryAfter?: number): void {
		this.health.failed(attempt, failureOf(failureClass, retryAfter), this.now);
	}
	/** A request that is refused or answered at once. */
	refuse(request: string, failureClass?: FailureClass, retryAfter?: number): void {
		this.fail(this.send(request), failureClass, retryAfter);
	}
	answer(request: string): void {
		this.succeed(this.send(request));
	}
	/** How long the next request of this body waits, in milliseconds. */
	wait(request = "another"): number {
		const at = Math.max(
			this.health.readyAt(this.now, () => request),
			this.health.pausedUntil(() => request),
		);
		return Math.max(0, at - this.now);
	}
	/** Waits for its turn, and is refused. */
	probe(request: string): number {
		const waited = this.wait(request);
		this.now += waited;
		this.refuse(request);
		return waited;
	}
}

describe("evidence", () => {
	test("one failing request holds no other one back, however often it fails", () => {
		const target = new Target();
		for (let count = 0; count < 20; count++) {
			target.refuse("broken");
			expect(target.wait()).toBe(0);
			target.now += 15 * SECOND_MS;
		}
	});

	test("a blip that cuts eight replies is one event: one request finds out after 0.4 s", () => {
		const target = new Target();
		const cut = Array.from({ length: 8 }, (_, index) => target.send(`reply ${index}`));
		for (const attempt of cut) target.succeed(attempt);
		target.now = 100;
		for (const attempt of cut) target.fail(attempt, "network");
		expect(target.wait()).toBe(400);
		target.now += 400;
		const probe = target.send("another");
		expect(target.wait()).toBe(150);
		target.fail(probe, "network");
		expect(target.wait()).toBe(1050);
	});

	test("after a blip all go as soon as one connection holds for a moment", () => {
		const target = new Target();
		for (const name of ["a", "b"]) target.refuse(name, "network");
		target.now += 400;
		target.send("probe");
		target.now += 150;
		for (let index = 0; index < 8; index++) {
			expect(target.wait()).toBe(0);
			target.send(`waiting ${index}`);
		}
	});

	test.each([
		[100, 300],
		[10, 150],
		[10_000, 2000],
	])("after error statuses within %d ms all go when one is answered, or under way for %d ms", (refusedMs, heldMs) => {
		for (const isAnswered of [true, false]) {
			const target = new Target();
			const refused = ["a", "b"].map((name) => target.send(name));
			target.now += refusedMs;
			for (const attempt of refused) target.fail(attempt);
			target.now += 400;
			const probe = target.send("probe");
			expect(target.wait()).toBe(heldMs);
			if (isAnswered) target.succeed(probe);
			else target.now += heldMs;
			for (let index = 0; index < 8; index++) {
				expect(target.wait()).toBe(0);
				target.send(`waiting ${index}`);
			}
		}
	});

	test("a probe that is slow, not refused, holds nobody back", () => {
		const target = new Target();
		for (const name of ["a", "b"]) target.refuse(name);
		target.now += 400;
		target.send("slow");
		target.now += 2000;
		expect(target.wait()).toBe(0);
	});

	test("a target that fails four times in ten is not down after four failures in a row; one that never fails is", () => {
		const down = (usual: readonly boolean[]): boolean => {
			const target = new Target();
			for (const [index, isGood] of usual.entries()) {
				target.now += SECOND_MS;
				if (isGood) target.answer(`${index}`);
				else target.refuse(`${index}`);
			}
			target.answer("fine");
			for (const name of ["a", "b", "c", "d"]) {
				target.now += 600;
				target.refuse(name);
			}
			return target.wait() > 400;
		};
		expect(down(Array(100).fill(true))).toBe(true);
		expect(down(Array.from({ length: 100 }, (_, index) => index % 5 > 1))).toBe(false);
	});

	test("an outage is soon forgotten", () => {
		const target = new Target();
		for (let count = 0; count < 12; count++) target.probe(`request ${count % 6}`);
		target.now += target.wait();
		for (let count = 0; count < 60; count++) target.answer(`back ${count}`);
		for (const name of ["a", "b"]) target.refuse(name);
		expect(target.wait()).toBe(400);
	});
});

describe("a target that is down", () => {
	const outage = () => {
		const target = new Target();
		for (let index = 0; index < 6; index++) target.refuse(`request ${index}`);
		return target;
	};

	test("is probed after 1, 2, 4, 8 and then every 15 s, by one request", () => {
		const target = outage();
		const waits = Array.from({ length: 7 }, (_, index) => target.probe(`new ${index}`));
		expect(waits).toEqual([1050, 2100, 4200, 8400, 15_000, 15_000, 15_000]);
	});

	test("is probed sooner where it was down only for a moment the last time", () => {
		const target = outage();
		target.now += target.wait();
		target.answer("back");
		for (let index = 0; index < 8; index++) {
			target.now += 500;
			target.refuse(`request ${index}`);
			if (target.wait() > 400) break;
		}
		expect(target.wait()).toBe(525);
	});

	test("a client that disconnects during its probe lets the next one probe", () => {
		const target = outage();
		target.now += 1050;
		target.health.released(target.send("gone"));
		expect(target.wait()).toBe(0);
	});

	test("opens with a growing number of requests", () => {
		const target = outage();
		for (let count = 0; count < 3; count++) target.probe(`new ${count}`);
		target.now += target.wait();
		target.answer("back");
		const first = [1, 2, 3].map((index) => target.send(`first ${index}`));
		expect(target.wait()).toBe(150);
		for (const attempt of first) target.succeed(attempt);
		for (let index = 0; index < 6; index++) {
			expect(target.wait()).toBe(0);
			target.send(`second ${index}`);
		}
		expect(target.wait()).toBeGreaterThan(0);
	});

	test("a reply to an earlier request shows that it is not", () => {
		const target = new Target();
		const early = target.send("early");
		for (let index = 0; index < 6; index++) target.refuse(`request ${index}`);
		expect(target.wait()).toBe(1050);
		target.succeed(early);
		expect(target.wait()).toBeLessThanOrEqual(400);
	});
});

describe("poison", () => {
	test("pauses alone, 10 s at last, and its failures say nothing about the target", () => {
		const target = new Target();
		const pauses = Array.from({ length: 8 }, (_, index) => {
			target.now += target.wait("poison");
			target.refuse("poison");
			target.answer(`healthy ${index}`);
			expect(target.wait()).toBe(0);
			return target.wait("poison");
		});
		expect(pauses).toEqual([250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
	});

	test("its Retry-After is its own, too: a request that is too large for the limit does not hold the others", () => {
		const target = new Target();
		target.refuse("large", "rate-limit");
		target.now += 10;
		target.answer("small");
		target.refuse("large", "rate-limit", 60);
		expect(target.wait("small")).toBe(0);
		expect(target.wait("large")).toBe(60_000);
		expect(target.health.failureFor(() => "large", target.now).retryAfter).toBe(60);
	});

	test("the same request of several clients is sent once at a time after a failure", () => {
		const target = new Target();
		target.refuse("same");
		target.now += target.wait("same");
		target.send("same");
		expect(target.wait("same")).toBe(2000);
		expect(target.wait("another")).toBe(0);
	});

	test("a success ends its pauses", () => {
		const target = new Target();
		target.refuse("unlucky");
		target.now += target.wait("unlucky");
		target.answer("unlucky");
		expect(target.wait("unlucky")).toBe(0);
	});
});

describe("a provider's own wait", () => {
	test.each(["rate-limit", "overloaded"] as const)("%s: is kept, then all go at once", (name) => {
		const target = new Target();
		target.refuse("first", name, 5);
		expect(target.wait()).toBe(5000);
		target.now += 5000;
		for (let index = 0; index < 6; index++) {
			expect(target.wait()).toBe(0);
			target.send(`waiting ${index}`);
		}
	});

	test("a shorter one does not end a longer one", () => {
		const target = new Target();
		target.refuse("a", "rate-limit", 40);
		target.refuse("c", "rate-limit", 2);
		target.refuse("b", "network");
		expect(target.wait()).toBe(40_000);
	});

	test("of an hour is kept for ten minutes, then one request finds out; the rest of the hour is reported", () => {
		const target = new Target();
		target.refuse("first", "rate-limit", 3600);
		expect(target.wait()).toBe(600_000);
		target.now += 600_000;
		expect(target.health.failureFor(() => "another", target.now).retryAfter).toBe(3000);
		const probe = target.send("probe");
		expect(target.wait()).toBe(2000);
		target.succeed(probe);
		expect(target.wait()).toBe(0);
	});

	test.each(["auth", "bad-request", "quota", "generation-failed"] as const)(
		"a failure of class %s holds nobody",
		(name) => {
			const target = new Target();
			target.refuse("a", name, 60);
			target.refuse("b", name, 60);
			expect(target.wait()).toBe(0);
		},
	);
});

describe("a wait that the provider named among successes", () => {
	/** A target that has just answered twenty requests. */
	const answering = () => {
		const target = new Target();
		for (let index = 0; index < 20; index++) target.answer(`${index}`);
		return target;
	};

	test.each(["rate-limit", "overloaded"] as const)("%s: is for the refused request only", (name) => {
		const target = answering();
		target.refuse("unlucky", name, 5);
		expect(target.wait("unlucky")).toBe(5000);
		expect(target.wait()).toBe(0);
	});

	test("is for all when three are refused and none is answered between", () => {
		const target = answering();
		for (const name of ["a", "b", "c"]) {
			expect(target.wait()).toBe(0);
			target.refuse(name, "rate-limit", 5);
			target.now += 500;
		}
		expect(target.wait()).toBe(4500);
	});
});

describe("headers that say that a limit is used up", () => {
	test("pause requests until it resets, at most 1 s", () => {
		for (const [seconds, ms] of [
			[0.3, 300],
			[60, 1000],
		] as const) {
			const target = new Target();
			target.health.usedUp(seconds, target.now);
			expect(target.wait()).toBe(ms);
		}
	});

	test("name the wait of a refusal without one", () => {
		const target = new Target();
		target.health.usedUp(60, target.now);
		target.now += target.wait();
		target.refuse("first", "rate-limit");
		expect(target.wait("first")).toBe(59_000);
		expect(target.wait()).toBe(59_000);
	});

	test("are not believed any more once a request is answered meanwhile", () => {
		const target = new Target();
		for (let count = 0; count < 5; count++) {
			const attempt = target.send(`${count}`);
			target.health.usedUp(60, target.now);
			target.succeed(attempt);
			expect(target.wait()).toBe(count === 0 ? 1000 : 0);
			target.now += target.wait() + 100;
		}
	});
});

describe("a rate limit among successes", () => {
	/** Eight clients without a pause, against a bucket. */
	function run(perSecond: number, burst: number, seconds: number) {
		const target = new Target();
		let [level, refused, accepted] = [burst, 0, 0];
		for (let index = 0; target.now < seconds * SECOND_MS; index++) {
			const waited = Math.max(1, target.wait(`request ${index}`));
			level = Math.min(burst, level + (waited / SECOND_MS) * perSecond);
			target.now += waited;
			if (level < 1) {
				refused++;
				target.refuse(`request ${index}`, "rate-limit");
			} else {
				level--;
				accepted++;
				target.answer(`request ${index}`);
			}
		}
		return { refused, share: accepted / (burst + perSecond * seconds) };
	}

	test.each([
		[2, 5, 250],
		[5, 10, 300],
		[1 / 3, 3, 200],
	])("paces: of a bucket of %d a second nearly all is used, with few refusals", (perSecond, burst, most) => {
		const { refused, share } = run(perSecond, burst, 600);
		expect(share).toBeGreaterThan(0.97);
		expect(refused).toBeLessThan(most);
	});

	// A provider without capacity refuses some requests of each rate: to slow down would only lose time.
	test.each([0.02, 0.05, 0.2, 0.4, 0.5])(
		"a share of %d that is refused whatever the rate slows nothing down for long",
		(share) => {
			const target = new Target();
			let chance = 0;
			for (let index = 0; index < 3000; index++) {
				target.now += Math.max(200, target.wait());
				// Spread evenly, but not periodically.
				chance = (chance + 0.618_034) % 1;
				if (chance < share) target.refuse(`${index}`, "rate-limit");
				else target.answer(`${index}`);
			}
			expect(target.now).toBeLessThan(1.2 * 3000 * 200);
		},
	);

	test("is forgotten about a minute after the last refusal", () => {
		const target = new Target();
		for (let index = 0; index < 5; index++) target.answer(`${index}`);
		for (const name of ["one too many", "another"]) target.refuse(name, "rate-limit");
		expect(target.wait()).toBeGreaterThan(0);
		target.now += 64_001;
		for (let index = 0; index < 20; index++) {
			expect(target.wait()).toBe(0);
			target.send(`${index}`);
		}
	});
});

describe("properties", () => {
	const outcome = fc.oneof(
		fc.constant("answer" as const),
		fc.constant("disconnect" as const),
		fc.constantFrom<FailureClass>(
			"transient",
			"overloaded",
			"network",
			"truncated",
			"rate-limit",
			"concurrency",
			"auth",
		),
	);
	const step = fc.record({
		request: fc.integer({ min: 0, max: 9 }).map(String),
		idleMs: fc.oneof(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 60_000 })),
		replyMs: fc.oneof(fc.constant(100), fc.integer({ min: 0, max: 30_000 })),
		outcome,
		breaksLater: fc.boolean(),
	});

	type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;
	/** Runs of one outcome, or of one request, reach what a mixture hardly does: the longest pauses. */
	const runs = fc
		.tuple(fc.array(step, { minLength: 1, maxLength: 20 }), fc.option(outcome), fc.option(fc.constantFrom("0", "1")))
		.map(([steps, same, one]) =>
			steps.map((each): Step => ({ ...each, outcome: same ?? each.outcome, request: one ?? each.request })),
		);
	const sequence = fc.array(runs, { maxLength: 5 }).map((all) => all.flat());

	/** Sends each request when its turn comes, with many under way at once. Returns the longest wait. */
	function play(target: Target, steps: readonly Step[]): number {
		const ends: { at: number; end: () => void }[] = [];
		let longest = 0;
		const advance = (to: number) => {
			ends.sort((a, b) => a.at - b.at);
			while (ends[0] && ends[0].at <= to) {
				const { at, end } = ends[0];
				ends.shift();
				target.now = Math.max(target.now, at);
				end();
				longest = Math.max(longest, target.wait());
			}
			target.now = Math.max(target.now, to);
		};
		for (const { request, idleMs, replyMs, outcome, breaksLater } of steps) {
			advance(target.now + idleMs);
			longest = Math.max(longest, target.wait(request));
			advance(target.now + target.wait(request));
			const attempt = target.send(request);
			const end = () => {
				if (outcome === "disconnect") return target.health.released(attempt);
				if (outcome !== "answer") return target.fail(attempt, outcome);
				target.succeed(attempt);
				if (breaksLater) target.fail(attempt, "truncated");
			};
			ends.push({ at: target.now + replyMs, end });
		}
		advance(target.now + 60_000);
		return longest;
	}

	test.each([0, 1])("no sequence of outcomes makes a request wait more than 15 s, with a jitter of %d", (jitter) => {
		fc.assert(
			fc.property(sequence, (steps) => {
				expect(play(new Target(jitter), steps)).toBeLessThanOrEqual(15_000);
			}),
			{ numRuns: 500 },
		);
	});

	test("after any sequence a target that answers serves ten requests within 15 s, and then all at once", () => {
		const withoutLimits = step.filter(({ outcome }) => outcome !== "rate-limit" && outcome !== "concurrency");
		fc.assert(
			fc.property(fc.array(withoutLimits, { maxLength: 60 }), (steps) => {
				const target = new Target();
				play(target, steps);
				const from = target.now;
				for (let index = 0; index < 10; index++) {
					target.now += target.wait(`healthy ${index}`);
					target.answer(`healthy ${index}`);
				}
				expect(target.now - from).toBeLessThanOrEqual(15_000);
				expect(target.wait()).toBe(0);
			}),
			{ numRuns: 500 },
		);
	});
});
