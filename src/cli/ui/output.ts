import { style } from "./style.ts";

/** Where a command's output goes. Tests pass their own. */
export interface CommandOutput {
	/** Data, to stdout. */
	write(text: string): void;
	/** Messages for people, to stderr. */
	tell(text: string): void;
}

/** The output of this process. */
export function processOutput(): CommandOutput {
	return {
		write: (text) => void process.stdout.write(text),
		tell: (text) => void process.stderr.write(text),
	};
}

/** Prints one line of information on stderr, before or after claude has the terminal. */
export function warn(text: string): void {
	process.stderr.write(`${style.warning("cc-any:")} ${text}\n`);
}

/** Exits silently when the reader of stdout has closed it, as `head` does. For commands that only print. */
export function exitWithReader(): void {
	process.stdout.on("error", (error: NodeJS.ErrnoException) => {
		if (error.code !== "EPIPE") throw error;
		process.exit();
	});
}

/** Quotes an argument for a POSIX shell, if it needs quoting. */
export function quote(text: string): string {
	return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
