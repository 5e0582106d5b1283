import { autocomplete, isCancel } from "@clack/prompts";
import { tell } from "./output.ts";
import { interrupted } from "./prompt.ts";

/** One row of a list to pick from. */
export interface SelectRow {
	value: string;
	label: string;
}

export interface SelectOptions {
	/** Value of the row that is selected at first. */
	initial?: string | undefined;
	/** Whether a row matches the typed text. */
	matches: (typed: string, row: SelectRow) => boolean;
}

/** Lets a person pick a row on stderr, with the arrow keys or by typing. */
export async function select(question: string, rows: readonly SelectRow[], options: SelectOptions): Promise<string> {
	const known = new Set(rows.map(({ value }) => value));
	for (;;) {
		const picked = await autocomplete({
			message: question,
			options: [...rows],
			...(options.initial === undefined ? {} : { initialValue: options.initial }),
			maxItems: 10,
			filter: (typed, { value, label = value }) => typed === "" || options.matches(typed, { value, label }),
			output: process.stderr,
		});
		// Ctrl-C and Escape.
		if (isCancel(picked)) throw interrupted();
		// Enter with a search that nothing matches picks nothing.
		if (known.has(picked)) return picked;
		tell("nothing matches: delete a letter, or press Escape\n");
	}
}
