import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Failure } from "../../src/upstream/failures/classify.ts";
import type { FailureClass } from "../../src/upstream/failures/table.ts";
import { type Admission, type Permit, TargetGates } from "../../src/upstream/resilience/target-gates.ts";

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

/** A request for the target, and what became of it. */
function ask(gates: TargetGates, request: string, { waitMs = 30_000, key = "target", signal = never } = {}) {
	const arrivedAt = performance.now();
	const asked: { admission?: Admission; ms?: number; promise: Promise<Admission> } = {
		promise: gates.admit(key, { request: () => request, arrivedAt, deadline: arrivedAt + waitMs, signal }),
	};
	void asked.promise.then(
		(admission) => Object.assign(asked, { admission, ms: performance.now() - arrivedAt }),
		() => {},
	);
	return asked;
}

async function permit(gates: TargetGates, request: string): Promise<Permit> {
	const asked = ask(gates, request);
	await vi.advanceTimersByTimeAsync(0);
	if (asked.admission?.kind !== "admitted") throw new Error(`${request} waits`);
	return asked.admission.permit;
}

/** Six parallel requests fail after a second. */
async function goDown(gates: TargetGates, failed = failure("overloaded")): Promise<void> {
	const permits = await Promise.all(Array.from({ length: 6 }, (_, index) => permit(gates, `request ${index}`)));
	await vi.advanceTimersByTimeAsync(1000);
	for (const { failed: fail } of permits) fail(failed);
}

test("a healthy target, known or not, serves requests side by side", async () => {
	const gates = new TargetGates();
	for (let index = 0; index < 20; index++) await permit(gates, `${index}`);
});

test("one request probes a target that is down; when it answers, the oldest go first", async () => {
	const gates = new TargetGates();
	await goDown(gates);
	const asked = ["a", "b", "c"].map((name) => ask(gates, name));
	await vi.advanceTimersByTimeAsync(1200);
	expect(asked.map(({ admission }) => admission?.kind)).toEqual(["admitted", undefined, undefined]);
	const [first] = asked;
	if (first?.admission?.kind === "admitted") first.admission.permit.succeeded();
	await vi.advanceTimersByTimeAsync(0);
	expect(asked.map(({ admission }) => admission?.kind)).toEqual(["admitted", "admitted", "admitted"]);
});

test("a request that was refused again and again does not starve in the queue of a rate limit", async () => {
	const gates = new TargetGates();
	for (let index = 0; index < 5; index++) (await permit(gates, `${index}`)).succeeded();
	(await permit(gates, "unlucky")).failed(failure("rate-limit"));
	let asked = ask(gates, "unlucky");
	for (let second = 0; second < 30; second++) {
		const other = ask(gates, `other ${second}`);
		await vi.advanceTimersByTimeAsync(1000);
		if (other.admission?.kind === "admitted") other.admission.permit.succeeded();
		if (second < 3 && asked.admission?.kind === "admitted") {
			asked.admission.permit.failed(failure("rate-limit"));
			asked = ask(gates, "unlucky");
		}
	}
	expect(asked.admission?.kind).toBe("admitted");
	expect(asked.ms).toBeLessThanOrEqual(15_000);
});

test("another target is not concerned", async () => {
	const gates = new TargetGates();
	await goDown(gates);
	const other = ask(gates, "a", { key: "other" });
	await vi.advanceTimersByTimeAsync(0);
	expect(other.admission?.kind).toBe("admitted");
});

describe("a request that cannot be sent before its deadline", () => {
	test("fails at once, with the rest of the provider's own wait", async () => {
		const gates = new TargetGates();
		(await permit(gates, "a")).failed(failure("rate-limit", 40));
		await vi.advanceTimersByTimeAsync(5000);
		const asked = ask(gates, "b");
		await vi.advanceTimersByTimeAsync(0);
		expect(asked.admission).toEqual({ kind: "blocked", failure: failure("rate-limit", 35) });
	});

	test("where the provider named no wait, none is invented", async () => {
		const gates = new TargetGates();
		await goDown(gates);
		const asked = ask(gates, "b", { waitMs: 500 });
		await vi.advanceTimersByTimeAsync(0);
		expect(asked.admission).toEqual({ kind: "blocked", failure: failure("overloaded") });
	});

	test("fails at its deadline while another one probes", async () => {
		const gates = new TargetGates();
		await goDown(gates);
		ask(gates, "probe");
		const asked = ask(gates, "b", { waitMs: 2000 });
		await vi.advanceTimersByTimeAsync(1999);
		expect(asked.admission).toBeUndefined();
		await vi.advanceTimersByTimeAsync(1);
		expect([asked.admission?.kind, asked.ms]).toEqual(["blocked", 2000]);
	});
});

test("headers that report a limit as used up pause the target for a moment, although their own reply was good", async () => {
	const gates = new TargetGates();
	const first = await permit(gates, "a");
	gates.usedUp("target", 20);
	first.succeeded();
	const asked = ask(gates, "b");
	await vi.advanceTimersByTimeAsync(1001);
	expect([asked.admission?.kind, asked.ms]).toEqual(["admitted", 1000]);
});

test("an abort ends a wait, and lets the next request probe", async () => {
	const gates = new TargetGates();
	await goDown(gates);
	const client = new AbortController();
	const gone = ask(gates, "gone", { signal: client.signal });
	const next = ask(gates, "next");
	const rejected = expect(gone.promise).rejects.toThrow("the client disconnected");
	client.abort(new Error("the client disconnected"));
	await rejected;
	await vi.advanceTimersByTimeAsync(1200);
	expect(next.admission?.kind).toBe("admitted");
	await expect(ask(gates, "late", { signal: client.signal }).promise).rejects.toThrow("the client disconnected");
});

test("what requests wait for is reported once, until none waits", async () => {
	const reports: (string | undefined)[] = [];
	const gates = new TargetGates((waitingFor) => reports.push(waitingFor?.class));
	await goDown(gates);
	const [first] = ["a", "b"].map((name) => ask(gates, name));
	await vi.advanceTimersByTimeAsync(1200);
	expect(reports).toEqual(["overloaded"]);
	if (first?.admission?.kind === "admitted") first.admission.permit.succeeded();
	expect(reports).toEqual(["overloaded", undefined]);
});

test("setting the clock of the computer changes no wait", async () => {
	const gates = new TargetGates();
	(await permit(gates, "a")).failed(failure("rate-limit", 5));
	const asked = ask(gates, "b");
	vi.setSystemTime(Date.now() - 3_600_000);
	await vi.advanceTimersByTimeAsync(5001);
	expect([asked.admission?.kind, asked.ms]).toEqual(["admitted", 5000]);
});
