/** A value as families write it that do not quote text: text as it is, everything else as JSON. */
export function raw(value: unknown): string {
	return typeof value === "string" ? value : JSON.stringify(value);
}
