import { autocomplete, isCancel } from "@clack/prompts";
import { interrupted } from "./prompt.ts";

/** One row of a list to pick from. */
export interface Choice {
	value: string;
	label: string;
}

export interface SelectOptions {
	/** Value of the row that Enter takes at once. */
	initial?: string | undefined;
	/** Whether a row is shown for what was typed. */
	matches: (typed: string, choice: Choice) => boolean;
}

/** Lets a person pick a row on stderr, by arrows or by typing. */
export async function select(question: string, choices: readonly Choice[], options: SelectOptions): Promise<string> {
	const picked = await autocomplete({
		message: question,
		options: [...choices],
		...(options.initial === undefined ? {} : { initialValue: options.initial }),
		maxItems: 10,
		filter: (typed, { value, label = value }) => typed === "" || options.matches(typed, { value, label }),
		output: process.stderr,
	});
	// Ctrl-C and Escape.
	if (isCancel(picked)) throw interrupted();
	return picked;
}
