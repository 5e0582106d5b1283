import type { ContentBlock, MessageParam } from "../../protocol/messages.ts";
import type { Question } from "../run/ask.ts";
import { TOOLS } from "./tools.ts";

/** Short instructions: a check measures the provider, not a prompt. */
const SYSTEM =
	"You are a coding agent in a terminal. Use the offered tools when the task needs them. Do not ask for confirmation. " +
	"Copy names, paths and texts exactly. Keep answers short.";

/** A question with the tools of a session. */
export function question(messages: string | MessageParam[], more: Partial<Question> = {}): Question {
	const list = typeof messages === "string" ? [user(messages)] : messages;
	return { system: SYSTEM, messages: list, tools: [...TOOLS], ...more };
}

/** A question without tools. */
export function plainQuestion(messages: string | MessageParam[], more: Partial<Question> = {}): Question {
	return { messages: typeof messages === "string" ? [user(messages)] : messages, ...more };
}

/** Thinking in the form that older models understand, without `adaptive`. */
export const THINKING = { thinking: { type: "enabled", budget_tokens: 1024 }, max_tokens: 4096 } as const;

export function user(content: string | ContentBlock[]): MessageParam {
	return { role: "user", content };
}

export function assistant(content: string | ContentBlock[]): MessageParam {
	return { role: "assistant", content };
}

export function call(id: string, name: string, input: unknown): ContentBlock {
	return { type: "tool_use", id, name, input };
}

export function result(id: string, content: string, isError = false): ContentBlock {
	return { type: "tool_result", tool_use_id: id, content, ...(isError && { is_error: true }) };
}
