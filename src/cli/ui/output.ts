/** Where a command's output goes. Tests pass their own. */
export interface Output {
	/** Data, to stdout. */
	write(text: string): void;
	/** What is for people only, to stderr. */
	tell(text: string): void;
}

/** The output of this process. */
export function processOutput(): Output {
	return {
		write: (text) => void process.stdout.write(text),
		tell: (text) => void process.stderr.write(text),
	};
}

/** Ends quietly when the reader of stdout has gone, as `head` does. For commands that only print. */
export function endWithReader(): void {
	process.stdout.on("error", (error: NodeJS.ErrnoException) => {
		if (error.code !== "EPIPE") throw error;
		process.exit();
	});
}
