import type { StopReason } from "../../protocol/messages.ts";

/** `failed`: the reply broke off. `malformed`: the model's call could not be read. `rejected`: the request is invalid. */
export type Finish = StopReason | "failed" | "malformed" | "rejected";

/** Source: ai.google.dev/api/generate-content#FinishReason. */
const FINISHES: Readonly<Record<string, Finish>> = {
	STOP: "end_turn",
	MAX_TOKENS: "max_tokens",
	// The server stopped in the middle of the reply.
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
	// A call of a tool that was not offered.
	UNEXPECTED_TOOL_CALL: "malformed",
	TOO_MANY_TOOL_CALLS: "failed",
	MISSING_THOUGHT_SIGNATURE: "rejected",
	MALFORMED_RESPONSE: "failed",
	IMAGE_OTHER: "failed",
	NO_IMAGE: "failed",
	OTHER: "failed",
};

/** The enum's zero value. Gateways send it while there is no reason yet. */
const NO_REASON = "FINISH_REASON_UNSPECIFIED";

/** The finish reason of a chunk; undefined where it has none. */
export function reasonIn(given: unknown): string | undefined {
	return typeof given === "string" && given !== "" && given.toUpperCase() !== NO_REASON ? given : undefined;
}

/** The meaning of a finish reason; undefined for an undocumented one. */
export function finishOf(reason: string): Finish | undefined {
	return FINISHES[reason.toUpperCase()];
}
