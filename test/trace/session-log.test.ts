import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Redactor } from "../../src/trace/record/redact.ts";
import { newSessionId } from "../../src/trace/record/session-id.ts";
import { SessionLog } from "../../src/trace/record/session-log.ts";
import { sampleRecord } from "../support/sample-session.ts";

/** Longer than lines are gathered. */
const LATER = 1000;

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "cc-any-log-"));
	vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
	vi.useRealTimers();
	rmSync(folder, { recursive: true, force: true });
});

function numbers(session: string): number[] {
	const path = join(folder, `${session}.jsonl`);
	if (!existsSync(path)) return [];
	const lines = readFileSync(path, "utf8").split("\n").slice(1, -1);
	return lines.map((line) => JSON.parse(line).number);
}

test("a line that comes during a write, and goes with it, stops nothing that comes later", async () => {
	const session = newSessionId();
	const head = { session, startedAt: 0, profile: "p", version: "0", directory: "/", pid: 1, traced: false };
	const log = new SessionLog(folder, head, new Redactor([]));
	log.append(sampleRecord(1, 0));
	vi.advanceTimersByTime(LATER);
	// The file is being made: this one goes with the first write, before the timer that it has started.
	log.append(sampleRecord(2, 0));
	while (numbers(session).length < 2) await nextTurn();
	for (let turn = 0; turn < 50; turn++) await nextTurn();
	vi.advanceTimersByTime(LATER);
	log.append(sampleRecord(3, 0));
	expect(await log.close()).toBeUndefined();
	expect(numbers(session)).toEqual([1, 2, 3]);
});

test("on a full disk the reason is the disk, and nothing is tried again", async () => {
	const probe = await open(join(folder, "probe"), "w");
	const append = vi.spyOn(Object.getPrototypeOf(probe), "appendFile");
	await probe.close();
	append.mockRejectedValueOnce(new Error("ENOSPC: no space left on device, write"));
	const session = newSessionId();
	const head = { session, startedAt: 0, profile: "p", version: "0", directory: "/", pid: 1, traced: false };
	const log = new SessionLog(folder, head, new Redactor([]));
	log.append(sampleRecord(1, 0));
	vi.advanceTimersByTime(LATER);
	while (append.mock.calls.length === 0) await nextTurn();
	log.append(sampleRecord(2, 0));
	expect((await log.close())?.message).toContain("ENOSPC");
	expect(append).toHaveBeenCalledTimes(1);
	append.mockRestore();
});

test("a record that grows beyond 32 MiB ends, and says so; a smaller one does not", async () => {
	const MiB = 1024 * 1024;
	const logOf = async (session: string, size: number) => {
		const head = { session, startedAt: 0, profile: "p", version: "0", directory: "/", pid: 1, traced: false };
		const log = new SessionLog(folder, head, new Redactor([]));
		log.append({ ...sampleRecord(1, 0), tools: ["x".repeat(size)] });
		return log.close();
	};
	expect(await logOf(newSessionId(), 31 * MiB)).toBeUndefined();
	expect((await logOf(newSessionId(), 32 * MiB))?.message).toContain("larger than");
});
