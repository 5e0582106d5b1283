import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { claudeTasks } from "../../../check/claude/index.ts";
import type { ClaudeOutcome, ClaudeTask } from "../../../check/claude/task.ts";
import type { CheckReport } from "../../../check/report/report.ts";
import { spend } from "../../../check/run/expense.ts";
import { INTERRUPTED, overBudget } from "../../../check/run/run-checks.ts";
import { applyChanges, environmentFor } from "../../../launch/environment.ts";
import { SignalRelay } from "../../../launch/spawn.ts";
import { startOf } from "../../../platform/program.ts";
import type { Profile } from "../../../profile/model/profile.ts";
import type { ExchangeRecord } from "../../../trace/record/exchange-record.ts";
import { openProxy, Resources } from "../../session.ts";
import { clearProgress, isRepair, progressOf } from "./check-profile.ts";

/** For each call of a task, and once for the start. */
const TIMEOUT_PER_CALL_MS = 60_000;

export interface ClaudeOptions {
	profile: Profile;
	/** The claude program. */
	claude: string;
	/** Calls of the trail. */
	calls: number;
	budget: number | undefined;
	signal: AbortSignal;
}

/** Runs the real Claude Code on its tasks, one after the other, and adds results and expense to the report. */
export async function runClaudeTasks(report: CheckReport, options: ClaudeOptions): Promise<CheckReport> {
	const { profile, claude, calls, budget, signal } = options;
	const expense = { ...report.expense };
	const outcomes: ClaudeOutcome[] = [];
	let stopped: string | undefined;
	const tellProgress = progressOf(profile.name);
	for (const taskFor of claudeTasks(calls)) {
		let made = 0;
		const onExchange = (record: ExchangeRecord): void => {
			spend(expense, record);
			made += record.tools.length;
			tellProgress?.(`Claude Code, task ${outcomes.length + 1}, ${made} calls`);
		};
		const outcome = await runClaude({ profile, claude, taskFor, onExchange });
		expense.duration += outcome.duration;
		// An interrupted task is not a failure.
		if (!signal.aborted) outcomes.push(outcome);
		stopped = signal.aborted ? INTERRUPTED : overBudget(expense.cost, budget);
		if (stopped) break;
	}
	clearProgress();
	return { ...report, expense, claude: outcomes, ...(stopped && { stopped }) };
}

interface ClaudeRun extends Pick<ClaudeOptions, "profile" | "claude"> {
	/** The task, once its folder is known. */
	taskFor(folder: string): ClaudeTask;
	onExchange(record: ExchangeRecord): void;
}

/**
 * Runs the real Claude Code on a task in a temporary folder, in print mode, with its own config folder (none of the
 * user's hooks, MCP servers and memory). It may read and edit in that folder only, and run nothing.
 */
async function runClaude({ profile, claude, taskFor, ...run }: ClaudeRun): Promise<ClaudeOutcome> {
	const relay = new SignalRelay();
	const resources = new Resources();
	resources.add(() => relay.close());
	const records: ExchangeRecord[] = [];
	const onExchange = (record: ExchangeRecord): void => {
		records.push(record);
		run.onExchange(record);
	};
	try {
		const proxy = await openProxy({ profile, onExchange }, resources);
		const root = await mkdtemp(join(tmpdir(), "cc-any-claude-"));
		resources.add(() => rm(root, { recursive: true, force: true }));
		const folder = join(root, "repository");
		const task = taskFor(folder);
		await writeRepository(task, folder);
		const changes = environmentFor({ profile, proxy, parent: process.env });
		const environment = { ...applyChanges(process.env, changes), CLAUDE_CONFIG_DIR: join(root, "config") };
		const timeoutMs = (task.calls + 1) * TIMEOUT_PER_CALL_MS;
		const start = performance.now();
		const { exitCode, text } = await runPrint({ claude, prompt: task.prompt, folder, environment, relay, timeoutMs });
		const duration = performance.now() - start;
		const verdict = await task.judge(folder, text);
		return {
			task: task.name,
			passed: exitCode === 0 && verdict.passed,
			detail: exitCode === 0 ? verdict.detail : `claude ended with ${exitCode ?? "a signal"}; ${verdict.detail}`,
			calls: records.reduce((sum, { tools }) => sum + tools.length, 0),
			exitCode,
			requests: records.length,
			repaired: records.filter(({ divergences }) => divergences.some(isRepair)).length,
			duration,
		};
	} finally {
		await resources.release();
	}
}

async function writeRepository({ files }: ClaudeTask, folder: string): Promise<void> {
	await mkdir(folder);
	for (const [path, text] of Object.entries(files)) {
		await mkdir(dirname(join(folder, path)), { recursive: true });
		await writeFile(join(folder, path), text);
	}
}

interface PrintRun {
	claude: string;
	prompt: string;
	folder: string;
	environment: NodeJS.ProcessEnv;
	relay: SignalRelay;
	timeoutMs: number;
}

async function runPrint({ claude, prompt, folder, environment, relay, timeoutMs }: PrintRun) {
	// Reading in the folder needs no permission, and this mode allows editing there. Everything else is refused.
	const args = ["-p", prompt, "--permission-mode", "acceptEdits"];
	const start = startOf(claude, args, environment);
	const child = execa(start.file, start.args, {
		...start.options,
		cwd: folder,
		env: environment,
		extendEnv: false,
		stdio: ["ignore", "pipe", "ignore"],
		timeout: timeoutMs,
		reject: false,
	});
	relay.attach(child);
	try {
		const { exitCode = null, isTerminated, stdout, cause } = await child;
		if (exitCode === null && !isTerminated) throw cause;
		return { exitCode, text: stdout };
	} finally {
		relay.detach();
	}
}
