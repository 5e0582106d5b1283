import type { StopReason } from "../../protocol/messages.ts";

/** Reasons of `incomplete_details`. */
const FINISHES: Readonly<Record<string, StopReason>> = {
	max_output_tokens: "max_tokens",
	max_tokens: "max_tokens",
	content_filter: "refusal",
};

/** The stop reason of an incomplete response; undefined for an undocumented reason. */
export function finishOf(reason: unknown): StopReason | undefined {
	return typeof reason === "string" ? FINISHES[reason] : undefined;
}
