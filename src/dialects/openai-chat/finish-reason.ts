import type { StopReason } from "../../protocol/messages.ts";

/** `failed`: the provider reports that it broke off. `overflow`: the context window is full. */
export type Finish = StopReason | "failed" | "overflow";

/** Finish reasons of all vendors, lower case. */
const FINISHES: Readonly<Record<string, Finish>> = {
	stop: "end_turn",
	end: "end_turn",
	eos: "end_turn",
	eos_token: "end_turn",
	end_turn: "end_turn",
	complete: "end_turn",
	stop_sequence: "end_turn",
	length: "max_tokens",
	max_tokens: "max_tokens",
	max_length: "max_tokens",
	max_output_tokens: "max_tokens",
	tool_calls: "tool_use",
	tool_call: "tool_use",
	tool_use: "tool_use",
	function_call: "tool_use",
	content_filter: "refusal",
	content_filtered: "refusal",
	refusal: "refusal",
	safety: "refusal",
	recitation: "refusal",
	blocklist: "refusal",
	prohibited_content: "refusal",
	// Z.ai
	sensitive: "refusal",
	model_context_window_exceeded: "overflow",
	network_error: "failed",
	// OpenRouter and Vercel, without details
	error: "failed",
	// DeepSeek, when it runs out of capacity during a reply
	insufficient_system_resource: "failed",
	// Gemini could not parse the model's own call; a new attempt usually works
	malformed_function_call: "failed",
};

/** The meaning of a finish reason in any case (Gemini writes `STOP`); undefined for an undocumented one. */
export function finishOf(reason: string): Finish | undefined {
	return FINISHES[reason.toLowerCase()];
}
