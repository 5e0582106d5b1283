/** One SSE event as it arrived, or a piece of a JSON reply in the same form. */
export interface Frame {
	/** The `event:` name; undefined when the server sent none. */
	event: string | undefined;
	/** The joined `data:` lines, not parsed. */
	data: string;
}
