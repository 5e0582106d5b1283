import type { StopReason } from "../../protocol/messages.ts";

/**
 * `failed`: it broke off without a word. `malformed`: the call it wanted to make could not be read. `rejected`: the
 * request itself is at fault.
 */
export type Finish = StopReason | "failed" | "malformed" | "rejected";

/** Source: ai.google.dev/api/generate-content#FinishReason. */
const FINISHES: Readonly<Record<string, Finish>> = {
	STOP: "end_turn",
	MAX_TOKENS: "max_tokens",
	// The server stopped in the middle and would go on: the reply is cut.
	CONTINUATION: "max_tokens",
	SAFETY: "refusal",
	RECITATION: "refusal",
	LANGUAGE: "refusal",
	BLOCKLIST: "refusal",
	PROHIBITED_CONTENT: "refusal",
	SPII: "refusal",
	IMAGE_SAFETY: "refusal",
	IMAGE_PROHIBITED_CONTENT: "refusal",
	IMAGE_RECITATION: "refusal",
	MALFORMED_FUNCTION_CALL: "malformed",
	// A call while none was offered, or a call of a tool that was not.
	UNEXPECTED_TOOL_CALL: "malformed",
	TOO_MANY_TOOL_CALLS: "failed",
	MISSING_THOUGHT_SIGNATURE: "rejected",
	MALFORMED_RESPONSE: "failed",
	IMAGE_OTHER: "failed",
	NO_IMAGE: "failed",
	OTHER: "failed",
};

/** The enum's zero value, which gateways write where there is no reason yet. */
const NO_REASON = "FINISH_REASON_UNSPECIFIED";

/** The reason in a chunk; undefined where it gives none. */
export function reasonIn(given: unknown): string | undefined {
	return typeof given === "string" && given !== "" && given.toUpperCase() !== NO_REASON ? given : undefined;
}

/** What a finish reason means; undefined for one that nobody has documented. */
export function finishOf(reason: string): Finish | undefined {
	return FINISHES[reason.toUpperCase()];
}
