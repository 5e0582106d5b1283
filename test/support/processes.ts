import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

export const FAKE_CLAUDE = fileURLToPath(new URL("fake-claude.mjs", import.meta.url));
export const CC_ANY = fileURLToPath(new URL("../../bin/cc-any.js", import.meta.url));

/** What fake-claude.mjs does and reports. */
export interface FakePlan {
	exit?: number;
	die?: NodeJS.Signals;
	wait?: number;
	handle?: Partial<Record<NodeJS.Signals, number>>;
	ignore?: NodeJS.Signals[];
	background?: boolean;
	readStdin?: boolean;
	stdout?: string;
	ask?: unknown;
}

export interface FakeReport {
	pid: number;
	parent: number;
	arguments: string[];
	environment: Record<string, string>;
	directory: string;
	signals: string[];
	settings?: { path: string; text: string; mode: number; folderMode: number };
	background?: number;
	stdin?: string;
	reply?: { status: number; text: string };
}

/** A folder of its own for one test: home, bin (with claude → fake), tmp, work. */
export class Sandbox {
	readonly root = mkdtempSync(join(tmpdir(), "cc-any-test-"));
	readonly report = join(this.root, "report.json");
	readonly #children: ChildProcess[] = [];

	/** A clean environment, with the fake claude on PATH. */
	environment(plan: FakePlan, more: Record<string, string> = {}): Record<string, string> {
		return {
			HOME: this.path("home"),
			PATH: `${this.path("bin")}:${process.env["PATH"]}`,
			TMPDIR: this.path("tmp"),
			NO_COLOR: "1",
			FAKE_CLAUDE: JSON.stringify({ ...plan, report: this.report }),
			...more,
		};
	}

	constructor() {
		for (const folder of ["home", "bin", "tmp", "work"]) mkdirSync(this.path(folder));
		symlinkSync(FAKE_CLAUDE, this.path("bin/claude"));
	}

	path(name: string): string {
		return join(this.root, name);
	}

	/** Writes a profile file for an OpenAI-style endpoint; its key is read from SAMPLE_API_KEY. Returns the path. */
	profile(baseUrl: string, more: Record<string, unknown> = {}): string {
		const path = this.path("sample.yaml");
		const models = { "sample-large": { contextWindow: 262_144, maxOutput: 32_768 } };
		const endpoints = { "openai-chat": { baseUrl } };
		const profile = { name: "sample", key: "env:SAMPLE_API_KEY", endpoints, model: "sample-large", models, ...more };
		writeFileSync(path, JSON.stringify(profile)); // JSON is YAML
		return path;
	}

	/** Starts cc-any in the work folder. */
	ccAny(options: readonly string[], environment: Record<string, string>, input?: string): Run {
		return this.start(process.execPath, [CC_ANY, ...options], environment, input);
	}

	/** Starts a program in the work folder, outputs collected. */
	start(file: string, programArguments: readonly string[], environment: Record<string, string>, input?: string): Run {
		const child = spawn(file, programArguments, { cwd: this.path("work"), env: environment, stdio: "pipe" });
		this.#children.push(child);
		child.stdin.on("error", () => {}); // the program may end without reading
		if (input !== undefined) child.stdin.end(input);
		return new Run(child);
	}

	/** What the fake saw; waits until it has reported. */
	async seen(ready: (report: FakeReport) => boolean = () => true): Promise<FakeReport> {
		return until(() => {
			if (!existsSync(this.report)) return undefined;
			const report = JSON.parse(readFileSync(this.report, "utf8")) as FakeReport;
			return ready(report) ? report : undefined;
		});
	}

	close(): void {
		for (const child of this.#children) if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
		rmSync(this.root, { recursive: true, force: true });
	}
}

/** A running program and how it ends. */
export class Run {
	readonly pid: number;
	stdout = "";
	stderr = "";
	/** Exit code, or the signal it died of. */
	readonly ended: Promise<number | NodeJS.Signals>;
	readonly #child: ChildProcess;

	constructor(child: ChildProcess) {
		this.#child = child;
		this.pid = child.pid as number;
		child.stdout?.on("data", (chunk: Buffer) => {
			this.stdout += chunk;
		});
		child.stderr?.on("data", (chunk: Buffer) => {
			this.stderr += chunk;
		});
		this.ended = new Promise((resolve) => {
			child.on("close", (code, signal) => resolve(signal ?? (code as number)));
		});
	}

	kill(signal: NodeJS.Signals): void {
		this.#child.kill(signal);
	}

	/** Waits until the standard output satisfies. */
	async printed(ready: (text: string) => boolean): Promise<string> {
		return until(() => (ready(this.stdout) ? this.stdout : undefined));
	}
}

/** Polls until there is a value. The test's own time limit is the limit. */
export async function until<T>(look: () => T | undefined): Promise<T> {
	for (;;) {
		const value = look();
		if (value !== undefined) return value;
		await delay(20);
	}
}

export function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false; // no such process
	}
}

/** Whether anything listens on a loopback port. */
export async function isListening(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = createConnection(port, "127.0.0.1");
		socket.once("connect", () => {
			socket.destroy();
			resolve(true);
		});
		socket.once("error", () => resolve(false));
	});
}
