import { spawn } from "node:child_process";
import { Socket } from "node:net";
import { constants } from "node:os";
import { type Start, startOf } from "../platform/program.ts";
import { UserError } from "../platform/user-error.ts";

export interface ChildCommand {
	file: string;
	args: readonly string[];
	/** The whole environment of the child. */
	environment: Record<string, string>;
}

/** How a child ended: with an exit code, or by a signal. */
export type ChildEnd = { exitCode: number; signal?: undefined } | { exitCode?: undefined; signal: NodeJS.Signals };

/** Time between a signal that asks the child to end, and SIGKILL. */
const KILL_DELAY_MS = 5_000;
const WINDOWS_KILL_DELAY_MS = 3_000;

/** Time before SIGINT or SIGQUIT is passed on to the child, if no terminal can have sent it to both processes. */
const INTERRUPT_DELAY_MS = 500;

/** Ctrl-C, Ctrl-\\, and Ctrl-Break, which only Windows has. */
const INTERRUPTS = ["SIGINT", "SIGQUIT", "SIGBREAK"] as const;

const TERMINATIONS = ["SIGTERM", "SIGHUP"] as const;

/** Anything that takes signals: the child. */
interface SignalTarget {
	kill(signal: NodeJS.Signals): boolean;
}

/**
 * Handles the signals of this process during a session. SIGTERM and SIGHUP are passed on to the child, which is killed
 * if it does not exit. SIGINT and SIGQUIT are ignored: the terminal sends them to the child too. Without a
 * terminal, only cc-any got them, and they are passed on.
 *
 * On Windows nothing is passed on: there, only the console sends signals (Ctrl-C, Ctrl-Break, SIGHUP when the window is
 * closed), to the child too, and a signal of this process would end the child at once. Windows ends all programs of a
 * window 5 s after it was closed, so the child is killed before, and the files of the run are removed.
 */
export class SignalRelay {
	/** The first signal that asked this process to end. */
	received: NodeJS.Signals | undefined;
	readonly #platform: NodeJS.Platform;
	#child: SignalTarget | undefined;
	#timers: NodeJS.Timeout[] = [];

	constructor(platform: NodeJS.Platform = process.platform) {
		this.#platform = platform;
		for (const signal of INTERRUPTS) process.on(signal, this.#interrupt);
		for (const signal of TERMINATIONS) process.on(signal, this.#terminate);
	}

	/** From now on signals go to this child. */
	attach(child: SignalTarget): void {
		this.#child = child;
		if (this.received) this.#terminate(this.received);
	}

	/**
	 * Call when the child has ended: nothing more is passed on, and signals do not interrupt the release of resources.
	 */
	detach(): void {
		this.#child = undefined;
		for (const timer of this.#timers.splice(0)) clearTimeout(timer);
	}

	/** Restores the default handling of signals. */
	close(): void {
		this.detach();
		for (const signal of INTERRUPTS) process.removeListener(signal, this.#interrupt);
		for (const signal of TERMINATIONS) process.removeListener(signal, this.#terminate);
	}

	#terminate = (signal: NodeJS.Signals): void => {
		this.received ??= signal;
		if (!this.#child) return;
		const isWindows = this.#platform === "win32";
		if (!isWindows) this.#child.kill(signal);
		this.#later(isWindows ? WINDOWS_KILL_DELAY_MS : KILL_DELAY_MS, () => this.#child?.kill("SIGKILL"));
	};

	#interrupt = (signal: NodeJS.Signals): void => {
		if (!this.#child) {
			this.received ??= signal;
			return;
		}
		const terminal = this.#platform === "win32" || process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
		if (!terminal) this.#later(INTERRUPT_DELAY_MS, () => this.#child?.kill(signal));
	};

	#later(delay: number, action: () => void): void {
		this.#timers.push(setTimeout(action, delay));
	}
}

/**
 * Runs a child that has the terminal, until it ends. Throws a UserError when it cannot be started. The child is started
 * before the call returns.
 */
export async function runChild(
	command: ChildCommand,
	relay: SignalRelay,
	platform: NodeJS.Platform = process.platform,
): Promise<ChildEnd> {
	// A signal arrived before there was a child.
	if (relay.received) return { signal: relay.received };
	const start = startOf(command.file, command.args, command.environment, platform);
	try {
		return await childEnd(start, command.environment, relay, platform);
	} catch (error) {
		throw notStarted(command.file, error as NodeJS.ErrnoException);
	} finally {
		relay.detach();
	}
}

/** Starts a child, which is killed when this process exits, and waits for its end. */
async function childEnd(
	{ file, args, options }: Start,
	env: Record<string, string>,
	relay: SignalRelay,
	platform: NodeJS.Platform,
): Promise<ChildEnd> {
	const child = spawn(file, args, { ...options, stdio: "inherit", env });
	// Windows needs no watch: libuv puts the child into a job that ends with this process.
	const endWatch = child.pid === undefined || platform === "win32" ? undefined : watchParent(child.pid);
	const killChild = () => {
		endWatch?.();
		child.kill();
	};
	process.once("exit", killChild);
	relay.attach(child);
	try {
		return await new Promise<ChildEnd>((resolve, reject) => {
			child.once("error", reject);
			child.once("exit", (exitCode, signal) => resolve(signal ? { signal } : { exitCode: exitCode ?? 1 }));
		});
	} finally {
		endWatch?.();
		process.removeListener("exit", killChild);
	}
}

function notStarted(file: string, cause: NodeJS.ErrnoException): UserError {
	const isTooLong = cause.code === "ENAMETOOLONG" || cause.code === "E2BIG";
	return new UserError(`${file} could not be started: ${cause.message}`, {
		...(isTooLong && { hint: "the arguments are too long for this system: give the prompt on standard input" }),
		exitCode: cause.code === "ENOENT" ? 127 : 126,
		cause,
	});
}

/**
 * Ends the child when this process is killed with SIGKILL. The child would go on, and send its token and the conversation
 * to whoever takes the free port. A shell in the background reads from a pipe that only this process writes to: a line
 * ends the watch, and the end of the pipe ends the child. Returns the function that ends the watch.
 */
function watchParent(pid: number): () => void {
	const script = `(read -r _ <&3 || { kill -TERM ${pid}; sleep 2; kill -KILL ${pid}; }) &`;
	const shell = spawn("/bin/sh", ["-c", script], {
		stdio: ["ignore", "ignore", "ignore", "pipe"],
		// Ctrl-C in the terminal must not end it.
		detached: true,
		env: { PATH: process.env["PATH"] },
	});
	shell.unref();
	const pipe = shell.stdio[3];
	if (!(pipe instanceof Socket)) return () => {};
	for (const emitter of [shell, pipe]) {
		emitter.on("error", () => {
			// There is no shell: the child is not watched.
		});
	}
	pipe.unref();
	return () => void pipe.write("\n");
}

/** Signals that this process can send to itself without writing a second core dump. */
const REPEATABLE_SIGNALS: readonly NodeJS.Signals[] = ["SIGHUP", "SIGINT", "SIGKILL", "SIGTERM", "SIGUSR2", "SIGALRM"];

/** Ends this process as the child ended. All resources must be released before. */
export function endAs(end: ChildEnd): void {
	if (end.signal === undefined) {
		process.exitCode = end.exitCode;
		return;
	}
	process.exitCode = 128 + constants.signals[end.signal];
	// On Windows there are no signals: the process would end with code 1.
	if (process.platform !== "win32" && REPEATABLE_SIGNALS.includes(end.signal)) process.kill(process.pid, end.signal);
}
