import { spawn } from "node:child_process";
import { Socket } from "node:net";
import { constants } from "node:os";
import { UserError } from "../platform/user-error.ts";

export interface ChildCommand {
	file: string;
	args: readonly string[];
	/** The whole environment of the child. */
	environment: Record<string, string>;
}

/** How a child ended: with an exit code, or by a signal. */
export type ChildEnd = { exitCode: number; signal?: undefined } | { exitCode?: undefined; signal: NodeJS.Signals };

/** A running child that has the terminal. */
interface StartedChild {
	kill(signal: NodeJS.Signals): boolean;
	/** Rejects with the system's error where the program could not be started. */
	ended: Promise<ChildEnd>;
}

/** Time between a signal that was passed on to the child, and SIGKILL. */
const KILL_DELAY_MS = 5_000;

/** Time before SIGINT or SIGQUIT is passed on to the child, where no terminal can have sent it to both processes. */
const INTERRUPT_DELAY_MS = 500;

/** Anything that takes signals: the child. */
interface SignalTarget {
	kill(signal: NodeJS.Signals): boolean;
}

/**
 * Handles the signals of this process during a session. SIGTERM and SIGHUP are passed on to the child, which is killed
 * if it does not exit. SIGINT and SIGQUIT are ignored: the terminal sends them to the child as well. Without a
 * terminal, only cc-any got them, and they are passed on.
 */
export class SignalRelay {
	/** The first signal that asked this process to end. */
	received: NodeJS.Signals | undefined;
	#child: SignalTarget | undefined;
	#timers: NodeJS.Timeout[] = [];

	constructor() {
		process.on("SIGINT", this.#interrupt);
		process.on("SIGQUIT", this.#interrupt);
		process.on("SIGTERM", this.#terminate);
		process.on("SIGHUP", this.#terminate);
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
		process.removeListener("SIGINT", this.#interrupt);
		process.removeListener("SIGQUIT", this.#interrupt);
		process.removeListener("SIGTERM", this.#terminate);
		process.removeListener("SIGHUP", this.#terminate);
	}

	#terminate = (signal: NodeJS.Signals): void => {
		this.received ??= signal;
		if (!this.#child) return;
		this.#child.kill(signal);
		this.#later(KILL_DELAY_MS, () => this.#child?.kill("SIGKILL"));
	};

	#interrupt = (signal: NodeJS.Signals): void => {
		if (!this.#child) {
			this.received ??= signal;
			return;
		}
		const terminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
		if (!terminal) this.#later(INTERRUPT_DELAY_MS, () => this.#child?.kill(signal));
	};

	#later(delay: number, action: () => void): void {
		this.#timers.push(setTimeout(action, delay));
	}
}

/**
 * Runs a child that has the terminal, until it ends. Throws a UserError when it cannot be started. On POSIX the child
 * is started before the call returns.
 */
export async function runChild(
	command: ChildCommand,
	relay: SignalRelay,
	platform: NodeJS.Platform = process.platform,
): Promise<ChildEnd> {
	// A signal arrived before there was a child.
	if (relay.received) return { signal: relay.received };
	try {
		const child = platform === "win32" ? await startChildOnWindows(command) : startChild(command);
		relay.attach(child);
		return await child.ended;
	} catch (error) {
		const cause = error as NodeJS.ErrnoException;
		throw new UserError(`${command.file} could not be started: ${cause.message}`, {
			exitCode: cause.code === "ENOENT" ? 127 : 126,
			cause,
		});
	} finally {
		relay.detach();
	}
}

/** Starts a child that is killed when this process exits. On POSIX, Node's own spawn is enough. */
function startChild({ file, args, environment }: ChildCommand): StartedChild {
	const child = spawn(file, args, { stdio: "inherit", env: environment });
	const endWatch = child.pid === undefined ? undefined : watchParent(child.pid);
	const killChild = () => {
		endWatch?.();
		child.kill();
	};
	process.once("exit", killChild);
	const ended = new Promise<ChildEnd>((resolve, reject) => {
		child.once("error", reject);
		child.once("exit", (exitCode, signal) => resolve(signal ? { signal } : { exitCode: exitCode ?? 1 }));
	});
	return {
		kill: (signal) => child.kill(signal),
		ended: ended.finally(() => {
			endWatch?.();
			process.removeListener("exit", killChild);
		}),
	};
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

/** The same for Windows, where only a shell can run npm's `claude.cmd`, which execa handles. */
async function startChildOnWindows({ file, args, environment }: ChildCommand): Promise<StartedChild> {
	const { execa } = await import("execa");
	const child = execa(file, args, {
		stdio: "inherit",
		env: environment,
		extendEnv: false,
		reject: false,
		buffer: false,
		windowsHide: false,
		forceKillAfterDelay: false, // SignalRelay does it, for SIGHUP too
	});
	const ended = child.then((result): ChildEnd => {
		if (result.signal) return { signal: result.signal as NodeJS.Signals };
		if (result.exitCode !== undefined) return { exitCode: result.exitCode };
		throw result.cause ?? new Error(result.shortMessage);
	});
	return { kill: (signal) => child.kill(signal), ended };
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
	if (REPEATABLE_SIGNALS.includes(end.signal)) process.kill(process.pid, end.signal);
}
