/** A call as a model means it. */
export type Meant = [name: string, input: Record<string, unknown>];

/** How one family writes tool calls as text. Everything else about its test is the same for all. */
export interface LeakFamily {
	/** Name of the grammar that must read it. */
	grammar: string;
	/** Where one grammar reads several families. */
	name?: string;
	/** One or several calls as the family writes them. */
	write: (calls: readonly Meant[]) => string;
	/** The call must be the whole message: nothing may stand before or behind it. */
	wholeMessage?: boolean;
	/** The opener is a code fence itself. */
	fenced?: boolean;
	/** Texts that stand for calls all the same. */
	also: readonly (readonly [name: string, markup: string, calls: readonly Meant[]])[];
	/** A reply that ends too early: what it stands for, nothing where it is text. */
	unterminated: readonly (readonly [name: string, markup: string, calls: readonly Meant[]])[];
	/** Texts that look like a call and are none. */
	nearMisses: readonly string[];
	/** Values that the family cannot write at all. */
	cannotWrite?: (value: string) => boolean;
}

/** A value as families write it that do not quote text: text as it is, everything else as JSON. */
export function raw(value: unknown): string {
	return typeof value === "string" ? value : JSON.stringify(value);
}

/** A call as Python writes it. */
export function pythonCall([name, input]: Meant): string {
	return `${name}(${Object.entries(input)
		.map(([key, value]) => `${key}=${literal(value)}`)
		.join(", ")})`;
}

function literal(value: unknown): string {
	if (value === null) return "None";
	if (typeof value === "boolean") return value ? "True" : "False";
	if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
	if (typeof value !== "object") return JSON.stringify(value);
	return `{${Object.entries(value)
		.map(([key, entry]) => `${JSON.stringify(key)}: ${literal(entry)}`)
		.join(", ")}}`;
}
