import type { Target } from "../../profile/model/target.ts";
import { countedContent } from "../../protocol/count-tokens.ts";
import type { Note } from "../../protocol/divergence.ts";
import type { MessageRequest, Usage } from "../../protocol/messages.ts";

/** Text that is shorter says nothing: 40,000 characters are 4,000 tokens even at ten to a token. */
const LONG_ENOUGH = 40_000;
/** Characters to a token at most, in any language and tokenizer that is known. */
const MOST_PER_TOKEN = 10;

/**
 * Records that a provider seems to have cut the conversation without a word: it counted more tokens than its window
 * holds, or far fewer than the text can have (Ollama's default window of 4096, Xiaomi MiMo; quirks.md 7).
 */
export function noteSilentTruncation(
	target: Target,
	request: MessageRequest,
	usage: Partial<Usage> | undefined,
	/** Characters of Claude Code's request: a cheap upper bound of the text. */
	sent: number,
	note: Note,
): void {
	if (!usage || usage["estimated"]) return;
	const { input_tokens = 0, cache_read_input_tokens = 0, cache_creation_input_tokens = 0 } = usage;
	const counted = input_tokens + cache_read_input_tokens + cache_creation_input_tokens;
	if (counted === 0) return;
	const kind = "silent-cut";
	const done = "recorded: the model may not have seen the whole conversation";
	if (target.contextWindow !== undefined && counted > target.contextWindow) {
		const seen = `${counted} tokens counted, for a window of ${target.contextWindow}`;
		note({ kind, where: "response.usage", seen, done });
		return;
	}
	if (counted >= sent / MOST_PER_TOKEN) return;
	const characters = countedContent(request).text.length;
	if (characters < LONG_ENOUGH || counted >= characters / MOST_PER_TOKEN) return;
	note({ kind, where: "response.usage", seen: `${counted} tokens counted for ${characters} characters`, done });
}
