/**
 * Wire types of OpenAI's chat completions, with the additions that other vendors made to them.
 * Source: platform.openai.com/docs/api-reference/chat. Replies are read with every field optional and untrusted.
 */

export type ContentPart =
	| { type: "text"; text: string }
	| { type: "image_url"; image_url: { url: string } }
	| { type: "file"; file: { filename: string; file_data: string } };

export interface ChatToolCall {
	id: string;
	type: "function";
	function: { name: string; arguments: string };
	/** Google's thought signatures live here. */
	extra_content?: unknown;
}

export interface AssistantMessage {
	role: "assistant";
	content: string;
	tool_calls?: ChatToolCall[];
	/** Earlier reasoning, under the name the provider reads: `reasoning_content`, `reasoning`, `reasoning_details`. */
	[field: string]: unknown;
}

export type ChatMessage =
	| { role: "system"; content: string }
	| { role: "user"; content: string | ContentPart[] }
	| { role: "tool"; tool_call_id: string; content: string | ContentPart[] }
	| AssistantMessage;

export interface ToolCallDelta {
	index?: unknown;
	id?: unknown;
	function?: { name?: unknown; arguments?: unknown } | null;
	extra_content?: unknown;
}

/** `delta` of a chunk, or `message` of a whole completion. */
export interface Delta {
	content?: unknown;
	refusal?: unknown;
	reasoning_content?: unknown;
	reasoning?: unknown;
	reasoning_details?: unknown;
	tool_calls?: ToolCallDelta[] | null;
	/** The one call of the protocol before parallel calls. */
	function_call?: { name?: unknown; arguments?: unknown } | null;
}

export interface Choice {
	index?: unknown;
	delta?: Delta | null;
	message?: Delta | null;
	finish_reason?: unknown;
	/** Moonshot reports the usage here. */
	usage?: unknown;
}

export interface Chunk {
	id?: unknown;
	choices?: Choice[] | null;
	usage?: unknown;
	error?: unknown;
	/** MiniMax reports errors here, with status 200. */
	base_resp?: { status_code?: number; status_msg?: string } | null;
	[field: string]: unknown;
}
