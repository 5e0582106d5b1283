import { endpointKey, type Target } from "../../profile/model/target.ts";
import { estimateTokens } from "../../protocol/count-tokens.ts";
import type { MessageRequest, Usage } from "../../protocol/messages.ts";

interface Sample {
	request: MessageRequest;
	/** Input tokens that the provider counted, cached ones included. */
	tokens: number;
	ratio?: Promise<number>;
}

/** Ratios outside say that the sample, not the estimate, is wrong (a provider that counts only new tokens). */
const PLAUSIBLE = [0.5, 2] as const;

/**
 * Learns how far the estimate is off for each model: the last request whose true count is known is estimated too, but
 * only when a count is asked for, so that no request pays for it.
 */
export class TokenCalibration {
	readonly #samples = new Map<string, Sample>();

	/** Keeps a request with its true usage. Estimated usage teaches nothing. */
	observe(target: Target, request: MessageRequest, usage: Partial<Usage> | undefined): void {
		if (!usage || usage["estimated"]) return;
		const { input_tokens = 0, cache_read_input_tokens = 0, cache_creation_input_tokens = 0 } = usage;
		const tokens = input_tokens + cache_read_input_tokens + cache_creation_input_tokens;
		if (tokens > 0) this.#samples.set(endpointKey(target), { request, tokens });
	}

	/** An estimate of the input tokens, corrected by what was learned of the model. */
	async estimate(target: Target, request: MessageRequest): Promise<number> {
		const sample = this.#samples.get(endpointKey(target));
		const estimate = await estimateTokens(request);
		if (!sample) return estimate;
		sample.ratio ??= estimateTokens(sample.request).then((estimated) => sample.tokens / Math.max(1, estimated));
		const ratio = await sample.ratio;
		return ratio >= PLAUSIBLE[0] && ratio <= PLAUSIBLE[1] ? Math.round(estimate * ratio) : estimate;
	}
}
