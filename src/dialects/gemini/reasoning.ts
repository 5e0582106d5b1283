import type { Target } from "../../profile/model/target.ts";
import type { ContentBlock } from "../../protocol/messages.ts";
import { readSignature, writeSignature } from "../reasoning/signature.ts";

/** A call's signature in the form of Google's OpenAI-compatible endpoint, so that a session may move between the two. */
interface ExtraContent {
	google?: { thought_signature?: unknown };
}

/** The signature of a thinking block that carries a call's thought signature through Claude Code's history. */
export function carriedSignature(id: string, thoughtSignature: string, target: Target): string {
	const extra: ExtraContent = { google: { thought_signature: thoughtSignature } };
	return writeSignature({ extraContent: { [id]: extra } }, target);
}

/** The thought signatures of a turn, by tool-use id. */
export function thoughtSignatures(blocks: readonly ContentBlock[], target: Target): Map<string, string> {
	const found = new Map<string, string>();
	for (const block of blocks) {
		if (block.type !== "thinking") continue;
		const state = readSignature(block.signature, target)?.extraContent ?? {};
		for (const [id, extra] of Object.entries(state)) {
			const signature = signatureIn(extra);
			if (signature !== undefined) found.set(id, signature);
		}
	}
	return found;
}

/** Stands in for a signature that was never given. Source: ai.google.dev/gemini-api/docs/thought-signatures. */
const SKIP = "skip_thought_signature_validator";

/** The value that stands in for a lost signature, where the profile names one or the provider has demanded one. */
export function lostSignature({ quirks }: Target): string | undefined {
	return signatureIn(quirks.extraContentPlaceholder) ?? (quirks.reasoningRequired === "never" ? undefined : SKIP);
}

function signatureIn(extra: unknown): string | undefined {
	const signature = (extra as ExtraContent | null | undefined)?.google?.thought_signature;
	return typeof signature === "string" ? signature : undefined;
}
