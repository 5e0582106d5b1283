import { isFieldName } from "./field-path.ts";

export const MAX_FIELDS = 20;

/** Optional fields that messages write without quotes: "Temperature must be between 0 and 2". */
const BARE_FIELDS =
	"temperature|top_p|top_k|min_p|stop|stop_sequences|seed|metadata|store|logprobs|top_logprobs|logit_bias|frequency_penalty|presence_penalty|repetition_penalty|max_tokens|max_completion_tokens|max_output_tokens|stream|stream_options|tools|tool_choice|parallel_tool_calls|response_format|reasoning|reasoning_effort|reasoning_content|thinking|thinking_budget|thinking_level|enable_thinking|chat_template_kwargs|output_config|context_management|cache_control|betas|service_tier|prompt_cache_key|verbosity|truncation|previous_response_id|eager_input_streaming|defer_loading|input_examples";

const QUOTE = "\\\\?[`'\"‘’“”]";
const NAME = "[\\w$#/.[\\]-]{1,160}";
const QUOTED = `${QUOTE}${NAME}${QUOTE}`;
const NOUN = "(?:parameters?|params?|fields?|arguments?|args?|keys?|propert(?:y|ies)|attributes?|options?|members?)";
const REFUSED =
	"(?:not (?:yet |currently )?(?:supported|permitted|allowed|recogni[sz]ed|known|valid|expected|accepted|available|implemented|enabled|compatible|an? (?:valid|known|allowed|supported))|un(?:supported|expected|known|recogni[sz]ed|available)|deprecated|disallowed|forbidden|invalid|no longer)";
/** What follows a refused field. "x does not support y" is about a field only where x is quoted. */
const SAID = `(?:(?:is|are|was|were|has been|be) (?:currently |both |also )?)?${REFUSED}|cannot|can't|can only|may only|may not|must (?:not\\b|be (?!followed|preceded|provided|set\\b(?! to)|present|unique))|should (?:not\\b|be )|supports? (?:only|up to|at most)|requires`;
const PREDICATE = `(?:${SAID}|do(?:es)?(?:n't| not) (?:support|accept|allow))`;

/** What follows a path and a colon if the path is the refused field. */
const REASON =
	"(?:Extra inputs(?! are not permitted, field)|extra fields|Input should|Input tag|property\\b|range:|unexpected\\b|unknown\\b|unsupported\\b|unrecogni[sz]ed\\b|not (?:allowed|supported|permitted)|must\\b|should\\b|cannot\\b|Additional\\b|Value error)";

/** A name or a path in an error message, and its position. */
export interface Finding {
	names: string;
	index: number;
	/** The path is complete: no parent is to be added. */
	located?: boolean;
}

/** Names and paths of fields in the places where servers write them, in the order of the message. */
export function findFieldNames(text: string): Finding[] {
	return READERS.flatMap((read) => read(text)).sort((one, other) => one.index - other.index);
}

const READERS: readonly ((text: string) => Finding[])[] = [
	pathsBeforeReason,
	pathsOfPointers,
	unknownNames,
	pathsInTools,
	namesBesideValues,
	namesAfterNoun,
	quotedBeforePredicate,
	bareFields,
];

/** `tools.3.custom.x: Extra inputs are not permitted`, and Pydantic's own print, with a line break for the colon. */
function pathsBeforeReason(text: string): Finding[] {
	const before = new RegExp(
		`(?:^|[\\s"'\`({>:;,-])([A-Za-z_]\\w{0,63}(?:\\.\\w{1,64}|\\[\\w{0,9}\\]){0,20})(?:: (?=${REASON})|\\s{1,6}(?=Extra inputs(?! are not permitted, field)))`,
		"g",
	);
	return [...text.matchAll(before)]
		.filter(([, path = ""]) => !ERROR_WORDS.test(path))
		.map(({ 1: names = "", index }) => ({ names, index, located: true }));
}

const ERROR_WORDS =
	/^(?:error|errors|validation|exception|details?|reason|request|value|type|params?|parameter|field|message|permitted|provider|json|\w+(?:Error|Exception))$/i;

/** Any message about a path inside a tool refuses the definition of that tool. */
function pathsInTools(text: string): Finding[] {
	const places = text.matchAll(/(?:^|[\s'"(`]|Request\.)(tools(?:\.|\[)\d{1,4}[\w.[\]]{0,160})['"`]? ?: /g);
	return [...places].map(({ 1: names = "", index }) => ({ names, index, located: true }));
}

/** Beside the value: `think value "max" is not supported`, `'max' is not one of ['low'] - 'reasoning_effort'`. */
function namesBesideValues(text: string): Finding[] {
	const before = text.matchAll(
		new RegExp(`\\b(?!invalid|unsupported|unknown|the|this)([a-z_]\\w{1,40}) value:? ${QUOTED}`, "gi"),
	);
	const after = text.matchAll(new RegExp(`\\] ?- ?(${QUOTED})`, "g"));
	return [...before, ...after].map(({ 1: names = "", index }) => ({ names, index }));
}

/** JSON pointers: `#/messages/0/content/0: extraneous key [type] is not permitted`, `at #/stream_options: …`. */
function pathsOfPointers(text: string): Finding[] {
	const pointers = text.matchAll(
		/#((?:\/[\w-]{1,64}){0,20}): (?!required key|subject)(?:extraneous key \[([^\]\s]{1,64})\])?/g,
	);
	return [...pointers]
		.map(({ 1: parent = "", 2: key, index }) => ({ names: key ? `${parent}/${key}` : parent, index, located: true }))
		.filter(({ names }) => names !== "");
}

/** Google: `Unknown name "x" at 'tools[0].function_declarations[1]'`, `Invalid value at 'contents[0]'`. */
function unknownNames(text: string): Finding[] {
	const unknown = text.matchAll(/unknown name \\?["']([\w-]{1,64})\\?["'](?: at \\?['"]([^'"\\\s]{1,200}))?/gi);
	const invalid = text.matchAll(/invalid value at \\?['"]([^'"\\\s]{1,200})/gi);
	return [
		...[...unknown].map(({ 1: name = "", 2: parent, index }) => ({
			names: parent ? `${parent}.${name}` : name,
			index,
			located: true,
		})),
		...[...invalid].map(({ 1: names = "", index }) => ({ names, index, located: true })),
	];
}

/** `Unsupported parameter(s): a, b and c`, `unexpected keyword argument 'x'`, `field: 'x'`, `Invalid 'x': …`. */
function namesAfterNoun(text: string): Finding[] {
	const adjective =
		"(?:unsupported|unknown|unrecogni[sz]ed|unexpected|invalid|disallowed|forbidden|extra(?:neous)?|additional|illegal)";
	const cues = [
		`\\b${adjective}[ _](?:json |body |request |keyword |input |query )?${NOUN}(?:\\(s\\))?(?: (?:supplied|provided|found|passed|in (?:the )?(?:request|body|object))){0,2} ?:? ?`,
		`\\b${NOUN}(?:\\(s\\))? (?:is |are )?${REFUSED}[^:.\\n]{0,60}: ?`,
		`\\bdo(?:es)?(?:n't| not) (?:support|accept|allow) (?:the )?(?:following )?${NOUN}(?:\\(s\\))?:? ?`,
		"\\bAdditional properties are not allowed ?\\(",
		`(?<!missing |required |use |the new |with )\\b${NOUN}:? (?=${QUOTE})`,
		`\\binvalid (?:(?:value|type|format) (?:for|in|of) )?(?=${QUOTE})`,
		"\\bproperty (?=[\\w.-]{1,80} should not exist)",
		"\\bcannot (?:use|specify|set|provide|have) both (?:the )?",
		`(?<!missing |required |use |the new |with |moved to )(?=${QUOTED} ${NOUN}\\b)`,
		"\\b(?:unsupported|unknown|invalid) (?=[a-z_]{2,40}(?:\\[\\w{0,4}\\])?\\.\\w)",
	];
	return cues.flatMap((cue) =>
		[...text.matchAll(new RegExp(cue, "gi"))]
			.filter(
				({ index }) =>
					!/schema $/i.test(text.slice(Math.max(0, index - 24), index)) &&
					!/missing|required|schema fields/i.test(text.slice(index - 20, index + 28)),
			)
			.flatMap((match) => readList(text, match.index + match[0].length)),
	);
}

/** A list of names that starts at an index: quoted, or bare and followed by punctuation or a verb. */
function readList(text: string, start: number): Finding[] {
	const item = new RegExp(
		`[\\s[({]{0,3}(?:(${QUOTED})|([A-Za-z_][\\w.[\\]-]{0,80}\\w|[A-Za-z])(?=\\s{0,2}(?:$|[,;)\\]}\\n"]|\\.(?:\\s|$))|\\s(?:and|or|is|are|must|should|was)\\b))`,
		"y",
	);
	const separator = /[\])}]{0,2}\s?(?:,\s?(?:and |or )?|and |or |\/ ?)/y;
	const found: Finding[] = [];
	for (let index = start; found.length < MAX_FIELDS; ) {
		item.lastIndex = index;
		const match = item.exec(text);
		const names = match?.[1] ?? match?.[2];
		if (!match || names === undefined || WORDS.test(names)) break;
		found.push({ names, index });
		separator.lastIndex = item.lastIndex;
		if (!separator.test(text)) break;
		index = separator.lastIndex;
	}
	return found;
}

/** English words in the position of a name. */
const WORDS =
	/^(?:the|this|that|it|not|in|of|for|with|value|values|error|request|expected|please|see|must|is|are|was|one|your|a|an|body|following|provided|given|requested|specified|custom|these|those|some|all|any|other|additional|extra|required|optional|input|query|model|both)$/i;

/** `'a', 'b' and 'c' are not supported`; not the name of a model, a value, a role, a type or a tool. */
function quotedBeforePredicate(text: string): Finding[] {
	const list = new RegExp(`((?:${QUOTED}(?:,? and |,? or |, ?)?){1,20}) (?:${NOUN} |value )?(?=${PREDICATE})`, "gi");
	return [...text.matchAll(list)].flatMap((match) => {
		const before = text.slice(Math.max(0, match.index - 24), match.index);
		const after = text.slice(match.index + match[0].length);
		const isOther = NOT_A_FIELD.test(before);
		// "Unsupported value: 'temperature' does not support 0.7" quotes the field, not the value.
		const isField = /value: $/i.test(before) && /^do(?:es)?(?:n't| not) support/i.test(after);
		const isInstead = /(?:use|moved to|replaced by|did you mean|instead of|with) $/i.test(before);
		if ((isOther && !isField) || isInstead) return [];
		return readList(text, match.index);
	});
}

/** Words before a quoted value, or before a quoted name of something else. */
const NOT_A_FIELD = new RegExp(
	`(?:models?|values?:?|roles?|types?|tools?|functions?|versions?|levels?|languages?|formats?|endpoints?|methods?|variant|name|tag|only|${BARE_FIELDS}) ?$`,
	"i",
);

/** Known optional fields without quotes. */
function bareFields(text: string): Finding[] {
	const path = `(?:${BARE_FIELDS})(?:\\.\\w{1,40}){0,3}`;
	const cues = [
		`(?<![\\w'"\`/-])(${path})(?: (?:type|value|params?|parameter|option|field|mode))?(?: ${QUOTED})? ?(?:参数|不支持|非法|无效|${SAID})`,
		`(?<![\\w'"\`/-])(${path}) (?:params?|parameter|field|option) (?:does not|doesn't) `,
		`(?<![\\w'"\`/-])(${path})(?:, | and | or )(?=(?:${BARE_FIELDS})\\b[^.\\n]{0,20}(?:cannot|may not|not ))`,
		`\\b(?:invalid|unsupported|bad|wrong) (?:value for )?(${path})\\b`,
		`(?:support|accept|allow|without|disable) (?:this |the |the provided |for )?${QUOTE}?(${path})\\b`,
		`\\b(\\w{2,40}) is not an? (?:valid|known|allowed|supported|recogni[sz]ed) ${NOUN}`,
		`(?:support|accept|allow|recogni[sz]e|know) (?:the |a )${QUOTE}?(\\w{2,40})${QUOTE}? ${NOUN}`,
	];
	return cues.flatMap((cue) =>
		[...text.matchAll(new RegExp(cue, "gi"))]
			.filter(([, names = ""]) => isFieldName(names.split(".")[0] ?? "") && !WORDS.test(names))
			.map(({ 1: names = "", index }) => ({ names: /^[A-Z][a-z]+$/.test(names) ? names.toLowerCase() : names, index })),
	);
}
