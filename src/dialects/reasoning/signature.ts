import type { Target } from "../../profile/model/target.ts";

/**
 * What a provider needs back with its reasoning travels in the `signature` of a thinking block, because Claude Code
 * returns that field unchanged, also after `--resume` and a restart (measured). The namespace tells our own from a
 * provider's signature, which would be refused elsewhere.
 */
const NAMESPACE = "cc-any:1:";

/** State of a provider that has no place in the Messages API. */
export interface ReasoningState {
	/** Who gave it: profile and model. Absent in signatures of before 1.0, which are taken for the target's own. */
	issuer?: string;
	/** OpenRouter's and MiniMax's `reasoning_details`, verbatim. */
	details?: unknown[];
	/** `extra_content` of a tool call (Gemini's thought signatures), by the tool-use id that Claude Code knows. */
	extraContent?: Record<string, unknown>;
	/** Reasoning items of OpenAI's Responses with their encrypted content, verbatim. */
	items?: unknown[];
}

export function writeSignature(state: ReasoningState, target: Target): string {
	return NAMESPACE + Buffer.from(JSON.stringify({ issuer: issuerOf(target), ...state })).toString("base64");
}

/**
 * The state in one of our signatures; undefined for a foreign, absent or damaged one. What another provider or model
 * gave is foreign too: encrypted reasoning and thought signatures are refused by anyone but their maker.
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
	try {
		const state: unknown = JSON.parse(Buffer.from(signature.slice(NAMESPACE.length), "base64").toString());
		return typeof state === "object" && state !== null ? (state as ReasoningState) : undefined;
	} catch (error) {
		// A user can edit a transcript: the reasoning is lost then, the session is not.
		if (!(error instanceof SyntaxError)) throw error;
		return undefined;
	}
}

export function isOwnSignature(signature: unknown): signature is string {
	return typeof signature === "string" && signature.startsWith(NAMESPACE);
}
