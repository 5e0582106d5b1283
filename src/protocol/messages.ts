/**
 * Wire types of the Messages API, requests and replies.
 * Source: platform.claude.com/docs/en/api/messages and recorded requests of Claude Code 2.1.197 to 2.1.332.
 *
 * They are types, not schemas: fields that are not named here pass unchanged (`[field: string]: unknown`).
 */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export interface CacheControl {
	type: "ephemeral";
	ttl?: string;
}

export interface TextBlock {
	type: "text";
	text: string;
	cache_control?: CacheControl;
	citations?: unknown[] | null;
}

export interface ImageBlock {
	type: "image";
	source:
		| { type: "base64"; media_type: string; data: string }
		| { type: "url"; url: string }
		| { type: "file"; file_id: string };
	cache_control?: CacheControl;
}

export interface DocumentBlock {
	type: "document";
	source:
		| { type: "base64"; media_type: string; data: string }
		| { type: "text"; media_type: string; data: string }
		| { type: "url"; url: string }
		| { type: "content"; content: string | ContentBlock[] }
		| { type: "file"; file_id: string };
	title?: string | null;
	context?: string | null;
	cache_control?: CacheControl;
}

export interface ThinkingBlock {
	type: "thinking";
	thinking: string;
	signature?: string;
}

export interface RedactedThinkingBlock {
	type: "redacted_thinking";
	data: string;
}

export interface ToolUseBlock {
	type: "tool_use";
	id: string;
	name: string;
	input: unknown;
	cache_control?: CacheControl;
}

export interface ToolResultBlock {
	type: "tool_result";
	tool_use_id: string;
	content?: string | ContentBlock[];
	is_error?: boolean;
	cache_control?: CacheControl;
}

export interface ToolReferenceBlock {
	type: "tool_reference";
	tool_name: string;
	cache_control?: CacheControl;
}

/** A tool that the provider runs itself. */
export interface ServerToolUseBlock {
	type: "server_tool_use";
	id: string;
	name: string;
	input: unknown;
	cache_control?: CacheControl;
}

export interface WebSearchToolResultBlock {
	type: "web_search_tool_result";
	tool_use_id: string;
	/** The pages that were found, or an object with an `error_code`. */
	content: unknown;
	cache_control?: CacheControl;
}

export interface SearchResultBlock {
	type: "search_result";
	title?: string;
	source?: string;
	content?: ContentBlock[];
	cache_control?: CacheControl;
}

/**
 * A block of a type that cc-any has no rule for. The literal represents every name that is not in `KnownBlock`: were it
 * `string`, `block.type === "text"` would not narrow to `TextBlock`.
 */
export interface OtherBlock {
	type: "(other)";
	cache_control?: CacheControl;
	[field: string]: unknown;
}

export type KnownBlock =
	| TextBlock
	| ImageBlock
	| DocumentBlock
	| ThinkingBlock
	| RedactedThinkingBlock
	| ToolUseBlock
	| ToolResultBlock
	| ToolReferenceBlock
	| ServerToolUseBlock
	| WebSearchToolResultBlock
	| SearchResultBlock;

export type ContentBlock = KnownBlock | OtherBlock;

export function isText(block: ContentBlock): block is TextBlock {
	return block.type === "text";
}

export function isThinking(block: ContentBlock): block is ThinkingBlock {
	return block.type === "thinking";
}

export function isToolUse(block: ContentBlock): block is ToolUseBlock {
	return block.type === "tool_use";
}

export function isToolResult(block: ContentBlock): block is ToolResultBlock {
	return block.type === "tool_result";
}

/** Claude Code sends `system` inside `messages` since 2.1.154. Its content is a string or text blocks. */
export type Role = "user" | "assistant" | "system";

export interface MessageParam {
	role: Role;
	content: string | ContentBlock[];
}

export interface Tool {
	name: string;
	/** Absent or `custom` for a client tool; a name such as `web_search_20250305` for a server tool. */
	type?: string;
	description?: string;
	input_schema?: JsonSchema;
	defer_loading?: boolean;
	cache_control?: CacheControl;
	[field: string]: unknown;
}

export type JsonSchema = { [keyword: string]: unknown };

export type ToolChoice =
	| { type: "auto"; disable_parallel_tool_use?: boolean }
	| { type: "any"; disable_parallel_tool_use?: boolean }
	| { type: "tool"; name: string; disable_parallel_tool_use?: boolean }
	| { type: "none" };

export type Thinking =
	| { type: "adaptive"; display?: string }
	| { type: "enabled"; budget_tokens: number; display?: string }
	| { type: "disabled" };

export interface OutputConfig {
	effort?: string;
	format?: { type: string; schema?: JsonSchema; [field: string]: unknown };
	[field: string]: unknown;
}

export interface MessageRequest {
	model: string;
	messages: MessageParam[];
	system?: string | TextBlock[];
	tools?: Tool[];
	tool_choice?: ToolChoice;
	/** Limit of the reply, thinking included. The Messages API requires it; cc-any does not. */
	max_tokens?: number;
	stop_sequences?: string[];
	stream?: boolean;
	temperature?: number;
	top_p?: number;
	top_k?: number;
	thinking?: Thinking;
	output_config?: OutputConfig;
	metadata?: { user_id?: string | null; [field: string]: unknown };
	[field: string]: unknown;
}

export type StopReason =
	| "end_turn"
	| "max_tokens"
	| "stop_sequence"
	| "tool_use"
	| "pause_turn"
	| "refusal"
	| "model_context_window_exceeded";

/**
 * Token counts of one reply. `input_tokens` excludes cache reads and writes (Anthropic's rule; OpenAI's
 * `prompt_tokens` includes them). `estimated` marks counts that cc-any computed because the provider gave none.
 */
export interface Usage {
	input_tokens: number;
	output_tokens: number;
	cache_read_input_tokens?: number;
	cache_creation_input_tokens?: number;
	[field: string]: unknown;
}

/** A whole reply. */
export interface Message {
	id: string;
	type: "message";
	role: "assistant";
	model: string;
	content: ContentBlock[];
	stop_reason: StopReason | null;
	stop_sequence: string | null;
	usage: Usage;
	[field: string]: unknown;
}

/** A content as blocks, whatever form it was sent in. */
export function contentBlocks(content: string | ContentBlock[] | undefined): ContentBlock[] {
	if (content === undefined) return [];
	return typeof content === "string" ? [{ type: "text", text: content }] : content;
}

/** Every block of the conversation; a tool result comes before the blocks in it. */
export function* blocksOf({ messages }: Pick<MessageRequest, "messages">): Generator<ContentBlock> {
	for (const { content } of messages) yield* withInner(contentBlocks(content));
}

function* withInner(blocks: readonly ContentBlock[]): Generator<ContentBlock> {
	for (const block of blocks) {
		yield block;
		if (block.type === "tool_result") yield* withInner(contentBlocks(block.content));
	}
}
