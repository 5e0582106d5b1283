/** Token counts in an error message; a count that the provider did not state is absent. */
export interface LimitNumbers {
	/** Tokens of the prompt. */
	tokens?: number;
	/** Limit of prompt and output together, or of the prompt alone. */
	window?: number;
	/** Requested output tokens. */
	requested?: number;
	/** Highest output limit that the model allows. */
	ceiling?: number;
	/** Tokens of prompt and output together, if the message states only their sum. */
	total?: number;
}

/** A larger number is a byte count or an id. */
const MAX_TOKENS = 100_000_000;

/** How much text around a number is read to find out what it counts. */
const MAX_WORDS_BEFORE_CHARS = 240;
const MAX_WORDS_AFTER_CHARS = 60;

const MAX_NUMBERS = 24;

const NUMBER = /(?<![\w./$-])-?\d{1,12}(?![\w/]|\.\d|-\w)/g;

/** Words before a number that mark it as a limit. The last cue of the two kinds before the number decides. */
const LIMIT_CUE =
	/\bmax(?:imum)?\b|\blimit|\bat most\b|\bup to\b|\b(?:less|lower|fewer|longer|larger|greater|bigger|more|higher) (?:than|or equal)\b|\babove\b|exceed|[<>≤]|\bonly\b|\bcontext[ _](?:length|window|size)|\bn_ctx\b|max_model_len|max_seq_len|max_num_tokens|\brange\b|\ballowed\b|\bsupports?\b|最大|上限|不能超过|不超过|限制/gi;

/** Words before a number that mark it as the size of this request. */
const ACTUAL_CUE =
	/\brequest(?:ed|s)?(?: (?:about|up to|a total of))?\b|\bha[sd]\b|\bhave\b|\bcontains?\b|\bgiven\b|\bgot\b|\breceived\b|\bresult(?:ed|s) in\b|\bpassed\b|\bprovided\b|\bspecified\b|\bkeep the first\b|\bn_keep\b|\bused\b|\bcurrent length\b|\bis too (?:large|long|high|big)\b|\bcounted\b|实际|当前/gi;

/** What a number counts: the last of these before it. `sum` comes first, because it contains the words of the others. */
const SUBJECT = new RegExp(
	[
		"(?<sum>(?:inputs?|prompt|messages?)\\W{0,3}(?:length |tokens? )?(?:and|\\+|plus)\\W{1,3}(?:the |maximum ){0,2}(?:output|completion|prediction|generat|max_)[\\w]{0,20}|\\btotal (?:of|number of tokens|tokens)|max_total_tokens|\\bcurrent length)",
		"(?<output>max_(?:completion_|output_|new_)?tokens|max(?:Output|Completion|New)?Token(?:s|Count)|\\bmax(?:imum)? (?:output|completion|new|response|generated)\\b|\\bmax(?:imum)? tokens\\b|(?:output|completion|response|generat\\w{1,4}) (?:tokens?|length|limit)|输出|生成)",
		"(?<window>\\bcontext|max_model_len|max_seq_len|max_num_tokens|\\bmodel(?:'s)? (?:length|token limit)|sequence length|\\bn_ctx\\b|上下文)",
		"(?<input>\\bprompts?\\b|\\binputs?\\b|\\bmessages?\\b|(?<!in the )\\brequest\\b|\\btext\\b|\\bquestion\\b|\\bn_keep\\b|prompt_tokens|input_tokens|输入)",
	].join("|"),
	"gi",
);

/** Words after a number that say what it counts. */
const AFTER = {
	other: /^\W?(?:(?:input|text) )?(?:characters|chars|bytes?|images?|requests|tools|strict|optional|seconds?|字符)\b/i,
	requested:
		/^ ?(?:tokens? )?(?:(?:in|for|of) (?:the |your )?(?:completion|output|response|generation)|[`'"]?max_\w{0,12}tokens)/i,
	tokens: /^ ?(?:tokens? )?(?:in|from|of) (?:the |your )?(?:input )?(?:messages?|prompt|text input|input|text)\b/i,
	input: /^ ?[`'"]?(?:inputs?|prompt|text)[`'"]?(?: text)? tokens/i,
	output: /^ ?(?:(?:output|completion|new|generated|response) tokens|(?:for|of) [`'"]?max\w{0,16}tokens)/i,
	actual: /^ ?(?:tokens? )?(?:(?:were |was )?(?:given|provided|requested|received|used)\b|>=?\s?$)/i,
	limit: /^,? ?(?:tokens? )?(?:which is )?(?:the )?(?:maximum|limit|max)\b(?! ?(?:of|is|[:=(]))/i,
};

type Subject = "sum" | "output" | "window" | "input";

/** Reads the numbers of one message; the first of each kind counts. */
export function readLimitNumbers(message: string): LimitNumbers {
	if (/message larger than max/i.test(message)) return {};
	const text = normaliseNumbers(message);
	const triple = /(\d{1,9}) \+ (\d{1,9}) >=? ?(\d{1,9})/.exec(text);
	if (triple) return { tokens: Number(triple[1]), requested: Number(triple[2]), window: Number(triple[3]) };
	const numbers: LimitNumbers = {};
	const mentionsOutput = /completion|output|max_\w{0,12}tokens|prediction/i.test(text);
	for (const { value, before, earlier, after } of listNumbers(text)) {
		const kind = kindOf(before, earlier, after, mentionsOutput);
		if (kind !== undefined && value <= MAX_TOKENS) numbers[kind] ??= value;
	}
	return withoutStoppedCount(withSharedLimit(numbers), text);
}

/** Rewrites ranges as `at most N`, and removes thousands separators, zero fractions, statuses and codes. */
export function normaliseNumbers(message: string): string {
	const words = /token|length/i.test(message) ? message : message.replace(/\((?:1\d|20)\d\d\)\W{0,3}$/, "");
	return (
		words
			.replace(/<[1-5]\d\d>|^\W{0,3}(?:HTTP |status |code |error )?[1-5]\d\d\b(?=[:\s])/i, "")
			.replace(/<[1-5]\d\d>/, "")
			.replace(/(\band|\bplus|\+) max(?:imum)? (?=output|completion|new)/gi, "$1 ")
			// Pydantic calls every value "Input".
			.replace(/\bInput (?=should|tag)/g, "value ")
			.replace(/(?<![\d,[])\d{1,3}(?:,\d{3}){1,3}(?!,?\d)/g, (number) => number.replaceAll(",", ""))
			.replace(/(\d)\.0{1,6}(?!\d)/g, "$1")
			.replace(/(\d)(?=cannot\b)/g, "$1 ")
			.replace(
				/\b\d{1,9} \(inclusive\) to (\d{1,9}) \(exclusive\)/g,
				(_all, end: string) => `at most ${Number(end) - 1}`,
			)
			.replace(/\[\s?\d{1,9}\s?[,，]\s?(\d{1,9})\s?\]/g, "at most $1")
			.replace(/\b(?:between|from) \d{1,9} (?:and|to) (\d{1,9})/gi, "at most $1")
			.replace(/(\d{3,9}) ?\/ ?(\d{3,9})/g, "$1 > $2")
			.replace(/(?<![\w.])\d{1,9} ?[~～] ?(\d{1,9})/g, "at most $1")
	);
}

interface FoundNumber {
	value: number;
	/** Words between the number before and this one, in the same sentence. */
	before: string;
	/** Words before it, other numbers included. */
	earlier: string;
	after: string;
}

function listNumbers(text: string): FoundNumber[] {
	const matches = [...text.matchAll(NUMBER)].slice(0, MAX_NUMBERS);
	return matches.map((match, index) => {
		const previous = matches[index - 1];
		const start = previous ? previous.index + previous[0].length : 0;
		const end = match.index + match[0].length;
		const next = matches[index + 1]?.index ?? text.length;
		return {
			value: Number(match[0]),
			before: lastSentence(text.slice(Math.max(start, match.index - MAX_WORDS_BEFORE_CHARS), match.index)),
			earlier: text.slice(Math.max(0, match.index - MAX_WORDS_BEFORE_CHARS), match.index),
			after: text.slice(end, Math.min(next, end + MAX_WORDS_AFTER_CHARS)),
		};
	});
}

function lastSentence(text: string): string {
	const end = Math.max(text.lastIndexOf(". "), text.lastIndexOf("; "), text.lastIndexOf("。"));
	return text.slice(end + 1);
}

function kindOf(
	before: string,
	earlier: string,
	after: string,
	mentionsOutput: boolean,
): keyof LimitNumbers | undefined {
	// A difference, a lower bound (vLLM), the rest for the prompt, or not a token count at all.
	if (/(?:\bby|\bat least|\bresulting in[^.]{0,60}|\bvalue=)\W{0,9}$/i.test(before) || AFTER.other.test(after))
		return undefined;
	const isLimit = isLimitNumber(before, after);
	if (AFTER.requested.test(after) && !isLimit) return "requested";
	if (AFTER.tokens.test(after) && !isLimit) return "tokens";
	const subject: Subject | undefined = AFTER.input.test(after)
		? "input"
		: AFTER.output.test(after)
			? "output"
			: (subjectOf(lastSentence(earlier)) ?? subjectOf(earlier));
	if (isLimit) return subject === "output" ? "ceiling" : "window";
	if (subject === "output") return "requested";
	if (subject === "sum") return "total";
	const asksForBoth = subject !== "input" && /request(?:ed)?(?: about| up to)?\W*$/i.test(before);
	if (asksForBoth) return "total";
	if (subject !== undefined) return "tokens";
	// "Given: 4545", "received 150000", "requested: 280680": no noun says what was counted.
	return lastIndex(before, ACTUAL_CUE) >= 0 ? (mentionsOutput ? "total" : "tokens") : undefined;
}

function isLimitNumber(before: string, after: string): boolean {
	if (AFTER.limit.test(after)) return true;
	if (AFTER.actual.test(after)) return false;
	// "context size exceeded (prompt 50000 tokens": the noun directly before it says what it counts.
	if (
		/(?:\b(?:prompt|inputs?)|(?:prompt|input)_tokens|输入)\W{0,3}$/i.test(before) &&
		!/(?:max\w{0,20}|allowed|limit\w{0,20}|than|of) (?:prompt|input)\W{0,3}$/i.test(before)
	)
		return false;
	return lastIndex(before, LIMIT_CUE) > lastIndex(before, ACTUAL_CUE);
}

function subjectOf(sentence: string): Subject | undefined {
	const groups = [...sentence.matchAll(SUBJECT)].at(-1)?.groups;
	if (!groups) return undefined;
	return (["sum", "output", "window", "input"] as const).find((name) => groups[name] !== undefined);
}

function lastIndex(text: string, cue: RegExp): number {
	return [...text.matchAll(cue)].at(-1)?.index ?? -1;
}

/** A ceiling above the requested output is the limit of prompt and output together. */
function withSharedLimit(numbers: LimitNumbers): LimitNumbers {
	const { ceiling, requested, tokens, window, ...rest } = numbers;
	if (ceiling === undefined || requested === undefined || tokens === undefined || window !== undefined) return numbers;
	return requested <= ceiling && tokens + requested > ceiling
		? { ...rest, requested, tokens, window: ceiling }
		: numbers;
}

/** vLLM stops counting at one token above the largest prompt that fits: that number is not the prompt. */
function withoutStoppedCount(numbers: LimitNumbers, text: string): LimitNumbers {
	const { tokens, ...rest } = numbers;
	const { window = 0, requested = 0 } = rest;
	return tokens === window - requested + 1 && /\bpassed \d/.test(text) ? rest : numbers;
}
