/** A refused part of the conversation: a role, a kind of content, or a property of the history. */
export type RefusedPart =
	| "role:developer"
	| "role:system"
	| "role order"
	| "image"
	| "document"
	| "audio"
	| "array content"
	| "empty content"
	| "prefill"
	| "tool id"
	| "tool name"
	| "tool count"
	| "tool description"
	| "tool result name"
	| "tool parser";

const NEGATIVE =
	"(?:not |n't |unsupported|unknown|invalid|no endpoints|exceed|maximum|too (?:many|large|big)|at most|corrupted|cannot|unable|fail(?:ed)? to|only|requires\\b|must|expected|unexpected|不支持|错误|未启用|无法|仅支持)";
const ANY = "(?:[^.;\\n]|\\.(?=\\S)){0,100}";
export const inOneSentence = (noun: string) => new RegExp(`${noun}${ANY}${NEGATIVE}|${NEGATIVE}${ANY}${noun}`, "i");

/** The part that a refused type or role is: `unknown variant \`image_url\``, `Unknown part type: document`. */
const PART_OF_TYPE: readonly (readonly [RefusedPart, RegExp])[] = [
	["image", /^(?:image|image_url|input_image|image\/.{1,20})$/],
	["document", /^(?:document|file|input_file|pdf|application\/.{1,60}|text\/.{1,20})$/],
	["audio", /^(?:input_)?audio$/],
	["role:developer", /^developer$/],
	["role:system", /^system$/],
];
const REFUSED_TYPE =
	/\b(?:unknown|unsupported|invalid|unexpected)\b[^.\n]{0,24}\b(?:type|value|variant|role|tag|format):? \\?[`'"]?([\w/+-]{3,60})|\bInput tag \\?[`'"]([\w-]{3,60})/i;

/** The first pattern that matches decides, so special ones come before general ones. */
const PARTS: readonly (readonly [RefusedPart, ...RegExp[]])[] = [
	["tool parser", /requires --enable-auto-tool-choice/i, /--tool-call-parser to be set/i],
	[
		"role order",
		/\balternat(?:e|es|ing)\b/i,
		/交替/i,
		/unexpected role \W?(?:user|assistant|tool)\W? after/i,
		/tool results?\b[^.\n]{0,40}\bin the same turn/i,
		/successive (?:user|assistant)/i,
		/must start with a user/i,
		/turn comes immediately after/i,
	],
	[
		"role:developer",
		/['"`]?\bdeveloper\b['"`]? is not one of/i,
		/(?:role|variant|tag|value)\b[^.\n]{0,30}\bdeveloper\b/i,
		/\bdeveloper\b['"`]? (?:role|messages?)\b[^.\n]{0,60}(?:not|un)/i,
	],
	[
		"role:system",
		/\bsystem['"`]? (?:messages?|role|prompt|instructions?)\b[^.\n]{0,60}(?:must|should|only|not |n't |cannot|unsupported|at the (?:beginning|start))/i,
		/(?:unsupported|unexpected|unknown|invalid|n't support|not support)[^.\n]{0,30}(?:role\W{1,4}['"`]?system|system (?:role|messages?))/i,
		/['"`]?\bsystem\b['"`]? is not one of/i,
		/\bfirst message[^.\n]{0,40}\bsystem\b/i,
		/role ['"`]system['"`] is not/i,
		/only one system (?:message|prompt)/i,
		/developer instruction is not enabled/i,
		/roles? are supported[^.\n]{0,60}initial optional system/i,
		/\bonly user\b[^.\n]{0,40}roles? (?:are|is) supported/i,
		/role must be user or assistant/i,
		/invalid chat setting/i,
	],
	[
		"array content",
		/content[^.\n]{0,60}(?:must|should|has to|expected to) be (?:an? )?(?:of type )?(?:valid )?(?:plain )?(?:str|text)/i,
		/invalid type: sequence, expected (?:a )?str/i,
		/(?:content|system)[^\n]{0,80}Input should be a valid string/i,
		/content[^.\n]{0,60}(?:arrays?|lists?|parts)[^.\n]{0,20}not supported/i,
		/content[^.\n]{0,40}expected (?:a )?string/i,
		/content[^.\n]{0,20}is not (?:of type )?['"`]?string/i,
		/is not of type ['"`]string['"`] - ['"`]messages/i,
		/cannot unmarshal array into[^\n]{0,80}content/i,
		/mismatch type string with value array/i,
		/`?java\.lang\.String`? from array/i,
		/expected (?:type )?string[^\n]{0,30}(?:got|received)[^.\n]{0,12}(?:array|list)/i,
		/single \W?text\W? element/i,
		/content', 'array' not in/i,
	],
	[
		"tool result name",
		/\b(?:function_response\.name|tool (?:response|result|message)s?)\b[^\n]{0,40}\bname\b[^\n]{0,20}(?:empty|provided|required|field|missing)/i,
	],
	[
		"empty content",
		/(?:\bcontents?\b|\bparts\b|text field|\bmessages?\b|\bassistant\b)[^\n]{0,80}(?:(?:must|should|can)(?: ?not|n't) be (?:empty|blank)|(?:must|should) be non-empty|is (?:empty|blank)|at least (?:1|one) (?:character|token|content)|minimum length (?:is |of )?1\b|empty string\.)/i,
		/non-empty content/i,
		/either \W?content\W? or \W?tool_calls\b(?!\W{0,3}but not both)/i,
		/\b(?:messages?|history)\b[^.\n]{0,20} must (?:have|contain) (?:a )?\W?(?:text|content|message)\b/i,
		/must have a text parameter/i,
		/content (?:field is (?:a )?required|length must be greater|type: <nil>)/i,
		/\btext\W? is not (?:set|present)/i,
		/(?:内容|输入)不能为空/i,
	],
	[
		"prefill",
		/expected last role \w/i,
		/\bprefill/i,
		/\bend with an? user/i,
		/continue_final_message/i,
		/(?:last|final) message[^.\n]{0,40}(?:must|should) (?:be|have)[^.\n]{0,20}user/i,
		/(?:last|final) message[^.\n]{0,40}(?:must|should|can) ?not[^.\n]{0,30}assistant/i,
		/assistant[^.\n]{0,20}(?:cannot|can't|must not|may not|should not) (?:be the (?:last|final)|end with)/i,
		/assistant messages? at the end/i,
	],
	[
		"tool count",
		/\btools?\b[^.\n]{0,60}\b(?:maximum (?:number|length)|at most|too many|too long|array_above)/i,
		/(?:at most|maximum of|up to|too many|more than)\s(?:\d{1,4} )?(?:tools?|functions?|function declarations)\b/i,
	],
	["tool description", /\bdescription\b[^\n]{0,60}(?:too long|maximum length|at most|less than or equal)/i],
	[
		"image",
		inOneSentence(
			"(?:(?<![\\w/-])images?(?![\\w-]| (?:generation )?model| detail)|\\bimage_url\\b(?!\\.detail)|\\binput_image\\b(?!\\.detail)|\\bvision\\b|\\bmultimodal\\b|text tool_result|图片|图像|视觉)",
		),
	],
	[
		"document",
		inOneSentence(
			"(?:\\bdocument (?:input|content|block|type)s?\\b|\\bdocuments\\b|\\bpdfs?\\b|\\bfile (?:input|content|part|type)s?\\b|\\binput_file\\b|[`'\"](?:file|document)[`'\"])",
		),
	],
	["audio", inOneSentence("(?:\\binput_audio\\b|\\baudio (?:input|content)s?\\b)")],
	[
		"tool id",
		/\b(?:tool[ _](?:call|use|result)[ _]?(?:'s )?(?:tool )?ids?|tool_calls?\[?\d{0,4}\]?\.id|tool_use\.id)\b[^\n]{0,80}(?:too long|not found|pattern|invalid|must|maximum length|at most)/i,
	],
	[
		"tool name",
		/\b(?:function|tool)s?\b[^\n]{0,20}\bname\b[^\n]{0,80}(?:too long|pattern|invalid|maximum length|at most|must (?:match|be))/i,
	],
];

/** Kinds of content: where the error names the type that it refuses, other types in it are those that are accepted. */
const TYPES = new Set<RefusedPart>(["image", "document", "audio"]);

/** `allowed`: the values that the endpoint accepts. A list of roles without `system` refuses that role. */
export function readPart(message: string, allowed: readonly string[]): RefusedPart | undefined {
	// "… is an image model. Please use https://api.x.ai/v1/images/generations"
	const text = message.replace(/https?:\/\/\S{1,300}/g, "");
	const [, named, tag] = REFUSED_TYPE.exec(text) ?? [];
	const type = named ?? tag;
	const ofType = type && PART_OF_TYPE.find(([, pattern]) => pattern.test(type))?.[0];
	if (ofType) return ofType;
	// Zhipu, for a model that reads text only: "messages.content.type 参数非法，取值范围 ['text']".
	if (/content\.type\b/.test(text) && allowed.join() === "text") return "image";
	const isList = type !== undefined && allowed.length > 1;
	const part = PARTS.find(
		([name, ...patterns]) => !(isList && TYPES.has(name)) && patterns.some((pattern) => pattern.test(text)),
	)?.[0];
	const isRoles = allowed.includes("user") && allowed.includes("assistant");
	return part ?? (isRoles && !allowed.includes("system") ? "role:system" : undefined);
}
