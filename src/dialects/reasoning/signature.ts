import { isObject, tryParseJson } from "../../platform/json.ts";
import type { Target } from "../../profile/model/target.ts";

/**
 * State that a provider needs back with its reasoning travels in the `signature` of a thinking block: Claude Code returns
 * that field unchanged, also after `--resume` (measured with 2.1.197 and 2.1.332). The namespace distinguishes our
 * signatures from a provider's own.
 */
const NAMESPACE = "cc-any:1:";

/** State of a provider for which the Messages API has no field. */
export interface ReasoningState {
	/** The profile and model it came from. Absent in signatures from before 1.0, which count as the target's own. */
	issuer?: string;
	/** `reasoning_details` of OpenRouter and MiniMax, verbatim. */
	details?: unknown[];
	/** `extra_content` of a tool call (Gemini's thought signatures), by the tool-use id that Claude Code knows. */
	extraContent?: Record<string, unknown>;
	/** Reasoning items of OpenAI's Responses API with their encrypted content, verbatim. */
	items?: unknown[];
}

export function writeSignature(state: ReasoningState, target: Target): string {
	return NAMESPACE + Buffer.from(JSON.stringify({ issuer: issuerOf(target), ...state })).toString("base64");
}

/**
 * The state in one of our signatures; undefined for a foreign, absent or damaged one, and for state of another provider
 * or model: encrypted reasoning and thought signatures are accepted only by the model that issued them.
 */
export function readSignature(signature: unknown, target: Target): ReasoningState | undefined {
	const state = parseSignature(signature);
	return state?.issuer === undefined || state.issuer === issuerOf(target) ? state : undefined;
}

function issuerOf({ profile, model, reasoningGeneration }: Target): string {
	return `${profile}/${model}${reasoningGeneration ? `#${reasoningGeneration}` : ""}`;
}

function parseSignature(signature: unknown): ReasoningState | undefined {
	if (!isOwnSignature(signature)) return undefined;
	// A user can edit a transcript. Damaged reasoning is lost; the session goes on.
	const state = tryParseJson(Buffer.from(signature.slice(NAMESPACE.length), "base64").toString());
	return isObject(state) ? state : undefined;
}

export function isOwnSignature(signature: unknown): signature is string {
	return typeof signature === "string" && signature.startsWith(NAMESPACE);
}

/** A citation with our signature: a text block has no other field that Claude Code returns. */
interface SignatureCitation {
	type: "web_search_result_location";
	cited_text: string;
	encrypted_index: string;
	title: string;
	url: string;
}

/** Claude Code 2.1.332 returns the citations of a text, 2.1.197 does not (measured with `claude -c -p`). */
export function signatureCitation(signature: string, page = { title: "", url: "" }): SignatureCitation {
	const { title, url } = page;
	return { type: "web_search_result_location", cited_text: "", encrypted_index: signature, title, url };
}

/** Our signature in a citation; undefined in a provider's own citation. */
export function citedSignature(citation: unknown): string | undefined {
	const signature = isObject(citation) ? citation["encrypted_index"] : undefined;
	return isOwnSignature(signature) ? signature : undefined;
}
