import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ClaudeLoop, type ClaudeTask, claudeTask } from "../../check/loop/claude-task.ts";
import { applyChanges, environmentFor } from "../../launch/environment.ts";
import { SignalRelay } from "../../launch/spawn.ts";
import type { Profile } from "../../profile/profile.ts";
import { openProxy, Resources } from "../../session.ts";
import type { ExchangeRecord } from "../../trace/exchange-record.ts";
import { isRepair } from "./check-profile.ts";

/** Longest time for a loop, in milliseconds for each call. */
const PATIENCE = 60_000;

/**
 * Runs the real Claude Code on a trail in a temporary folder, in print mode, with a config folder of its own (no hooks,
 * no MCP servers, no memory of the user) and with Read, Write and Edit allowed, nothing else.
 */
export async function runClaudeLoop(profile: Profile, calls: number, claude: string): Promise<ClaudeLoop> {
	const relay = new SignalRelay();
	const resources = new Resources();
	resources.add(() => relay.close());
	const records: ExchangeRecord[] = [];
	try {
		const proxy = await openProxy({ profile, onExchange: (record) => void records.push(record) }, resources);
		const root = await mkdtemp(join(tmpdir(), "cc-any-claude-"));
		resources.add(() => rm(root, { recursive: true, force: true }));
		const folder = join(root, "trail");
		await mkdir(folder);
		await mkdir(join(root, "config"));
		const task = claudeTask(calls, 1, folder);
		for (const [name, text] of Object.entries(task.files)) await writeFile(join(folder, name), text);
		const changes = environmentFor({ profile, proxy, parent: process.env });
		const environment = { ...applyChanges(process.env, changes), CLAUDE_CONFIG_DIR: join(root, "config") };
		const start = performance.now();
		const { exitCode, text } = await runPrint({ claude, task, folder, environment, relay, patience: calls * PATIENCE });
		const right = await filesRight(task, folder);
		const files = Object.keys(task.outcome).length;
		const answered = text.includes(task.answer);
		return {
			demanded: calls,
			calls: records.reduce((sum, { tools }) => sum + tools.length, 0),
			right,
			files,
			answered,
			completed: exitCode === 0 && right === files && answered,
			exitCode,
			requests: records.length,
			repaired: records.filter(({ divergences }) => divergences.some(({ kind }) => isRepair(kind))).length,
			duration: performance.now() - start,
		};
	} finally {
		await resources.release();
	}
}

interface PrintRun {
	claude: string;
	task: ClaudeTask;
	folder: string;
	environment: NodeJS.ProcessEnv;
	relay: SignalRelay;
	patience: number;
}

function runPrint({ claude, task, folder, environment, relay, patience }: PrintRun) {
	const words = ["-p", task.prompt, "--allowedTools", "Read,Write,Edit"];
	const child = spawn(claude, words, { cwd: folder, env: environment, stdio: ["ignore", "pipe", "ignore"] });
	relay.attach(child);
	const timer = setTimeout(() => child.kill(), patience);
	let text = "";
	child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
		text += chunk;
	});
	return new Promise<{ exitCode: number | null; text: string }>((resolve, reject) => {
		child.on("error", reject);
		child.on("close", (exitCode) => resolve({ exitCode, text }));
	}).finally(() => {
		clearTimeout(timer);
		relay.detach();
	});
}

async function filesRight(task: ClaudeTask, folder: string): Promise<number> {
	let right = 0;
	for (const [name, wanted] of Object.entries(task.outcome)) {
		const text = await readFile(join(folder, name), "utf8").catch((error: NodeJS.ErrnoException) => {
			if (error.code !== "ENOENT") throw error;
			return undefined; // it was never written
		});
		if (text?.trimEnd() === wanted.trimEnd()) right++;
	}
	return right;
}
