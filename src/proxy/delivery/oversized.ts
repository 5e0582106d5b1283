import { estimateTokens } from "../../protocol/count-tokens.ts";
import type { Failure } from "../../upstream/failures/classify.ts";
import type { Exchange } from "../exchange.ts";

/** With fewer characters of JSON per token of the window, a request surely fits; with more than the maximum, it surely does not. */
const MIN_CHARS_PER_TOKEN = 2.5;
export const MAX_CHARS_PER_TOKEN = 8;
/** An estimate may be too high by half: what is still too long times this factor surely does not fit. */
const ESTIMATE_MARGIN = 0.67;

/** The failure of a request that surely does not fit into the context window; undefined when it may fit. */
export async function refuseOversized(
	contextWindow: number,
	{ request, requestChars, note }: Exchange,
): Promise<Failure | undefined> {
	// Cheap, and true for almost every request: only the others wait for an estimate.
	if (requestChars < contextWindow * MIN_CHARS_PER_TOKEN) return undefined;
	const tokens = await estimateTokens(request);
	if (requestChars < contextWindow * MAX_CHARS_PER_TOKEN && tokens * ESTIMATE_MARGIN < contextWindow) return undefined;
	const message = `about ${tokens} tokens do not fit the window of ${contextWindow}; the provider was not asked`;
	note({ kind: "oversized-request", where: "request", seen: `about ${tokens} tokens`, done: "refused before sending" });
	return { class: "context-overflow", message, status: 0 };
}
