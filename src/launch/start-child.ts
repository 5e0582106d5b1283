import { spawn } from "node:child_process";

export interface ChildCommand {
	file: string;
	arguments: readonly string[];
	/** The whole environment of the child. */
	environment: Record<string, string>;
}

/** How a child ended: with a code, or by a signal. */
export type ChildEnd = { exitCode: number; signal?: undefined } | { exitCode?: undefined; signal: NodeJS.Signals };

/** A child that owns the terminal. */
export interface StartedChild {
	kill(signal: NodeJS.Signals): boolean;
	/** Rejects with the system's error where the program could not be started. */
	ended: Promise<ChildEnd>;
}

/**
 * Starts a child, never detached: should this process end for a reason of its own, it takes the child along. Node's own
 * spawn is enough for POSIX, and there before anything else was read.
 */
export function startChild({ file, arguments: words, environment }: ChildCommand): StartedChild {
	const child = spawn(file, words, { stdio: "inherit", env: environment });
	const takeAlong = () => child.kill();
	process.once("exit", takeAlong);
	const ended = new Promise<ChildEnd>((resolve, reject) => {
		child.once("error", reject);
		child.once("exit", (exitCode, signal) => resolve(signal ? { signal } : { exitCode: exitCode ?? 1 }));
	});
	return {
		kill: (signal) => child.kill(signal),
		ended: ended.finally(() => process.removeListener("exit", takeAlong)),
	};
}

/** The same for Windows, where npm's `claude.cmd` is a script that only a shell can run: execa knows how. */
export async function startChildOnWindows({
	file,
	arguments: words,
	environment,
}: ChildCommand): Promise<StartedChild> {
	const { execa } = await import("execa");
	const child = execa(file, words, {
		stdio: "inherit",
		env: environment,
		extendEnv: false,
		reject: false,
		buffer: false,
		windowsHide: false,
		forceKillAfterDelay: false, // the relay does it, for SIGHUP too
	});
	const ended = child.then((result): ChildEnd => {
		if (result.signal) return { signal: result.signal as NodeJS.Signals };
		if (result.exitCode !== undefined) return { exitCode: result.exitCode };
		throw result.cause ?? new Error(result.shortMessage);
	});
	return { kill: (signal) => child.kill(signal), ended };
}
