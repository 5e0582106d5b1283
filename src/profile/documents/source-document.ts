/** Path of a field inside a file, outermost first. */
export type FieldPath = readonly (string | number)[];

/** A parsed file that still knows where its fields stand. */
export interface SourceDocument {
	/** Path of the file. */
	file: string;
	text: string;
	value: unknown;
	/** Line of a field, from 1; of its nearest parent when the field is absent; undefined when the format gives none. */
	lineOf(path: FieldPath): number | undefined;
}
