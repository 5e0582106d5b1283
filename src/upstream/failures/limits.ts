import { type LimitNumbers, normaliseNumbers, readLimitNumbers } from "./limit-numbers.ts";

/** A token limit that a request exceeded. Every number is the provider's; a number that it did not state is absent. */
export type Limit =
	/** The prompt alone does not fit. */
	| { kind: "prompt-too-long"; tokens?: number; window?: number; perMinute?: true }
	/** The prompt fits, or may fit: the same request may succeed with a lower output limit. */
	| {
			kind: "output-too-large";
			tokens?: number;
			window?: number;
			requested?: number;
			/** The highest output limit of the model, whatever the prompt. */
			ceiling?: number;
			/** The output tokens that fit into the window with this prompt. */
			outputLeft?: number;
			/** Prompt and requested output together, if the message states only their sum. */
			total?: number;
			/** The window is the plan's tokens per minute. It must not be learned as the model's window. */
			perMinute?: true;
	  }
	/** The account's credit covers only this many output tokens (OpenRouter, HTTP 402). */
	| { kind: "cannot-afford"; affordable: number };

export interface LimitSource {
	/** HTTP status, or the status stated in the body of a 200 reply. */
	status: number;
	codes: string;
	message: string;
	/** The objects of the error body. */
	layers: readonly Readonly<Record<string, unknown>>[];
	/** The output limit of the request, where known: subtracted from a sum, it gives the tokens of the prompt. */
	maxTokens?: number | undefined;
}

/** Longest message that is read, in characters. */
const MAX_READ_CHARS = 3000;

/** A rate limit may mention tokens too: "Too many tokens, please wait" (Bedrock). */
const THROTTLE =
	/rate.?limit|too many requests|throttl|please wait|per (?:minute|min|day|hour|second)\b|\b[TR]PM\b|(?:try again|retry) (?:in|after|later)/i;

/** Any character within a sentence. A dot inside a number or a name does not end the sentence. */
const ANY = "(?:[^.;\\n]|\\.(?=\\S))";

/** Phrases that say that the prompt exceeds a limit. */
const PROMPT_TOO_LONG = new RegExp(
	[
		`prompt_?\\s?too_?\\s?long|\\b(?:prompts?|inputs?|context|conversation|messages?)\\b${ANY}{0,80}(?:too (?:long|large|big)|exceed|longer than|larger than|greater than|above the limit|over the limit)`,
		`exceed${ANY}{0,80}(?:context|prompt length|input length|sequence length|max_model_len|token limit|maximum number of (?:input )?tokens)`,
		"context.?(?:length|window).?exceeded|ContextWindowExceeded|context overflow|exceed_context_size|context_limit",
		"maximum (?:supported )?(?:context|prompt|model|sequence|input) length|reached context length|max(?:imum)? (?:input|prompt) tokens|max(?:imum)? length of (?:the )?(?:current )?(?:question|prompt|input)|range of input length",
		`(?:reduce|decrease|shorten|shorter)${ANY}{0,24}(?:messages?|prompt|inputs?)\\b`,
		"too many (?:input |prompt )?tokens|too_many_prompt_tokens|token_quantity_exceeded|tokens_limit_reached|max_tokens_per_request|token count is above",
		"too large to process|sequence length is longer|message larger than max|model_context_window_exceeded|context_length_exceeded|max_prompt_tokens_exceeded|\\b(?:1261|1039)\\b.{0,60}(?:too long|token|max length)",
		"(?:prompt|inputs?|\\btokens?|(?:input|prompt)_tokens)\\W{0,3} must (?:be|have) (?:<|less|at most|no more)|\\bprompt \\d{1,9} > \\d|max_total_tokens|max_seq_len|inputs?\\W{0,3} tokens \\+",
		"context limit (?:reached|exceeded)|\\bcontent exceeds (?:the )?max",
		"(?:上下文|输入|提示词|消息).{0,30}(?:过长|超出|超过|超长|小于)|压缩上下文|token.{0,20}(?:超出|超过|超限)",
	].join("|"),
	"i",
);

const OUTPUT =
	"(?:max_(?:completion_|output_|new_)?tokens|max(?:Output|Completion|New)?Token(?:s|Count)|maximum tokens|(?:output|completion) tokens|completion length)";
/** Phrases that say that the output limit is too high. */
const OUTPUT_TOO_LARGE = new RegExp(
	`${OUTPUT}${ANY}{0,120}(?:too (?:large|high|big)|exceed|above|at most|(?:less|lower|fewer|greater|larger|higher|more) (?:than|or equal)|<=?|>|≤|maximum|out of range|range|非法|过大|超|最大|范围)|(?:exceed|range of|\\bmax(?:imum)?\\b|at most|invalid|too large|up to|too many)${ANY}{0,60}${OUTPUT}`,
	"i",
);

/** The output limit is too low, or conflicts with another field: lowering it would not help. */
const TOO_SMALL =
	/below (?:the )?minimum|should be (?:greater|higher|larger|more) than|must be (?:greater|at least|larger|higher)|at least 1\b|>= ?\d|budget_tokens/i;

/** The prompt leaves no tokens for the output: "max_tokens must be at least 1, got -186". */
const NOTHING_LEFT =
	/max_\w{0,12}tokens\W{0,3} must be (?:at least|greater than|>=?)\W{0,3}\d{1,3}\b[^\d-]{0,20}(?:-\d|0\b)/i;

/** Reads which token limit the request exceeded; undefined when the error is about something else. */
export function readLimit({ status, codes, message, layers, maxTokens }: LimitSource): Limit | undefined {
	const text = message.slice(0, MAX_READ_CHARS);
	const affordable = /\bafford(?:s|ed)?(?: only| up to| at most| about)?:? (\d{1,9})\b/i.exec(text)?.[1];
	if (affordable !== undefined) return { kind: "cannot-afford", affordable: Number(affordable) };
	if (/prompt tokens limit exceeded: \d{1,9} > \d/i.test(text)) return undefined;
	const perMinute = readPerMinute(text);
	if (perMinute) return settle({ ...perMinute, perMinute: true }, true, maxTokens);
	if (THROTTLE.test(`${codes} ${text}`)) return undefined;
	if (NOTHING_LEFT.test(text)) return { kind: "prompt-too-long" };
	if (OTHER_SIZE.test(text)) return undefined;
	const numbers = { ...readLimitNumbers(text), ...structuredNumbers(layers) };
	const plain = normaliseNumbers(text);
	const aboutPrompt = PROMPT_TOO_LONG.test(`${codes} ${plain}`) || statesBoth(numbers, text);
	const aboutOutput = OUTPUT_TOO_LARGE.test(plain) && !TOO_SMALL.test(plain);
	if (!aboutPrompt && !aboutOutput) return status === 413 ? { kind: "prompt-too-long" } : undefined;
	const mayBeOutput = aboutOutput || /completion|output|either one|max_\w{0,12}tokens/i.test(text);
	return readWithoutOutput(text, numbers, maxTokens) ?? settle(numbers, mayBeOutput, maxTokens, aboutPrompt);
}

/** No known phrase, but both numbers, and the prompt's is larger. */
function statesBoth({ tokens = 0, window = 0 }: LimitNumbers, text: string): boolean {
	return window >= MIN_WINDOW_TOKENS && tokens > window && /\btokens?\b|context/i.test(text) && !/budget/i.test(text);
}

/** "Limit 6000, Requested 10338": waiting does not help a request that exceeds the tokens of a whole minute. */
function readPerMinute(text: string): LimitNumbers | undefined {
	const match = /\blimit:? (\d{1,9}),(?: used:? \d{1,9},)? requested:? (\d{1,9})/i.exec(
		text.replace(/(\d),(?=\d{3}\b)/g, "$1"),
	);
	const [window, total] = [Number(match?.[1]), Number(match?.[2])];
	return total > window ? { window, total } : undefined;
}

/** Limits on other things, in the same phrases. */
const OTHER_SIZE =
	/\b(?:images?|pdfs?|pages?|documents?|files?|audio)\b[^.]{0,40}(?:exceed|too (?:large|big|many)|larger than)|\btoo many (?!tokens|input|prompt|output|completion)|\b(?:tools?|functions?|schemas?|names?|ids?|descriptions?|stop\w{0,10}|users?|metadata|headers?|cache_key)\b[^.]{0,40}too (?:long|many)|\bstring too long/i;

/** llama.cpp sends both numbers as fields. */
function structuredNumbers(layers: LimitSource["layers"]): LimitNumbers {
	const number = (name: string) =>
		layers.map((layer) => layer[name]).find((value): value is number => typeof value === "number" && value > 0);
	const [tokens, window] = [number("n_prompt_tokens"), number("n_ctx")];
	return { ...(tokens !== undefined && { tokens }), ...(window !== undefined && { window }) };
}

/**
 * vLLM messages whose numbers are not what they claim. 0.15.0rc2 reports the window minus max_tokens as "maximum context
 * length" (parameter=input_tokens); other versions count characters before they count tokens.
 */
function readWithoutOutput(text: string, numbers: LimitNumbers, maxTokens: number | undefined): Limit | undefined {
	const { tokens, window, requested } = numbers;
	if (/parameter=input_tokens,/.test(text) && requested === undefined && tokens !== undefined && window !== undefined) {
		const fits = maxTokens === undefined ? window < MIN_WINDOW_TOKENS : tokens < window + maxTokens;
		if (fits && tokens > window)
			return { kind: "output-too-large", tokens, ...(maxTokens !== undefined && { requested: maxTokens }) };
	}
	const characters =
		/passed (\d{1,12}) input characters[\s\S]{0,200}?length of (\d{1,9}) tokens \(at most (\d{1,12}) characters\)/.exec(
			text,
		);
	if (!characters || window === undefined) return undefined;
	const [passed = 0, maxInput = 0, maxCharacters = 0] = characters.slice(1).map(Number);
	const isTooLong = passed * maxInput >= window * maxCharacters || !requested;
	return isTooLong ? { kind: "prompt-too-long", window } : { kind: "output-too-large", window, requested };
}

/** Claude Code's first prompt is far larger, so a smaller number cannot be the context window. */
const MIN_WINDOW_TOKENS = 128;

/** The numbers decide, not the wording: a prompt as large as the window does not fit. */
function settle(
	numbers: LimitNumbers & { perMinute?: true },
	mayBeOutput: boolean,
	maxTokens: number | undefined,
	aboutPrompt = true,
): Limit {
	const { window, ceiling, total, perMinute } = numbers;
	const requested = numbers.requested ?? (total === undefined ? undefined : maxTokens);
	const fromSum = total !== undefined && requested !== undefined && total > requested ? total - requested : undefined;
	const tokens = numbers.tokens ?? fromSum;
	const marked = { ...(perMinute && { perMinute }), ...(window !== undefined && { window }) };
	if (tokens !== undefined && window !== undefined && tokens < window) {
		const rest = { ...(requested !== undefined && { requested }), ...(ceiling !== undefined && { ceiling }) };
		return { kind: "output-too-large", tokens, ...marked, ...rest, outputLeft: window - tokens };
	}
	const known = { ...(tokens !== undefined && { tokens }), ...marked };
	const isOutput =
		ceiling !== undefined ||
		(tokens === undefined && requested !== undefined) ||
		(tokens === undefined && total !== undefined && mayBeOutput);
	if (isOutput || !aboutPrompt) {
		const rest = {
			...(requested !== undefined && { requested }),
			...(ceiling !== undefined && { ceiling }),
			...(total !== undefined && { total }),
		};
		return { kind: "output-too-large", ...known, ...rest };
	}
	return { kind: "prompt-too-long", ...(total !== undefined && tokens === undefined && { tokens: total }), ...known };
}
