import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Failure } from "../../src/upstream/failures/classify.ts";
import { FAILURES, type FailureClass } from "../../src/upstream/failures/table.ts";
import { type Admission, CircuitBreaker, type Permit } from "../../src/upstream/resilience/circuit-breaker.ts";

const never = new AbortController().signal;
const failure = (failureClass: FailureClass, retryAfter?: number): Failure => ({
	class: failureClass,
	message: failureClass,
	status: 0,
	retryAfter,
});

beforeEach(() => {
	vi.useFakeTimers();
});
afterEach(() => {
	vi.useRealTimers();
});

/** The admission, and after how many milliseconds it came; at most `limit`. */
async function timed(admission: Promise<Admission>, limit = 120_000): Promise<{ admission: Admission; ms: number }> {
	const start = Date.now();
	let result: { admission: Admission; ms: number } | undefined;
	void admission.then((value) => {
		result = { admission: value, ms: Date.now() - start };
	});
	for (let ms = 0; ms <= limit && !result; ms += 100) await vi.advanceTimersByTimeAsync(ms === 0 ? 0 : 100);
	if (!result) throw new Error("not admitted");
	return result;
}

async function permit(breaker: CircuitBreaker, maxWaitMs = 120_000): Promise<Permit> {
	const { admission } = await timed(breaker.admit("target", maxWaitMs, never));
	if (admission.kind === "blocked") throw new Error("blocked");
	return admission.permit;
}

describe("the pause after a failure", () => {
	const counted = Object.entries(FAILURES).filter(([, { pausesSeconds }]) => pausesSeconds.length > 0);
	test.each(counted.map(([name, { pausesSeconds }]) => [name as FailureClass, pausesSeconds] as const))(
		"%s: grows from failure to failure, and the last one repeats",
		async (name, pauses) => {
			const breaker = new CircuitBreaker();
			(await permit(breaker)).failed(failure(name));
			for (const seconds of [...pauses.slice(0), pauses.at(-1) ?? 0]) {
				const { admission, ms } = await timed(breaker.admit("target", 120_000, never));
				expect(ms).toBe(seconds * 1000);
				if (admission.kind === "admitted") admission.permit.failed(failure(name));
			}
		},
	);

	const uncounted = Object.entries(FAILURES).filter(([, { pausesSeconds }]) => pausesSeconds.length === 0);
	test.each(uncounted.map(([name]) => [name as FailureClass]))("%s: there is none", async (name) => {
		const breaker = new CircuitBreaker();
		(await permit(breaker)).failed(failure(name, 60));
		expect((await timed(breaker.admit("target", 0, never))).admission.kind).toBe("admitted");
	});

	test("a wait that the provider named replaces it", async () => {
		const breaker = new CircuitBreaker();
		(await permit(breaker)).failed(failure("rate-limit", 7));
		expect((await timed(breaker.admit("target", 60_000, never))).ms).toBe(7000);
	});

	test("a shorter pause does not end a longer one", async () => {
		const breaker = new CircuitBreaker();
		const [first, second] = [await permit(breaker), await permit(breaker)];
		first.failed(failure("rate-limit", 40));
		second.failed(failure("network", 1));
		breaker.hold("target", 2, failure("rate-limit"));
		expect((await timed(breaker.admit("target", 60_000, never))).ms).toBe(40_000);
	});

	test("a good reply ends the row of failures", async () => {
		const breaker = new CircuitBreaker();
		(await permit(breaker)).failed(failure("overloaded"));
		(await permit(breaker)).failed(failure("overloaded"));
		(await permit(breaker)).succeeded();
		(await permit(breaker)).failed(failure("overloaded"));
		expect((await timed(breaker.admit("target", 60_000, never))).ms).toBe(1000);
	});

	test("another target is not concerned", async () => {
		const breaker = new CircuitBreaker();
		(await permit(breaker)).failed(failure("overloaded", 60));
		expect((await timed(breaker.admit("other", 0, never))).admission.kind).toBe("admitted");
	});
});

describe("a pause that is longer than the request may wait", () => {
	test("blocks at once, with the rest of the provider's own wait", async () => {
		const breaker = new CircuitBreaker();
		(await permit(breaker)).failed(failure("rate-limit", 40));
		await vi.advanceTimersByTimeAsync(10_000);
		const { admission, ms } = await timed(breaker.admit("target", 6000, never));
		expect(ms).toBe(0);
		expect(admission).toEqual({ kind: "blocked", failure: { ...failure("rate-limit"), retryAfter: 30 } });
	});

	test("without a wait of the provider none is invented", async () => {
		const breaker = new CircuitBreaker();
		for (let count = 0; count < 3; count++) (await permit(breaker)).failed(failure("overloaded"));
		const { admission } = await timed(breaker.admit("target", 6000, never));
		expect(admission).toEqual({ kind: "blocked", failure: { ...failure("overloaded"), retryAfter: undefined } });
	});

	test("a hold that headers asked for outlives the good reply that carried them", async () => {
		const breaker = new CircuitBreaker();
		const first = await permit(breaker);
		breaker.hold("target", 20, failure("rate-limit"));
		first.succeeded();
		const { admission } = await timed(breaker.admit("target", 6000, never));
		expect(admission).toMatchObject({ kind: "blocked", failure: { retryAfter: 20 } });
	});
});

describe("the probe", () => {
	test("the requests to a target that has failed wait for one probe", async () => {
		const breaker = new CircuitBreaker();
		(await permit(breaker)).failed(failure("overloaded"));
		const probe = await permit(breaker);
		let admitted = 0;
		const waiting = [1, 2, 3].map(() => breaker.admit("target", 60_000, never).then(() => admitted++));
		await vi.advanceTimersByTimeAsync(5000);
		expect(admitted).toBe(0);
		probe.succeeded();
		await Promise.all(waiting);
		expect(admitted).toBe(3);
	});

	test("they fail with it when they may not wait for the next one", async () => {
		const breaker = new CircuitBreaker();
		(await permit(breaker)).failed(failure("overloaded"));
		const probe = await permit(breaker);
		const waiting = breaker.admit("target", 2000, never);
		probe.failed(failure("overloaded"));
		expect((await timed(waiting)).admission.kind).toBe("blocked");
	});

	test("they do not wait for it longer than they may", async () => {
		const breaker = new CircuitBreaker();
		(await permit(breaker)).failed(failure("overloaded"));
		await permit(breaker);
		const { admission, ms } = await timed(breaker.admit("target", 3000, never));
		expect([admission.kind, ms]).toEqual(["blocked", 3000]);
	});

	test("a probe whose outcome says nothing lets the next request probe", async () => {
		const breaker = new CircuitBreaker();
		(await permit(breaker)).failed(failure("overloaded"));
		(await permit(breaker)).released();
		expect((await timed(breaker.admit("target", 0, never))).admission.kind).toBe("admitted");
	});

	test("the first request to a target is one: the others wait a second for it, and go then", async () => {
		const breaker = new CircuitBreaker();
		const first = await permit(breaker);
		const { admission, ms } = await timed(breaker.admit("target", 60_000, never));
		expect([admission.kind, ms]).toEqual(["admitted", 1000]);
		first.succeeded();
		expect((await timed(breaker.admit("target", 0, never))).ms).toBe(0);
	});

	test("a target that answers serves requests side by side", async () => {
		const breaker = new CircuitBreaker();
		(await permit(breaker)).succeeded();
		await permit(breaker, 0);
		expect((await timed(breaker.admit("target", 0, never))).ms).toBe(0);
	});

	test("one that breaks off after its first content does not end the probe of another request", async () => {
		const breaker = new CircuitBreaker();
		const early = await permit(breaker);
		early.succeeded();
		(await permit(breaker)).failed(failure("overloaded"));
		const probe = await permit(breaker);
		early.failed(failure("network", 0.001));
		await vi.advanceTimersByTimeAsync(10);
		let isAdmitted = false;
		const waiting = breaker.admit("target", 60_000, never).then(() => {
			isAdmitted = true;
		});
		await vi.advanceTimersByTimeAsync(5000);
		expect(isAdmitted).toBe(false);
		probe.succeeded();
		await waiting;
	});
});

test("an abort ends every wait", async () => {
	const breaker = new CircuitBreaker();
	(await permit(breaker)).failed(failure("overloaded"));
	const client = new AbortController();
	const waiting = breaker.admit("target", 60_000, client.signal);
	client.abort(new Error("the client disconnected"));
	await expect(waiting).rejects.toThrow("the client disconnected");
});
