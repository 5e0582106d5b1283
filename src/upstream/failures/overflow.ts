/** How a provider words "the prompt does not fit". */
interface OverflowWording {
	provider: string;
	/** Named groups for the numbers in it: `used` tokens of the prompt, `max` of the window, `output` where it is counted too. */
	pattern: RegExp;
	/** A literal message, which a test reads. */
	example: string;
}

/** Ollama, Xiaomi MiMo and sometimes Z.ai report no overflow, but truncate the prompt: see `noteSilentTruncation`. */
export const OVERFLOW_WORDINGS: readonly OverflowWording[] = [
	{
		provider: "Anthropic",
		pattern: /input length and `?max_tokens`? exceed context limit: (?<used>\d+) \+ (?<output>\d+) > (?<max>\d+)/i,
		example: "input length and `max_tokens` exceed context limit: 190000 + 32000 > 200000",
	},
	{
		provider: "Anthropic",
		pattern: /prompt is too long(?:: (?<used>\d+) tokens > (?<max>\d+) maximum)?/i,
		example: "prompt is too long: 213462 tokens > 200000 maximum",
	},
	{
		provider: "vLLM, OpenAI (completion counted)",
		pattern:
			/maximum context length is (?<max>\d+)[\s\S]*?\((?<used>\d+) (?:in the messages|tokens? from the input messages)[\s\S]*?(?<output>\d+) (?:in|tokens? for) the completion/i,
		example:
			"This model's maximum context length is 102400 tokens. However, you requested 102772 tokens (70772 in the messages, 32000 in the completion).",
	},
	{
		provider: "OpenAI, DeepSeek, OpenRouter",
		pattern:
			/maximum context length is (?<max>\d+) tokens(?:[\s\S]*?(?:resulted in|requested(?: about)?) (?<used>\d+) tokens)?/i,
		example:
			"This model's maximum context length is 128000 tokens. However, your messages resulted in 150000 tokens. Please reduce the length of the messages.",
	},
	{
		provider: "OpenAI Responses",
		pattern: /exceeds the context window of this model/i,
		example: "Your input exceeds the context window of this model. Please adjust your input and try again.",
	},
	{
		provider: "LiteLLM",
		pattern: /ContextWindowExceededError|Context Window exceeded/i,
		example: "litellm.ContextWindowExceededError: litellm.BadRequestError: Context Window exceeded for given call.",
	},
	{
		provider: "LiteLLM",
		pattern: /token count exceeds the model's maximum context length of (?<max>\d+)/i,
		example: "Requested token count exceeds the model's maximum context length of 131072 tokens",
	},
	{
		provider: "OpenRouter",
		pattern: /Input length (?<used>\d+) exceeds the maximum allowed input length of (?<max>\d+)/i,
		example: "Input length 300000 exceeds the maximum allowed input length of 262144 tokens.",
	},
	{
		provider: "Gemini",
		pattern: /input token count \((?<used>\d+)\) exceeds the maximum number of tokens allowed \((?<max>\d+)\)/i,
		example: "The input token count (1196265) exceeds the maximum number of tokens allowed (1048575)",
	},
	{
		provider: "xAI",
		pattern: /maximum prompt length is (?<max>\d+) but the request contains (?<used>\d+)/i,
		example: "This model's maximum prompt length is 131072 but the request contains 537812 tokens",
	},
	{
		provider: "Groq",
		pattern: /reduce the length of the messages or completion/i,
		example: "Please reduce the length of the messages or completion",
	},
	{
		provider: "Together",
		pattern: /input \((?<used>\d+) tokens\) is longer than the model's context length \((?<max>\d+) tokens\)/i,
		example: "The input (140000 tokens) is longer than the model's context length (131072 tokens).",
	},
	{
		provider: "Mistral",
		pattern: /Prompt contains (?<used>\d+) tokens[\s\S]*?too large for model with (?<max>\d+) maximum context length/i,
		example: "Prompt contains 140000 tokens and 0 draft tokens, too large for model with 131072 maximum context length",
	},
	{
		provider: "DashScope",
		pattern: /Range of input length should be \[1, (?<max>\d+)\]/i,
		example: "Range of input length should be [1, 129024]",
	},
	{
		provider: "Moonshot",
		pattern: /exceeded model token limit: (?<max>\d+)(?: \(requested: (?<used>\d+)\))?/i,
		example: "Invalid request: Your request exceeded model token limit: 262144 (requested: 269030)",
	},
	{
		provider: "MiniMax",
		pattern: /context window exceeds limit/i,
		example: "invalid params, context window exceeds limit (2013)",
	},
	{ provider: "Z.ai", pattern: /Prompt too long|Prompt exceeds max length/i, example: "Prompt exceeds max length" },
	{
		provider: "GitHub Copilot",
		pattern: /prompt token count of (?<used>\d+) exceeds the limit of (?<max>\d+)/i,
		example: "prompt token count of 140000 exceeds the limit of 128000",
	},
	{
		provider: "llama.cpp",
		pattern: /request \((?<used>\d+) tokens\) exceeds the available context size \((?<max>\d+) tokens\)/i,
		example: "request (13392 tokens) exceeds the available context size (8192 tokens), try increasing it",
	},
	{
		provider: "llama.cpp (older)",
		pattern: /exceeds the available context size|too large to process\. increase/i,
		example: "the request exceeds the available context size, try increasing it",
	},
	{
		provider: "LM Studio",
		pattern: /tokens to keep from the initial prompt is greater than the context length/i,
		example: "The number of tokens to keep from the initial prompt is greater than the context length",
	},
	{
		provider: "Ollama",
		pattern: /exceeded max context length by \d+ tokens/i,
		example: "prompt too long; exceeded max context length by 2048 tokens",
	},
	{
		provider: "vLLM, SGLang",
		pattern: /Input length \((?<used>\d+)\) exceeds model's maximum context length \((?<max>\d+)\)/i,
		example: "Input length (265330) exceeds model's maximum context length (262144).",
	},
	{
		provider: "ds4",
		pattern: /Prompt has (?<used>\d+) tokens, but the configured context size is (?<max>\d+)/i,
		example: "Prompt has 9000 tokens, but the configured context size is 8192 tokens",
	},
	{
		provider: "Bedrock",
		pattern: /Input is too long for requested model/i,
		example: "Input is too long for requested model.",
	},
	{
		provider: "Together (403)",
		pattern: /inputs? tokens \+ max_new_tokens/i,
		example: "inputs tokens + max_new_tokens must be <= 32769",
	},
];

/** A rate limit may mention tokens too: "Too many tokens, please wait" (Bedrock). */
const RATE_LIMIT = /rate limit|too many requests|throttling|please wait/i;

export interface Overflow {
	/** Tokens of the prompt and of the context window, where the message names them. */
	tokens: number | undefined;
	maximum: number | undefined;
	/** Requested output tokens, where the message counts them too. */
	output: number | undefined;
}

/** Reads the numbers of an overflow message; undefined for every other message. */
export function readOverflow(message: string): Overflow | undefined {
	if (RATE_LIMIT.test(message)) return undefined;
	for (const { pattern } of OVERFLOW_WORDINGS) {
		const match = pattern.exec(message);
		if (!match) continue;
		const { used, max, output } = match.groups ?? {};
		return { tokens: count(used), maximum: count(max), output: count(output) };
	}
	return undefined;
}

function count(digits: string | undefined): number | undefined {
	return digits === undefined ? undefined : Number(digits);
}
