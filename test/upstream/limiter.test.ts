import { expect, test } from "vitest";
import { Cancellation } from "../../src/upstream/http/cancellation.ts";
import { Limiter } from "../../src/upstream/resilience/limiter.ts";

test("a request that goes away while it waits does not take the turn of those behind it", async () => {
	const limiter = new Limiter({ concurrency: 1 });
	const release = await limiter.acquire(new Cancellation());
	const gone = new Cancellation();
	const first = limiter.acquire(gone);
	const second = limiter.acquire(new Cancellation());
	gone.abort(new Error("the client went away"));
	await expect(first).rejects.toThrow("the client went away");
	release(0);
	expect(typeof (await second)).toBe("function");
});

test("one that has gone already does not wait", async () => {
	const limiter = new Limiter({ concurrency: 1 });
	await limiter.acquire(new Cancellation());
	const gone = new Cancellation();
	gone.abort(new Error("gone"));
	await expect(limiter.acquire(gone)).rejects.toThrow("gone");
});
