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
