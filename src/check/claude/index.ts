import { addFeature } from "./add-feature.ts";
import { fixBug } from "./fix-bug.ts";
import { rename } from "./rename.ts";
import type { ClaudeTask } from "./task.ts";
import { trailTask } from "./trail-task.ts";

/** Small repositories, in the order in which they are run. */
const REPOSITORIES: readonly ClaudeTask[] = [fixBug, rename, addFeature];

/** The tasks of the real Claude Code: a trail of `calls` tool calls, then the repositories. */
export function claudeTasks(calls: number): readonly ((folder: string) => ClaudeTask)[] {
	return [(folder) => trailTask(calls, folder), ...REPOSITORIES.map((task) => () => task)];
}
