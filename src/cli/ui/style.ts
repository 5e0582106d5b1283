import detected, { Chalk } from "chalk";
import { ESCAPE } from "../../platform/printable.ts";

const { NO_COLOR, FORCE_COLOR } = process.env;

/** chalk detects the terminal and FORCE_COLOR, but not NO_COLOR. */
const chalk = NO_COLOR && FORCE_COLOR === undefined ? new Chalk({ level: 0 }) : detected;

/** Styles by meaning. No other file imports chalk. */
export const style = {
	error: (text: string) => chalk.red(text),
	warning: (text: string) => chalk.yellow(text),
	success: (text: string) => chalk.green(text),
	hint: (text: string) => chalk.cyan(text),
	heading: (text: string) => chalk.bold(text),
	faint: (text: string) => chalk.dim(text),
};

/** The escape sequences of these styles: five colours, bold and dim, and what ends them. */
export const STYLE_CODE = new RegExp(`(${ESCAPE}\\[(?:1|2|22|31|32|33|36|39)m)`);
