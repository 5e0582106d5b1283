import type { StopReason } from "../../protocol/messages.ts";

/** OpenAI's reasons, from endpoints that translate only half of the protocol. */
const OPENAI_REASONS: Readonly<Record<string, StopReason>> = {
	stop: "end_turn",
	length: "max_tokens",
	tool_calls: "tool_use",
	function_call: "tool_use",
	content_filter: "refusal",
};

export interface SeenReply {
	reason: unknown;
	stopSequence: unknown;
	hasToolUse: boolean;
}

/** The stop reason that fits the blocks of the reply. The same value when the endpoint's own is correct. */
export function stopReasonOf({ reason, stopSequence, hasToolUse }: SeenReply): StopReason {
	const said =
		typeof reason === "string" ? (OPENAI_REASONS[reason.toLowerCase()] ?? (reason as StopReason)) : "end_turn";
	if (said === "end_turn" && hasToolUse) return "tool_use";
	if (said === "tool_use" && !hasToolUse) return "end_turn";
	// llama.cpp names the sequence but not the reason.
	if (said === "end_turn" && typeof stopSequence === "string") return "stop_sequence";
	return said;
}

/** Whether a reply with this stop reason may be empty: the reason explains it. */
export function mayBeEmpty(reason: unknown): boolean {
	return (
		reason === "refusal" ||
		reason === "stop_sequence" ||
		reason === "pause_turn" ||
		reason === "model_context_window_exceeded"
	);
}
