import type { Dirent } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "../../platform/user-error.ts";
import { SESSION_ID } from "../record/session-id.ts";

/** How long old sessions are kept. */
export const RETENTION = {
	/** 30 days. */
	ageMs: 30 * 24 * 3_600_000,
	/** All light records together, and all full traces. */
	recordBytes: 64 * 1024 * 1024,
	traceBytes: 1024 * 1024 * 1024,
};

/** A session with a more recent change may still be running. */
const MIN_IDLE_MS = 3_600_000;

interface Stored {
	path: string;
	size: number;
	/** Last change, milliseconds since 1970. */
	changed: number;
}

/** Removes old sessions, then the oldest ones until the rest is small enough. Never removes the session `own`. */
export async function prune(folder: string, own: string, retention = RETENTION, now = Date.now()): Promise<void> {
	const names = (await readdir(folder)).filter((name) => SESSION_ID.test(name.replace(/\.jsonl$/, "")));
	const others = names.filter((name) => !name.startsWith(own)).map((name) => join(folder, name));
	const records = await Promise.all(others.filter((path) => path.endsWith(".jsonl")).map(measure));
	const traces = await Promise.all(others.filter((path) => !path.endsWith(".jsonl")).map(measure));
	for (const [stored, limit] of [
		[records, retention.recordBytes],
		[traces, retention.traceBytes],
	] as const) {
		for (const { path } of surplus(stored, limit, retention.ageMs, now))
			await rm(path, { recursive: true, force: true });
	}
}

function surplus(stored: readonly Stored[], limit: number, age: number, now: number): Stored[] {
	let total = 0;
	const newestFirst = [...stored].sort((a, b) => b.changed - a.changed);
	return newestFirst.filter(({ size, changed }) => {
		total += size;
		return now - changed > MIN_IDLE_MS && (now - changed > age || total > limit);
	});
}

async function measure(path: string): Promise<Stored> {
	const { size, mtimeMs, isDirectory } = await describe(path);
	if (!isDirectory) return { path, size, changed: mtimeMs };
	const files = (await entriesOf(path)).filter((entry) => entry.isFile());
	const sizes = await Promise.all(files.map(async (file) => (await describe(join(file.parentPath, file.name))).size));
	return { path, size: sizes.reduce((sum, each) => sum + each, 0), changed: mtimeMs };
}

async function describe(path: string): Promise<{ size: number; mtimeMs: number; isDirectory: boolean }> {
	const status = await unlessGone(stat(path));
	if (!status) return { size: 0, mtimeMs: 0, isDirectory: false };
	return { size: status.size, mtimeMs: status.mtimeMs, isDirectory: status.isDirectory() };
}

async function entriesOf(path: string): Promise<Dirent[]> {
	return (await unlessGone(readdir(path, { recursive: true, withFileTypes: true }))) ?? [];
}

/** Another session may prune at the same time, so a file may have been removed. */
async function unlessGone<T>(work: Promise<T>): Promise<T | undefined> {
	try {
		return await work;
	} catch (error) {
		if (errorCode(error) !== "ENOENT") throw error;
		return undefined;
	}
}
