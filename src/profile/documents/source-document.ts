import { EXIT, UserError } from "../../platform/user-error.ts";

/** Path of a field inside a file, outermost first. */
export type FieldPath = readonly (string | number)[];

/** A parsed file that can say on which line a field is. */
export interface SourceDocument {
	/** Path of the file. */
	file: string;
	text: string;
	value: unknown;
	/** Line of a field, from 1; of its nearest parent when the field is absent; undefined when the format gives none. */
	lineOf(path: FieldPath): number | undefined;
}

/** Dotted name of a field for messages: `models.kimi-k3.price`. */
export function fieldName(path: FieldPath): string {
	return path.join(".");
}

/** The error for text that does not parse. */
export function unreadable(message: string): UserError {
	return new UserError(message, { hint: "correct the file and try again", exitCode: EXIT.config });
}
