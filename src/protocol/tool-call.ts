/** One piece of a tool call. A provider may send any of its parts late, once, or never. */
export interface ToolUsePart {
	id?: string | undefined;
	name?: string | undefined;
	/** A fragment of the input's JSON text. */
	json?: string | undefined;
}

/** A tool call that is still arriving. */
export interface ToolCall {
	id: string;
	name: string;
	/** Fragments not yet written. */
	pending: string[];
	state: "waiting" | "open" | "closed";
	/** Whether the provider has declared the call complete. */
	complete: boolean;
}

export function newToolCall(): ToolCall {
	return { id: "", name: "", pending: [], state: "waiting", complete: false };
}
