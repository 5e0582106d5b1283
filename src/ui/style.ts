import chalk from "chalk";

/** Meanings of terminal text; the only importer of chalk, which obeys NO_COLOR and non-terminals by itself. */
export const style = {
	error: (text: string) => chalk.red(text),
	warning: (text: string) => chalk.yellow(text),
	success: (text: string) => chalk.green(text),
	hint: (text: string) => chalk.cyan(text),
	heading: (text: string) => chalk.bold(text),
	faint: (text: string) => chalk.dim(text),
};
