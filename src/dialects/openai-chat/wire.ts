import type { JsonSchema } from "../../protocol/messages.ts";
import type { PassedTool } from "../tools/tool-offer.ts";

/**
 * Wire types of OpenAI's chat completions, with other vendors' additions.
 * Source: platform.openai.com/docs/api-reference/chat. In replies every field is optional and untrusted.
 */

export type ContentPart =
	| { type: "text"; text: string }
	| { type: "image_url"; image_url: { url: string } }
	| { type: "file"; file: { filename: string; file_data: string } };

export interface ChatToolCall {
	id: string;
	type: "function";
	function: { name: string; arguments: string };
	/** Google's thought signatures. */
	extra_content?: unknown;
}

export interface AssistantMessage {
	role: "assistant";
	content: string;
	tool_calls?: ChatToolCall[];
	/** Earlier reasoning, in the field that the provider reads. */
	reasoning_content?: string;
	reasoning?: string;
	reasoning_details?: unknown[];
}

export interface ToolMessage {
	role: "tool";
	tool_call_id: string;
	/** Name of the tool. OpenAI does not know the field here. */
	name?: string;
	/** OpenAI accepts only text. Parts are for providers that accept images here. */
	content: string | ContentPart[];
}

export type ChatMessage =
	| { role: "system"; content: string }
	| { role: "user"; content: string | ContentPart[] }
	| ToolMessage
	| AssistantMessage;

export interface ChatTool {
	type: "function";
	function: { name: string; description?: string; parameters: JsonSchema; strict?: false };
}

export type ChatToolChoice = "auto" | "none" | "required" | { type: "function"; function: { name: string } };

/** The body of a request. Profiles may add fields of their own. */
export type ChatRequest = {
	model: string;
	messages: ChatMessage[];
	tools?: (ChatTool | PassedTool)[];
	tool_choice?: ChatToolChoice;
	parallel_tool_calls?: boolean;
	max_tokens?: number;
	max_completion_tokens?: number;
	temperature?: number;
	top_p?: number;
	/** Not OpenAI's: vLLM and many others read it. */
	top_k?: number;
	stop?: string[];
	response_format?:
		| { type: "json_schema"; json_schema: { name: string; schema: JsonSchema; strict: true } }
		| { type: "json_object" };
	user?: string;
	/** DeepSeek's name for `user`. */
	user_id?: string;
	stream?: true;
	stream_options?: { include_usage: true };
};

export interface ToolCallDelta {
	index?: unknown;
	id?: unknown;
	function?: { name?: unknown; arguments?: unknown } | null;
	extra_content?: unknown;
}

/** `delta` of a chunk, or `message` of a whole completion. */
export interface ChatDelta {
	content?: unknown;
	refusal?: unknown;
	reasoning_content?: unknown;
	reasoning?: unknown;
	reasoning_details?: unknown;
	tool_calls?: ToolCallDelta[] | null;
	/** Pages that the text cites. */
	annotations?: unknown;
	citations?: unknown;
	/** Tools that Groq ran itself. */
	executed_tools?: unknown;
	/** The single call of the older protocol without parallel calls. */
	function_call?: { name?: unknown; arguments?: unknown } | null;
}

export interface ChatChoice {
	index?: unknown;
	delta?: ChatDelta | null;
	message?: ChatDelta | null;
	finish_reason?: unknown;
	/** The stop sequence that was found: vLLM's field, and SGLang's. */
	stop_reason?: unknown;
	matched_stop?: unknown;
	error?: unknown;
	/** Moonshot reports the usage here. */
	usage?: unknown;
}

export interface ChatChunk {
	id?: unknown;
	model?: unknown;
	choices?: ChatChoice[] | null;
	usage?: unknown;
	error?: unknown;
	/** Groq reports the usage, and errors, of a stream here. */
	x_groq?: { usage?: unknown; error?: unknown } | null;
	/** Pages that Perplexity and xAI found. */
	citations?: unknown;
	search_results?: unknown;
	search_queries?: unknown;
	/** MiniMax reports errors here, with status 200. */
	base_resp?: { status_code?: number; status_msg?: string } | null;
	[field: string]: unknown;
}
