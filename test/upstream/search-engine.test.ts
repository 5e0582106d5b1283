import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Cancellation } from "../../src/upstream/http/cancellation.ts";
import { search } from "../../src/upstream/http/search-engine.ts";
import type { Transport } from "../../src/upstream/http/transport.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const untilAborted = (signal: Parameters<Transport["request"]>[0]["signal"]) =>
	new Promise<never>((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

const ENGINES: readonly (readonly [string, Transport["request"]])[] = [
	["never answers", ({ signal }) => untilAborted(signal)],
	["never ends its answer", async ({ signal }) => ({ status: 200, headers: {}, read: () => untilAborted(signal) })],
];

test.each(ENGINES)("an engine that %s is given up after 30 s", async (_name, request) => {
	const result = search({ request, close: async () => {} }, { engine: "searxng" }, "cats", new Cancellation());
	const failed = expect(result).rejects.toThrow("ETIMEDOUT: no results within 30 s");
	await vi.advanceTimersByTimeAsync(30_000);
	await failed;
});
