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
	| "tool result name"
	| "tool parser";

const NEGATIVE =
	"(?:not |n't |unsupported|unknown|invalid|no endpoints|exceed|too (?:many|large|big)|at most|corrupted|cannot|unable|only|requires\\b|must|expected|unexpected|不支持|未启用|无法|仅支持)";
const ANY = "(?:[^.;\\n]|\\.(?=\\S)){0,100}";
export const inOneSentence = (noun: string) => new RegExp(`${noun}${ANY}${NEGATIVE}|${NEGATIVE}${ANY}${noun}`, "i");

/** The first pattern that matches decides, so special ones come before general ones. */
const PARTS: readonly (readonly [RefusedPart, RegExp])[] = [
	["tool parser", /requires --enable-auto-tool-choice|--tool-call-parser to be set/i],
	["role order", /roles? must alternate|alternate between|must alternate/i],
	[
		"role:developer",
		/['"`]?\bdeveloper\b['"`]? is not one of|(?:role|variant|tag|value)\b[^.\n]{0,30}\bdeveloper\b|\bdeveloper\b['"`]? (?:role|messages?)\b[^.\n]{0,60}(?:not|un)/i,
	],
	[
		"role:system",
		/\bsystem['"`]? (?:messages?|role|prompt|instructions?)\b[^.\n]{0,60}(?:must|should|only|not |n't |cannot|unsupported|at the (?:beginning|start))|(?:unsupported|unexpected|unknown|invalid|not support)[^.\n]{0,30}(?:role\W{1,4}['"`]?system|system (?:role|messages?))|['"`]?\bsystem\b['"`]? is not one of|\bfirst message[^.\n]{0,40}\bsystem\b|role ['"`]system['"`] is not|only one system (?:message|prompt)|developer instruction is not enabled|roles? are supported[^.\n]{0,60}initial optional system/i,
	],
	[
		"array content",
		/content[^.\n]{0,60}(?:must|should|has to|expected to) be (?:an? )?(?:of type )?(?:valid )?(?:plain )?(?:str|text)|invalid type: sequence, expected (?:a )?str|(?:content|system)[^\n]{0,80}Input should be a valid string|content[^.\n]{0,60}(?:arrays?|lists?|parts)[^.\n]{0,20}not supported|content[^.\n]{0,40}expected (?:a )?string|content[^.\n]{0,20}is not (?:of type )?['"`]?string|is not of type ['"`]string['"`] - ['"`]messages|cannot unmarshal array into[^\n]{0,80}content|mismatch type string with value array|`?java\.lang\.String`? from array|expected (?:type )?string[^\n]{0,30}(?:got|received)[^.\n]{0,12}(?:array|list)/i,
	],
	[
		"tool result name",
		/\b(?:function_response\.name|tool (?:response|result|message)s?)\b[^\n]{0,40}\bname\b[^\n]{0,20}(?:empty|provided|required|field|missing)/i,
	],
	[
		"empty content",
		/(?:\bcontents?\b|\bparts\b|text field|\bmessages?\b|\bassistant\b)[^\n]{0,80}(?:(?:must|should|can)(?: ?not|n't) be (?:empty|blank)|(?:must|should) be non-empty|is (?:empty|blank)|at least 1 character|minimum length (?:is |of )?1\b|empty string\.)|non-empty content|either content or tool_calls|must have a text parameter|内容不能为空/i,
	],
	[
		"prefill",
		/expected last role \w|\bprefill|\bend with an? user|continue_final_message|(?:last|final) message[^.\n]{0,40}(?:must|should) (?:be|have)[^.\n]{0,20}user|(?:last|final) message[^.\n]{0,40}(?:must|should|can) ?not[^.\n]{0,30}assistant|assistant[^.\n]{0,20}(?:cannot|can't|must not|may not|should not) be the (?:last|final)/i,
	],
	[
		"image",
		inOneSentence("(?:\\bimages?\\b|\\bimage_url\\b|\\binput_image\\b|\\bvision\\b|\\bmultimodal\\b|图片|图像|视觉)"),
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
		/\b(?:tool[ _](?:call|use|result)[ _]?(?:'s )?(?:tool )?ids?|tool_calls?\[?\d{0,4}\]?\.id)\b[^\n]{0,80}(?:too long|not found|pattern|invalid|must|maximum length|at most)/i,
	],
	[
		"tool name",
		/\b(?:function|tool)s?\b[^\n]{0,20}\bname\b[^\n]{0,80}(?:too long|pattern|invalid|maximum length|at most|must (?:match|be))/i,
	],
];

/** `allowed`: the values that the endpoint accepts. A list of roles without `system` refuses that role. */
export function readPart(text: string, allowed: readonly string[]): RefusedPart | undefined {
	const part = PARTS.find(([, pattern]) => pattern.test(text))?.[0];
	const isRoles = allowed.includes("user") && allowed.includes("assistant");
	return part ?? (isRoles && !allowed.includes("system") ? "role:system" : undefined);
}
