import type { Tool } from "../../protocol/messages.ts";
import { EDIT, READ, WRITE } from "../materials/tools.ts";

/** A call that the task requires at this point. */
export interface Step {
	tool: Tool;
	input: Record<string, string>;
	/** Its content was given in the first file, many turns before. */
	recalls?: true;
}

/** A task with one right sequence of calls and one right answer. */
export interface Trail {
	prompt: string;
	/** Initial files by name. */
	files: Record<string, string>;
	steps: Step[];
	/** What the last answer has to contain. */
	answer: string;
}

/** The folder as the model sees it. */
export const FOLDER = "/trail";
const LEDGER = `${FOLDER}/ledger.txt`;
const BIRDS = ["heron", "osprey", "plover", "avocet", "dunlin", "gannet", "curlew", "merlin"];

/**
 * Creates a trail of exactly `calls` tool calls, at least 4. Each room is a file that says what to do and which room
 * comes next: write a note, edit an entry of a ledger, or repeat the code word of the first room. The same seed creates
 * the same trail.
 */
export function createTrail(calls: number, seed: number): Trail {
	const word = `${pick(BIRDS, seed)}-${100 + ((seed * 37) % 900)}`;
	const files: Record<string, string> = {};
	const steps: Step[] = [read(1, seed)];
	let ledger = "";
	for (let room = 1; steps.length <= calls; room++) {
		const remaining = calls - steps.length;
		// A room takes two calls, its task and the next read, as long as both are left.
		const task = remaining >= 2 ? taskOf(room, seed, word) : undefined;
		if (task?.tool === EDIT) ledger += `${task.input["old_string"]}\n`;
		const facts = room === 1 ? [`The code word of this trail is ${word}. You will be asked for it again.`] : [];
		const next = remaining > 0 ? read(room + 1, seed) : undefined;
		files[fileOf(room, seed)] = [...facts, ...describe(task), wayOn(next)].join("\n");
		if (!next) break;
		steps.push(...(task ? [task, next] : [next]));
	}
	files["ledger.txt"] = ledger;
	return { prompt: promptOf(seed), files, steps, answer: word };
}

function promptOf(seed: number): string {
	return (
		`Follow the trail of files in ${FOLDER}. Begin with ${FOLDER}/${fileOf(1, seed)}. Each file says what to do and ` +
		"which file to read next. Do every step with your tools, exactly as written and in their order, one call per turn. " +
		"Stop at the end of the trail, and answer the question that is asked there."
	);
}

const fileOf = (room: number, seed: number) => `room-${String(((room * 7919 + seed * 104_729) % 90_000) + 10_000)}.txt`;

function pick<T>(list: readonly T[], index: number): T {
	return list[index % list.length] as T;
}

const read = (room: number, seed: number): Step => ({
	tool: READ,
	input: { file_path: `${FOLDER}/${fileOf(room, seed)}` },
});

/** In turn: a note, an edit, the code word, and only the way to the next room. */
function taskOf(room: number, seed: number, word: string): Step | undefined {
	const value = 100 + ((room * 271 + seed * 17) % 900);
	const note = (name: string, content: string): Step => ({
		tool: WRITE,
		input: { file_path: `${FOLDER}/${name}-${room}.txt`, content },
	});
	if (room % 4 === 1) return note("note", `room ${room}: “${value}” \\ ${pick(BIRDS, room)}`);
	const edit = { file_path: LEDGER, old_string: `entry ${room}: open`, new_string: `entry ${room}: ${value}` };
	if (room % 4 === 2) return { tool: EDIT, input: edit };
	return room % 4 === 3 ? { ...note("recall", word), recalls: true } : undefined;
}

function describe(step: Step | undefined): string[] {
	if (!step) return [];
	const { file_path, content, old_string, new_string } = step.input;
	if (step.recalls) return [`Write the code word of the first file, it alone, to ${file_path}`];
	if (step.tool === EDIT) return [`In ${file_path} replace the text [${old_string}] by the text [${new_string}]`];
	return [`Write the text [${content}], without the brackets, to ${file_path}`];
}

function wayOn(next: Step | undefined): string {
	if (next) return `Then read ${next.input["file_path"]}`;
	return "The trail ends here. Make no further call. Answer with the code word of the first file, it alone.";
}
