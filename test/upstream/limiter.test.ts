import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Limiter, type Limits } from "../../src/upstream/resilience/limiter.ts";

const never = new AbortController().signal;

/** Acquires in the background; `order` collects the names in the order in which they may be sent. */
function queue(limits: Limits) {
	const limiter = new Limiter(limits);
	const order: string[] = [];
	const acquire = async (name: string, signal = never) => {
		const release = await limiter.acquire(signal);
		order.push(name);
		return release;
	};
	return { acquire, order };
}

/** Runs all pending promise callbacks. */
const settle = async () => {
	for (let turn = 0; turn < 20; turn++) await Promise.resolve();
};

describe("concurrency", () => {
	test("requests are sent in the order in which they came", async () => {
		const { acquire, order } = queue({ concurrency: 1 });
		const first = await acquire("first");
		const second = acquire("second");
		const third = acquire("third");
		await settle();
		expect(order).toEqual(["first"]);
		first(0);
		// Arrives when a place has just become free: it must not overtake the waiting requests.
		const late = acquire("late");
		(await second)(0);
		(await third)(0);
		await late;
		expect(order).toEqual(["first", "second", "third", "late"]);
	});

	test("no more requests run at once than the limit", async () => {
		const { acquire, order } = queue({ concurrency: 2 });
		const first = await acquire("1");
		void acquire("2");
		void acquire("3");
		void acquire("4");
		await settle();
		expect(order).toEqual(["1", "2"]);
		first(0);
		await settle();
		expect(order).toEqual(["1", "2", "3"]);
	});

	test("without a limit none waits", async () => {
		const { acquire, order } = queue({});
		for (let number = 0; number < 50; number++) void acquire(String(number));
		await settle();
		expect(order).toHaveLength(50);
	});

	test("a request that is aborted while it waits does not take the place of the next one", async () => {
		const { acquire, order } = queue({ concurrency: 1 });
		const first = await acquire("first");
		const gone = new AbortController();
		const aborted = acquire("aborted", gone.signal);
		const next = acquire("next");
		gone.abort(new Error("the client disconnected"));
		await expect(aborted).rejects.toThrow("the client disconnected");
		first(0);
		await next;
		expect(order).toEqual(["first", "next"]);
	});

	test("one that is aborted already does not wait", async () => {
		const { acquire } = queue({ concurrency: 1 });
		await acquire("first");
		await expect(acquire("aborted", AbortSignal.abort(new Error("gone")))).rejects.toThrow("gone");
	});
});

describe("per minute", () => {
	beforeEach(() => {
		vi.useFakeTimers({ toFake: ["performance"] });
	});
	afterEach(() => {
		vi.useRealTimers();
	});

	/** Seconds from now that the next request would have to wait; 0 when it may be sent. */
	async function nextAfter(limits: Limits, before: (limiter: Limiter) => Promise<void>): Promise<number> {
		const limiter = new Limiter(limits);
		await before(limiter);
		for (let seconds = 0; seconds <= 70; seconds++) {
			const signal = AbortSignal.timeout(5);
			const sent = await limiter.acquire(signal).then(
				() => true,
				() => false,
			);
			if (sent) return seconds;
			vi.advanceTimersByTime(1000);
		}
		return Number.POSITIVE_INFINITY;
	}

	test("requestsPerMinute: the third waits until the first is a minute old", async () => {
		const wait = await nextAfter({ requestsPerMinute: 2 }, async (limiter) => {
			(await limiter.acquire(never))(0);
			vi.advanceTimersByTime(20_000);
			(await limiter.acquire(never))(0);
		});
		expect(wait).toBe(40);
	});

	test("tokensPerMinute: a request waits until the tokens of the last minute are below the limit", async () => {
		const wait = await nextAfter({ tokensPerMinute: 1000 }, async (limiter) => {
			(await limiter.acquire(never))(600);
			vi.advanceTimersByTime(10_000);
			(await limiter.acquire(never))(400);
		});
		expect(wait).toBe(50);
	});

	test("tokensPerMinute: below the limit none waits", async () => {
		const wait = await nextAfter({ tokensPerMinute: 1000 }, async (limiter) => {
			(await limiter.acquire(never))(600);
			(await limiter.acquire(never))(399);
		});
		expect(wait).toBe(0);
	});

	test("an optional request holds no other up, and waits until a place is free", async () => {
		const limiter = new Limiter({ concurrency: 1 });
		const optional = { isOptional: true };
		const order: string[] = [];
		const titleEnds = await limiter.acquire(never, optional);
		const firstEnds = await limiter.acquire(never);
		const title = limiter.acquire(never, optional).then(() => order.push("title"));
		const second = limiter.acquire(never).then((end) => {
			order.push("second");
			return end;
		});
		titleEnds(0);
		firstEnds(0);
		(await second)(0);
		await title;
		expect(order).toEqual(["second", "title"]);
	});

	test("a request that is aborted while it waits for the next minute frees its place", async () => {
		const limiter = new Limiter({ concurrency: 1, requestsPerMinute: 1 });
		(await limiter.acquire(never))(0);
		await expect(limiter.acquire(AbortSignal.timeout(5))).rejects.toThrow();
		vi.advanceTimersByTime(60_000);
		await expect(limiter.acquire(AbortSignal.timeout(1000))).resolves.toBeTypeOf("function");
	});
});
