/** One piece of a tool call as a provider sends it: any of the three may come late, once, or never. */
export interface ToolUsePart {
	id?: string | undefined;
	name?: string | undefined;
	/** A fragment of the input's JSON text. */
	json?: string | undefined;
}

/** A tool call while it is being put together. */
export interface ToolCall {
	id: string;
	name: string;
	/** Fragments not yet written. */
	pending: string[];
	state: "waiting" | "open" | "closed";
	/** The provider said that this call is complete. */
	complete: boolean;
}

export function newToolCall(): ToolCall {
	return { id: "", name: "", pending: [], state: "waiting", complete: false };
}
