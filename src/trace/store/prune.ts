import type { Dirent } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { SESSION_ID } from "../record/session-id.ts";

/** What is kept of old sessions. */
export const KEPT = {
	/** Milliseconds: 30 days. */
	age: 30 * 24 * 3_600_000,
	/** Bytes of all light records, and of all full traces. */
	records: 64 * 1024 * 1024,
	traces: 1024 * 1024 * 1024,
};

/** A session that was written to so lately may still run. */
const LIVE = 3_600_000;

interface Stored {
	path: string;
	size: number;
	/** Last change, milliseconds since 1970. */
	changed: number;
}

/** Removes what is too old, and of the rest the oldest until it is small enough. The session given is never touched. */
export async function prune(folder: string, own: string, kept = KEPT, now = Date.now()): Promise<void> {
	const names = (await readdir(folder)).filter((name) => SESSION_ID.test(name.replace(/\.jsonl$/, "")));
	const others = names.filter((name) => !name.startsWith(own)).map((name) => join(folder, name));
	const records = await Promise.all(others.filter((path) => path.endsWith(".jsonl")).map(measure));
	const traces = await Promise.all(others.filter((path) => !path.endsWith(".jsonl")).map(measure));
	for (const [stored, limit] of [
		[records, kept.records],
		[traces, kept.traces],
	] as const) {
		for (const { path } of surplus(stored, limit, kept.age, now)) await rm(path, { recursive: true, force: true });
	}
}

function surplus(stored: readonly Stored[], limit: number, age: number, now: number): Stored[] {
	let total = 0;
	const newestFirst = [...stored].sort((a, b) => b.changed - a.changed);
	return newestFirst.filter(({ size, changed }) => {
		total += size;
		return now - changed > LIVE && (now - changed > age || total > limit);
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

/** Another session may prune at the same time: what has gone has no size and no files. */
async function unlessGone<T>(work: Promise<T>): Promise<T | undefined> {
	try {
		return await work;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
		return undefined;
	}
}
