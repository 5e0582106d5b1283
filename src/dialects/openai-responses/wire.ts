import type { JsonSchema } from "../../protocol/messages.ts";
import type { PassedTool } from "../tools/tool-offer.ts";

/**
 * Wire types of OpenAI's Responses API. Source: platform.openai.com/docs/api-reference/responses. In replies every field
 * is optional and untrusted: llama.cpp omits sequence numbers and half of the `done` events.
 */

export type InputPart =
	| { type: "input_text"; text: string }
	| { type: "input_image"; detail: "auto"; image_url: string }
	| { type: "input_file"; filename: string; file_data: string };

/** Encrypted reasoning, which goes back as it came. Only the provider knows its other fields. */
export interface ReasoningItem {
	type: "reasoning";
	summary: unknown[];
	[field: string]: unknown;
}

/** Calls that the provider itself ran. Reasoning goes back only together with the item that followed it. */
export const HOSTED_CALLS = ["code_interpreter_call", "file_search_call", "mcp_call"] as const;

export interface HostedCall {
	type: (typeof HOSTED_CALLS)[number];
	[field: string]: unknown;
}

/** An entry of `input`. */
export type InputItem =
	| { type: "message"; role: "user" | "system"; content: string | InputPart[] }
	| { type: "message"; role: "assistant"; content: string; phase?: "commentary" | "final_answer" }
	| { type: "function_call"; call_id: string; name: string; arguments: string }
	| { type: "function_call_output"; call_id: string; output: string | InputPart[] }
	| ReasoningItem
	| HostedCall;

export interface FunctionTool {
	type: "function";
	name: string;
	description?: string;
	parameters: JsonSchema;
	strict: false;
}

export interface WebSearchTool {
	type: "web_search";
	filters?: { allowed_domains: string[] };
	user_location?: JsonSchema;
}

export type ResponsesToolChoice =
	| "auto"
	| "none"
	| "required"
	| { type: "function"; name: string }
	| { type: "allowed_tools"; mode: "required"; tools: { type: "web_search" }[] };

/** The body of a request. Profiles may add fields of their own. */
export type ResponsesRequest = {
	model: string;
	instructions?: string;
	input: InputItem[];
	tools?: (FunctionTool | WebSearchTool | PassedTool)[];
	tool_choice?: ResponsesToolChoice;
	parallel_tool_calls?: boolean;
	max_output_tokens?: number;
	temperature?: number;
	top_p?: number;
	text?: {
		format: { type: "json_schema"; name: string; schema: JsonSchema; strict: true } | { type: "json_object" };
	};
	user?: string;
	/** DeepSeek's name for `user`. */
	user_id?: string;
	include?: ("reasoning.encrypted_content" | "web_search_call.action.sources")[];
	store: false;
	stream?: true;
};

export interface OutputPart {
	type?: unknown;
	text?: unknown;
	refusal?: unknown;
	annotations?: unknown;
}

/** An entry of `output`: incomplete in `response.output_item.added`, whole in `…done`. */
export interface OutputItem {
	type?: unknown;
	id?: unknown;
	call_id?: unknown;
	name?: unknown;
	/** A JSON text; some gateways send an object. */
	arguments?: unknown;
	content?: OutputPart[] | null;
	summary?: OutputPart[] | null;
	encrypted_content?: unknown;
	/** Of a web search. */
	action?: { type?: unknown; query?: unknown; queries?: unknown; sources?: unknown } | null;
	[field: string]: unknown;
}

export interface Response {
	id?: unknown;
	status?: unknown;
	error?: unknown;
	incomplete_details?: { reason?: unknown } | null;
	output?: OutputItem[] | null;
	model?: unknown;
	usage?: unknown;
	[field: string]: unknown;
}

/** One event of a stream. */
export interface ResponseEvent {
	type: string;
	response?: Response | null;
	output_index?: unknown;
	item_id?: unknown;
	content_index?: unknown;
	summary_index?: unknown;
	item?: OutputItem | null;
	part?: OutputPart | null;
	delta?: unknown;
	text?: unknown;
	refusal?: unknown;
	arguments?: unknown;
	annotation?: unknown;
	[field: string]: unknown;
}
