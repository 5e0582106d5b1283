/** ESC: the first character of the sequences that command a terminal. */
export const ESCAPE = "\u001b";

/**
 * Whole escape sequences: CSI (`ESC [ 2 J`) and strings such as OSC (`ESC ] 0;title BEL`). A string that does not end
 * within 500 characters keeps its text, so that nothing can hide what follows it.
 */
const SEQUENCE = new RegExp(
	`${ESCAPE}\\[[0-?]{0,100}[ -/]{0,10}[@-~]|${ESCAPE}[\\]PX^_][^\\u0007${ESCAPE}]{0,500}(?:\\u0007|${ESCAPE}\\\\)`,
	"g",
);

/** C0 without tab and line feed, DEL, C1, marks that change the direction of text, and line separators. */
const CONTROL = /[^\P{Cc}\t\n]|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/**
 * Text of a provider, a project's file or a record in a form that can be shown: without escape sequences, control
 * characters and direction marks.
 */
export function printable(text: string): string {
	return text.replace(SEQUENCE, "").replace(CONTROL, "");
}

/** The same on one line. */
export function printableLine(text: string): string {
	return printable(text.replaceAll("\n", " "));
}

/** JSON in which the same characters are written as `\u202e`, so that nothing is lost. */
export function printableJson(value: unknown, indent?: number): string {
	return JSON.stringify(value, undefined, indent).replace(CONTROL, (character) => {
		return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
	});
}
