import type { StopReason } from "../../protocol/messages.ts";

/** Reasons of `incomplete_details`. */
const FINISHES: Readonly<Record<string, StopReason>> = {
	max_output_tokens: "max_tokens",
	max_tokens: "max_tokens",
	content_filter: "refusal",
};

/** Why a response is incomplete, in Anthropic's words; undefined for a reason that nobody has documented. */
export function finishOf(reason: unknown): StopReason | undefined {
	return typeof reason === "string" ? FINISHES[reason] : undefined;
}
