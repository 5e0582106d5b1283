import type { StopReason } from "../../protocol/messages.ts";

/** Reasons that are not Anthropic's own, from endpoints that translate half of the protocol. */
const FOREIGN: Readonly<Record<string, StopReason>> = {
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

/** The stop reason that fits what was really sent. The same value when the endpoint's own is right. */
export function stopReasonOf({ reason, stopSequence, hasToolUse }: SeenReply): StopReason {
	const said = typeof reason === "string" ? (FOREIGN[reason.toLowerCase()] ?? (reason as StopReason)) : "end_turn";
	if (said === "end_turn" && hasToolUse) return "tool_use";
	if (said === "tool_use" && !hasToolUse) return "end_turn";
	// llama.cpp names the sequence but not the reason.
	if (said === "end_turn" && typeof stopSequence === "string") return "stop_sequence";
	return said;
}

/** Reasons for which a reply may be empty: it says itself why. */
export function mayBeEmpty(reason: StopReason): boolean {
	return (
		reason === "refusal" ||
		reason === "stop_sequence" ||
		reason === "pause_turn" ||
		reason === "model_context_window_exceeded"
	);
}
