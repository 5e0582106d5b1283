/** A task for the real Claude Code in a small repository, with an outcome that can be checked. */
export interface ClaudeTask {
	/** Stable kebab-case name. */
	name: string;
	prompt: string;
	/** The repository at the beginning: text by path. */
	files: Readonly<Record<string, string>>;
	/** Tool calls that it takes; for the estimate and for the longest time. */
	calls: number;
	/** Looks at the folder that Claude Code left, and at what it said. */
	judge(folder: string, answer: string): Promise<Verdict>;
}

export interface Verdict {
	passed: boolean;
	/** One line: what was found. */
	detail: string;
}

/** What became of a task. */
export interface ClaudeOutcome extends Verdict {
	task: string;
	/** Tool calls that were made; Claude Code reads a file once more before it edits it. */
	calls: number;
	/** Exit code of claude; null when it was stopped. */
	exitCode: number | null;
	/** Exchanges, and those that took a repair. */
	requests: number;
	repaired: number;
	/** Milliseconds. */
	duration: number;
}

/** An outcome in one line. */
export function outcomeText({ calls, requests, repaired, detail }: ClaudeOutcome): string {
	return `${detail}; ${calls} calls, repairs in ${repaired} of ${requests} requests`;
}
