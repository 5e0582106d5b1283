import { constants } from "node:os";
import { UserError } from "../platform/user-error.ts";
import { type ChildCommand, type ChildEnd, startChild, startChildOnWindows } from "./start-child.ts";

/** Time that a child has to end after a signal was passed on, before it is killed. */
const GRACE_MS = 5_000;

/** Time that a child has to end by itself after SIGINT where no terminal can have sent it to both. */
const INTERRUPT_DELAY_MS = 500;

/** Anything that takes signals: the child. */
interface SignalTarget {
	kill(signal: NodeJS.Signals): boolean;
}

/**
 * Takes over the signals of this process for the time of a session. SIGTERM and SIGHUP are passed on to the child,
 * which is killed if it does not end. SIGINT and SIGQUIT come from the terminal, which sends them to the child as well:
 * they are ignored here, except without a terminal, where only cc-any got them.
 */
export class SignalRelay {
	/** The first signal that asked for the end. */
	received: NodeJS.Signals | undefined;
	#child: SignalTarget | undefined;
	#timers: NodeJS.Timeout[] = [];

	constructor() {
		process.on("SIGINT", this.#interrupt);
		process.on("SIGQUIT", this.#ignore);
		process.on("SIGTERM", this.#terminate);
		process.on("SIGHUP", this.#terminate);
	}

	/** From now on signals go to this child. */
	attach(child: SignalTarget): void {
		this.#child = child;
		if (this.received) this.#terminate(this.received);
	}

	/** The child has ended: nothing more is passed on. Signals stay away from the release of resources. */
	detach(): void {
		this.#child = undefined;
		for (const timer of this.#timers.splice(0)) clearTimeout(timer);
	}

	/** Gives the signals back. */
	close(): void {
		this.detach();
		process.removeListener("SIGINT", this.#interrupt);
		process.removeListener("SIGQUIT", this.#ignore);
		process.removeListener("SIGTERM", this.#terminate);
		process.removeListener("SIGHUP", this.#terminate);
	}

	#ignore = (): void => {};

	#terminate = (signal: NodeJS.Signals): void => {
		this.received ??= signal;
		if (!this.#child) return;
		this.#child.kill(signal);
		this.#later(GRACE_MS, () => this.#child?.kill("SIGKILL"));
	};

	#interrupt = (): void => {
		if (!this.#child) {
			this.received ??= "SIGINT";
			return;
		}
		const terminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
		if (!terminal) this.#later(INTERRUPT_DELAY_MS, () => this.#child?.kill("SIGINT"));
	};

	#later(delay: number, action: () => void): void {
		this.#timers.push(setTimeout(action, delay));
	}
}

/**
 * Runs a child that owns the terminal, until it ends. Throws a UserError where it cannot be started. On POSIX the child
 * is there when the call returns.
 */
export async function runChild(
	command: ChildCommand,
	relay: SignalRelay,
	platform: NodeJS.Platform = process.platform,
): Promise<ChildEnd> {
	// A signal that came before there was a child.
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

/** Signals that this process can die of in the same way without a second core dump. */
const REPEATABLE: readonly NodeJS.Signals[] = ["SIGHUP", "SIGINT", "SIGKILL", "SIGTERM", "SIGUSR2", "SIGALRM"];

/** Ends this process as the child ended. Call it last: all resources must be released. */
export function endAs(end: ChildEnd): void {
	if (end.signal === undefined) {
		process.exitCode = end.exitCode;
		return;
	}
	process.exitCode = 128 + constants.signals[end.signal];
	if (REPEATABLE.includes(end.signal)) process.kill(process.pid, end.signal);
}
