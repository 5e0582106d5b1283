import { type ChildProcess, spawn } from "node:child_process";
import {
	copyFileSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	realpathSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
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

const isWindows = process.platform === "win32";

/** The batch file that npm writes for the script of a package (github.com/npm/cmd-shim). */
export function npmShim(script: string): string {
	const text = `@ECHO off
GOTO start
:find_dp0
SET dp0=%~dp0
EXIT /b
:start
SETLOCAL
CALL :find_dp0

IF EXIST "%dp0%\\node.exe" (
  SET "_prog=%dp0%\\node.exe"
) ELSE (
  SET "_prog=node"
  SET PATHEXT=%PATHEXT:;.JS;=;%
)

endLocal & goto #_undefined_# 2>NUL || title %COMSPEC% & "%_prog%"  "%dp0%\\${script.replaceAll("/", "\\")}" %*
`;
	return text.replaceAll("\n", "\r\n");
}

/** A folder of its own for one test: home, bin (with claude → fake), tmp, work. */
export class Sandbox {
	// The real path: macOS has a link in that of the temporary folder, Windows a short name (`RUNNER~1`).
	readonly root = realpathSync.native(mkdtempSync(join(tmpdir(), "cc-any-test-")));
	readonly report = join(this.root, "report.json");
	readonly #children: ChildProcess[] = [];

	/** A clean environment, with the fake claude on PATH. */
	environment(plan: FakePlan, more: Record<string, string> = {}): Record<string, string> {
		return {
			...(isWindows ? this.#windowsVariables() : { HOME: this.path("home"), TMPDIR: this.path("tmp") }),
			PATH: [this.path("bin"), process.env["PATH"]].join(delimiter),
			NO_COLOR: "1",
			FAKE_CLAUDE: JSON.stringify({ ...plan, report: this.report }),
			...more,
		};
	}

	constructor() {
		for (const folder of ["home", "bin", "tmp", "work"]) mkdirSync(this.path(folder));
		if (isWindows) this.#installAsNpmDoes();
		else symlinkSync(FAKE_CLAUDE, this.path("bin/claude"));
	}

	/** The folders of the user, and what no program of Windows starts without. */
	#windowsVariables(): Record<string, string> {
		// In a thread, the names have the case in which the system wrote them.
		const kept = Object.entries(process.env).filter(([name]) =>
			/^(?:SystemRoot|ComSpec|PATHEXT|NODE_OPTIONS)$/i.test(name),
		);
		const [home, temp] = [this.path("home"), this.path("tmp")];
		return {
			...Object.fromEntries(kept),
			USERPROFILE: home,
			APPDATA: join(home, "AppData/Roaming"),
			TEMP: temp,
			TMP: temp,
		};
	}

	#installAsNpmDoes(): void {
		const script = "node_modules/fake-claude/cli.mjs";
		mkdirSync(this.path("bin/node_modules/fake-claude"), { recursive: true });
		copyFileSync(FAKE_CLAUDE, this.path(`bin/${script}`));
		writeFileSync(this.path("bin/claude.cmd"), npmShim(script));
		// For Git Bash; Windows cannot run it.
		writeFileSync(this.path("bin/claude"), '#!/bin/sh\nexec node "$(dirname "$0")/cli.mjs" "$@"\n');
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
		rmSync(this.root, { recursive: true, force: true, maxRetries: 5 });
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
