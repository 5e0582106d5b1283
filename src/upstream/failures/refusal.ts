import { asObject } from "../../platform/json.ts";
import { refusedPaths } from "./refused-fields.ts";
import { inOneSentence, type RefusedPart, readPart } from "./refused-part.ts";

/** What an endpoint refuses in a request, as far as its error names it. */
export interface Refusal {
	/** Paths in the request body, outermost name first, or bare names. The spelling is the provider's: see `isSameField`. */
	paths: string[][];
	/** The refused value, if the message quotes it, and the values that the endpoint accepts. */
	value?: string;
	allowed?: string[];
	/** The bounds that the endpoint states for a number. */
	minimum?: number;
	maximum?: number;
	/** The only length that the endpoint accepts, in characters. */
	length?: number;
	part?: RefusedPart;
	/** The name of the tool whose definition is refused. */
	tool?: string;
}

export interface RefusalSource {
	message: string;
	/** The objects of the error body. */
	layers: readonly Readonly<Record<string, unknown>>[];
}

/** Longest message that is read, in characters. */
const MAX_READ_CHARS = 3000;

const MAX_VALUES = 50;

/** Reads what an endpoint refuses; undefined when its error names nothing. */
export function readRefusal({ message, layers }: RefusalSource): Refusal | undefined {
	const text = message.slice(0, MAX_READ_CHARS);
	const allowed = readAllowed(layers, text);
	const part = readPart(text, allowed);
	const tool = readTool(text);
	const exact = refusedPaths(layers, text);
	const paths = exact.length > 0 || part !== undefined ? exact : impliedPaths(text);
	const value = readValue(text);
	const isNamed = paths.length > 0 || part !== undefined || tool !== undefined;
	if (!isNamed && (value === undefined || allowed.length === 0)) return undefined;
	return {
		paths,
		...(value !== undefined && { value }),
		...(allowed.length > 0 && { allowed }),
		...((paths.length > 0 || part !== undefined) && readBounds(text)),
		...(part !== undefined && { part, ...readLength(text) }),
		...(tool !== undefined && { tool }),
	};
}

/** `Unsupported value: 'max'`, `does not support 'max'`, `unknown variant \`max\``, `'max' is not one of`. */
function readValue(text: string): string | undefined {
	const quoted = "\\\\?[`'\"]([\\w.-]{1,64})\\\\?[`'\"]";
	const cues = [
		`do(?:es)?(?:n't| not) support ${quoted}`,
		`\\b(?:invalid|unsupported|unknown) (?:value|variant):? ${quoted}`,
		`\\w (?:value|level):? ${quoted}`,
		`${quoted} is not one of`,
		`Input tag ${quoted}`,
	];
	return cues.map((cue) => new RegExp(cue, "i").exec(text)?.[1]).find((value) => value !== undefined);
}

/** `Invalid schema for function 'mcp__x__y': …`: the name of a tool is not the name of a field. */
function readTool(text: string): string | undefined {
	const named = /(?<!tool_choice=)\b(?:function|tool)(?: named)?:? \\?[`'"]([\w-]{1,128})\\?[`'"]/i.exec(text)?.[1];
	return named !== undefined && inOneSentence("(?:schema|function|tool|parameters|definition)").test(text)
		? named
		: undefined;
}

/** Messages that mean a field without naming it. */
const IMPLIED: readonly (readonly [RegExp, string])[] = [
	[
		/parallel (?:tool|function) (?:use|call(?:s|ing))\b[^.\n]{0,60}(?:not|un)|(?:not|n't) support parallel (?:tool|function)/i,
		"parallel_tool_calls",
	],
	[
		/tool[ _]choice\b[^.\n]{0,40}(?:requires|not|un|forces)|(?:not|n't) support[^.\n]{0,20} tool[ _]choice|\bforc(?:ed|es|ing) (?:tool|function)/i,
		"tool_choice",
	],
	[
		/(?:not|n't|endpoints found that) support (?:the use of )?(?:tool|function)(?:s|[ -]use|[ -]call(?:s|ing)?)\b|(?:tool|function)s?(?: use| calls?| calling)? (?:is|are) (?:currently |temporarily )?(?:not|un)/i,
		"tools",
	],
	[/strict tools|too many optional parameters|grammar compilation/i, "strict"],
	[
		/must contain the word ["'`]?json|(?:json mode|json_object|json schema|structured outputs?)\b[^.\n]{0,60}(?:not|un)/i,
		"response_format",
	],
	[/(?:thinking|reasoning) level\b[^.\n]{0,40}not/i, "thinking_level"],
	[/\beffort level\b/i, "effort"],
	[/\bstop sequences?\b[^.\n]{0,30}not (?:supported|allowed)/i, "stop"],
	[/\binvalid image detail\b/i, "detail"],
	[/(?:thinking|reasoning)[ _]budget\b/i, "thinking_budget"],
	[/reasoning effort\b/i, "reasoning_effort"],
	[
		/requires adaptive thinking|only works in thinking mode|(?:thinking|reasoning) (?:is (?:mandatory|required)|cannot be disabled)|adaptive thinking[^.\n]{0,40}not|(?:extended )?thinking[^.\n]{0,40}(?:is )?not (?:supported|available)|(?:not|n't) support (?:extended |adaptive )?(?:thinking|reasoning)\b|不支持关闭思考|不支持思考/i,
		"thinking",
	],
	[/prompt caching[^.\n]{0,40}not|(?:not|n't) support (?:prompt )?caching/i, "cache_control"],
	[/for the [`'"]anthropic-beta|\binvalid beta\b|\blong context beta\b/i, "betas"],
];

function impliedPaths(text: string): string[][] {
	const name = IMPLIED.find(([pattern]) => pattern.test(text))?.[1];
	return name === undefined ? [] : [[name]];
}

const ALLOWED_CUE =
	/(?:(?:supported|allowed|valid|possible|permitted|accepted|available) (?:values|options|types|roles|levels)(?: are| include)?|(?:must|should|has to) be(?: either)? one of(?: the following(?: values)?)?|not one of|expected one of|one of the following(?: values)?|Input should be|expected tags|(?<!un)expected|must be either|enum["']?\s?[:=]|only (?:supports|accepts)|must be (?=[`'"])|\bonly (?=[`'"])|(?<!not )\b(?:allowed|supported):|取值范围)\s?:?\s?/gi;

/** The values that the endpoint accepts: the first list of quoted words, or of bare words after a colon. */
function readAllowed(layers: RefusalSource["layers"], text: string): string[] {
	for (const layer of layers) {
		for (const name of ["enum", "allowed_values", "allowedValues", "accepted_values", "supported_values"]) {
			const values = layer[name];
			if (Array.isArray(values)) return values.filter((value) => typeof value === "string").slice(0, MAX_VALUES);
		}
		const { expected } = asObject(layer["ctx"]);
		if (typeof expected === "string") return readValues(expected, 0);
	}
	// serde lists field names with the same phrase.
	if (/unknown field/i.test(text)) return [];
	for (const match of text.matchAll(ALLOWED_CUE)) {
		const values = readValues(text, match.index + match[0].length);
		if (values.length > 0) return values;
	}
	return [];
}

function readValues(text: string, start: number): string[] {
	const quoted = /[\s[({]{0,3}\\?[`'"]([^`'"\n\\]{1,64})\\?[`'"]/y;
	const bare = /[\s[({]{0,3}([\w.-]{1,63}\w|\w)(?=\s?(?:[,\])|]|\.?\s*$|\.\s)|\s(?:and|or)\b)/y;
	const separator = /\s?(?:,\s?(?:and |or )?|\||and |or )/y;
	const isBareList = /[:=[]\s?$/.test(text.slice(0, start)) || /^\s?[[({]/.test(text.slice(start));
	// "valid options are low, medium and high", but "allowed values are documented".
	const mayBeBareList = /\b(?:are|of|include) ?$/.test(text.slice(0, start));
	const values: string[] = [];
	for (let index = start; values.length < MAX_VALUES; ) {
		quoted.lastIndex = index;
		bare.lastIndex = index;
		const isQuoted = quoted.exec(text);
		const match = isQuoted ?? (isBareList || mayBeBareList ? bare.exec(text) : null);
		if (!match?.[1]) break;
		values.push(match[1]);
		separator.lastIndex = isQuoted ? quoted.lastIndex : bare.lastIndex;
		if (!separator.test(text)) break;
		index = separator.lastIndex;
	}
	const isPlainWord = values.length === 1 && !isBareList && !/[`'"]/.test(text.charAt(start));
	return isPlainWord ? [] : values;
}

function readLength(text: string): { length?: number } {
	const length = /\b(?:a )?length of (?:exactly )?(\d{1,3})\b/i.exec(text)?.[1];
	return length === undefined ? {} : { length: Number(length) };
}

/** `range: 0..1`, `between 0 and 2`, `a value <= 2`, `must be below 2`, `greater than or equal to 16`, `[0,1]`. */
function readBounds(text: string): { minimum?: number; maximum?: number } {
	const number = "(-?\\d{1,9}(?:\\.\\d{1,9})?)";
	const range = new RegExp(`(?:range:? |between |from |\\[)${number} ?(?:\\.\\.|and|to|,) ?${number}`, "i").exec(text);
	if (range) return { minimum: Number(range[1]), maximum: Number(range[2]) };
	const minimum = new RegExp(
		`(?:>=|>(?= )|≥|at least|(?:must|should) be (?:above|over|greater than(?: or equal to)?)|greater than or equal to|minimum (?:value )?(?:of|is)) ?${number}`,
		"i",
	).exec(text);
	const maximum = new RegExp(
		`(?:<=|<(?= )|≤|at most|(?:must|should) be (?:below|under|less than(?: or equal to)?)|(?:less|not greater) than(?: or equal to)?|up to|maximum (?:value |length |number of \\w{1,12} )?(?:of |is )?) ?${number}`,
		"i",
	).exec(text);
	return { ...(minimum && { minimum: Number(minimum[1]) }), ...(maximum && { maximum: Number(maximum[1]) }) };
}
