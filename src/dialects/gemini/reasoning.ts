import { asObject } from "../../platform/json.ts";
import type { Target } from "../../profile/model/target.ts";
import type { ContentBlock, TextBlock } from "../../protocol/messages.ts";
import { citedSignature, readSignature, signatureCitation, writeSignature } from "../reasoning/signature.ts";

/**
 * The signature of a thinking block that carries a call's thought signature through Claude Code's history. The form is
 * that of Google's OpenAI-compatible endpoint, so that a session can move between the two.
 */
export function carriedSignature(id: string, thoughtSignature: string, target: Target): string {
	return writeSignature({ extraContent: { [id]: { google: { thought_signature: thoughtSignature } } } }, target);
}

/** Where the signature of a text is stored: `before` or `after` the thinking block is the text that it belongs to. */
type TextPlace = "before" | "after";
const TEXT_KEYS: Readonly<Record<TextPlace, string>> = { before: "text before", after: "text after" };

/** The signature of a thinking block that carries the thought signature of a text. */
export function textSignature(thoughtSignature: string, place: TextPlace, target: Target): string {
	return carriedSignature(TEXT_KEYS[place], thoughtSignature, target);
}

/** The thought signature that a block carries for the text before or after it. */
export function textSignatureIn(block: ContentBlock, place: TextPlace, target: Target): string | undefined {
	return block.type === "thinking" ? thoughtSignatures([block], target).get(TEXT_KEYS[place]) : undefined;
}

const CITED_TEXT_KEY = "text";

/** A citation of a text that carries its thought signature. */
export function textCitation(thoughtSignature: string, target: Target): unknown {
	return signatureCitation(carriedSignature(CITED_TEXT_KEY, thoughtSignature, target));
}

/** The thought signature that a citation of the text carries. */
export function citedTextSignature({ citations }: TextBlock, target: Target): string | undefined {
	const states = (citations ?? []).map((citation) => readSignature(citedSignature(citation), target));
	return states.map((state) => signatureIn(state?.extraContent?.[CITED_TEXT_KEY])).find((found) => found !== undefined);
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

/** Google's placeholder for a missing signature. Source: ai.google.dev/gemini-api/docs/thought-signatures. */
const MISSING_SIGNATURE = "skip_thought_signature_validator";

/** The placeholder for a lost signature: the profile's, or Google's own. */
export function lostSignature({ quirks }: Target): string {
	return signatureIn(quirks.extraContentPlaceholder) ?? MISSING_SIGNATURE;
}

function signatureIn(extra: unknown): string | undefined {
	const signature = asObject(asObject(extra)["google"])["thought_signature"];
	return typeof signature === "string" ? signature : undefined;
}
