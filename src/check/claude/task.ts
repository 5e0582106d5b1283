/** A task for the real Claude Code in a small repository, with an outcome that can be checked. */
export interface ClaudeTask {
	/** Stable kebab-case name. */
	name: string;
	prompt: string;
	/** The initial repository: text by path. */
	files: Readonly<Record<string, string>>;
	/** Tool calls that it takes. For the estimate and the timeout. */
	calls: number;
	/** Judges the folder after Claude Code has worked in it, and its answer. */
	judge(folder: string, answer: string): Promise<TaskVerdict>;
}

export interface TaskVerdict {
	passed: boolean;
	/** One line: what was found. */
	detail: string;
}

/** The result of a task. */
export interface ClaudeOutcome extends TaskVerdict {
	task: string;
	/** Tool calls that were made. Claude Code reads a file again before it edits it. */
	calls: number;
	/** Exit code of claude; null when it was stopped. */
	exitCode: number | null;
	/** Exchanges, and those that needed a repair. */
	requests: number;
	repaired: number;
	/** Milliseconds. */
	duration: number;
}

/** An outcome in one line. */
export function outcomeText({ calls, requests, repaired, detail }: ClaudeOutcome): string {
	return `${detail}; ${calls} calls, repairs in ${repaired} of ${requests} requests`;
}
