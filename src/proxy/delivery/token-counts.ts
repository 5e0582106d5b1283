import { endpointKey, type Target } from "../../profile/model/target.ts";
import { countedContent, estimateTokens } from "../../protocol/count-tokens.ts";
import type { Note } from "../../protocol/divergence.ts";
import type { MessageRequest, Usage } from "../../protocol/messages.ts";
import { inputTokens } from "../../trace/record/cost.ts";

/** A token of text holds at most this many characters, in every known language and tokenizer. */
const MAX_CHARS_PER_TOKEN = 10;

/** In a shorter text a low count proves nothing: images and special tokens weigh too much. */
const MIN_TEXT_CHARS = 40_000;

/**
 * Records that a provider has probably truncated the conversation silently: it counted more tokens than its window holds,
 * or far fewer than the text must have. Ollama does so at its default window of 4096 tokens
 * (docs.ollama.com/context-length).
 *
 * @param requestChars see `requestLength`: a cheap upper bound for the length of its text
 */
export function noteSilentTruncation(
	target: Target,
	request: MessageRequest,
	usage: Partial<Usage> | undefined,
	requestChars: number,
	note: Note,
): void {
	const counted = countedInput(usage);
	if (counted === 0) return;
	const report = (seen: string) => {
		const done = "recorded: the model may not have seen the whole conversation";
		note({ kind: "silent-cut", where: "response.usage", seen, done });
	};
	if (target.contextWindow !== undefined && counted > target.contextWindow) {
		report(`${counted} tokens counted, for a window of ${target.contextWindow}`);
		return;
	}
	if (counted >= requestChars / MAX_CHARS_PER_TOKEN) return;
	const textChars = countedContent(request).text.length;
	if (textChars < MIN_TEXT_CHARS || counted >= textChars / MAX_CHARS_PER_TOKEN) return;
	report(`${counted} tokens counted for ${textChars} characters`);
}

/** A count that differs more from the estimate is no count of the whole request: some providers count new tokens only. */
const MIN_RATIO = 0.5;
const MAX_RATIO = 2;

interface Sample {
	request: MessageRequest;
	/** What the provider counted for it. */
	tokens: number;
	/** Counted to estimated tokens. */
	ratio?: Promise<number>;
}

/**
 * Corrects the estimates of input tokens by what each model's provider counted. The last counted request of a model is
 * kept, and estimated only when a count is asked for: other requests pay nothing.
 */
export class TokenCalibration {
	readonly #samples = new Map<string, Sample>();

	/** Keeps a request with the provider's count. Counts that cc-any estimated are ignored. */
	observe(target: Target, request: MessageRequest, usage: Partial<Usage> | undefined): void {
		const tokens = countedInput(usage);
		if (tokens > 0) this.#samples.set(endpointKey(target), { request, tokens });
	}

	/** The estimated input tokens of a request, corrected if a count of the same model is known. */
	async estimate(target: Target, request: MessageRequest): Promise<number> {
		const sample = this.#samples.get(endpointKey(target));
		const estimate = await estimateTokens(request);
		if (!sample) return estimate;
		sample.ratio ??= estimateTokens(sample.request).then((estimated) => sample.tokens / Math.max(1, estimated));
		const ratio = await sample.ratio;
		return ratio >= MIN_RATIO && ratio <= MAX_RATIO ? Math.round(estimate * ratio) : estimate;
	}
}

/** Input tokens that the provider itself counted; 0 when it counted none. */
export function countedInput(usage: Partial<Usage> | undefined): number {
	return usage?.["estimated"] ? 0 : inputTokens(usage);
}
