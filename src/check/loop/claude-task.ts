import { FOLDER, layTrail, type Trail } from "./trail.ts";

/** A trail for the real Claude Code: its files and prompt name a real folder, its outcome is read from the files. */
export interface ClaudeTask {
	prompt: string;
	files: Record<string, string>;
	/** What the files have to hold in the end, by name; a line break at the end does not matter. */
	outcome: Record<string, string>;
	answer: string;
}

/** What the real Claude Code made of a trail. */
export interface ClaudeLoop {
	/** Calls that the trail demands, and that were made: Claude Code reads a file once more before it edits it. */
	demanded: number;
	calls: number;
	/** Files that are as they have to be, of all. */
	right: number;
	files: number;
	answered: boolean;
	completed: boolean;
	/** Exit code of claude; null when it was stopped. */
	exitCode: number | null;
	/** Exchanges, and those that took a repair. */
	requests: number;
	repaired: number;
	/** Milliseconds. */
	duration: number;
}

/** Claude Code's Edit demands that a file was read before: the prompt says so, for a model that does not know it. */
const HINT = " Before the first edit of ledger.txt read it once.";

/** Turns a trail into a task in a folder. */
export function claudeTask(calls: number, seed: number, folder: string): ClaudeTask {
	const trail = layTrail(calls, seed);
	const there = (text: string) =>
		text.replaceAll(`${FOLDER}/`, `${folder}/`).replaceAll(`in ${FOLDER}.`, `in ${folder}.`);
	const files = Object.fromEntries(Object.entries(trail.files).map(([name, text]) => [name, there(text)]));
	return { prompt: there(trail.prompt) + HINT, files, outcome: outcomeOf(trail), answer: trail.answer };
}

function outcomeOf({ files, steps }: Trail): Record<string, string> {
	const outcome: Record<string, string> = { "ledger.txt": files["ledger.txt"] ?? "" };
	for (const { input } of steps) {
		const name = input["file_path"]?.slice(FOLDER.length + 1) ?? "";
		const { content, old_string, new_string } = input;
		if (content !== undefined) outcome[name] = content;
		if (old_string !== undefined) outcome[name] = (outcome[name] ?? "").replace(old_string, () => new_string ?? "");
	}
	return outcome;
}
