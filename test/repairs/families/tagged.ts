import { type LeakFamily, type Meant, pythonCall } from "../leak-family.ts";

type Write = LeakFamily["write"];

const object = ([name, input]: Meant) => JSON.stringify({ name, arguments: input });
/** All calls in one list between the tags. */
const list =
	(open: string, close: string, one: (call: Meant) => string = object): Write =>
	(calls) =>
		`${open}[${calls.map(one).join(", ")}]${close}`;
/** A pair of tags for each call. */
const each =
	(open: string, close: string, one: (call: Meant) => string = object): Write =>
	(calls) =>
		calls.map((call) => `${open}${one(call)}${close}`).join("\n");

const LS: Meant = ["Bash", { command: "ls" }];
const PWD: Meant = ["Bash", { command: "pwd" }];

/** As the chat template of each model, or the parser of a server, writes it. */
const FAMILIES: readonly (readonly [name: string, write: Write, also?: LeakFamily["also"]])[] = [
	[
		"Granite 3",
		list("<|tool_call|>", ""),
		[["a space after the token", list("<|tool_call|> ", "")([LS, PWD]), [LS, PWD]]],
	],
	["Phi-4", list("<|tool_call|>", "<|/tool_call|>")],
	["Granite 20B", each("<function_call> ", "")],
	[
		"Jamba",
		(calls) => `<tool_calls>[\n    ${calls.map(object).join(",\n    ")}\n]</tool_calls>`,
		[["an object alone", `<tool_calls>${object(LS)}</tool_calls>`, [LS]]],
	],
	["MiniMax M1", (calls) => `<tool_calls>\n${calls.map(object).join("\n")}\n</tool_calls>`],
	["Nemotron", list("<TOOLCALL>", "</TOOLCALL>")],
	["Nemotron in Python", list("<TOOLCALL>", "</TOOLCALL>", pythonCall)],
	[
		"Cohere Command",
		list("<|START_ACTION|>", "<|END_ACTION|>", ([tool_name, parameters]) =>
			JSON.stringify({ tool_call_id: "0", tool_name, parameters }),
		),
	],
	[
		"InternLM",
		each("<|action_start|><|plugin|>", "<|action_end|>", ([name, parameters]) => JSON.stringify({ name, parameters })),
		[["with a space", each("<|action_start|> <|plugin|>\n", "<|action_end|>")([LS]), [LS]]],
	],
	[
		"Apertus",
		list("<|tools_prefix|>", "<|tools_suffix|>", ([name, input]) => JSON.stringify({ [name]: input })),
		[["no arguments", '<|tools_prefix|>[{"TodoWrite": {}}]<|tools_suffix|>', [["TodoWrite", {}]]]],
	],
	[
		"LFM2",
		list("<|tool_call_start|>", "<|tool_call_end|>", pythonCall),
		[["JSON", list("<|tool_call_start|>", "<|tool_call_end|>")([LS, PWD]), [LS, PWD]]],
	],
	[
		"MiniCPM 3",
		(calls) => `<|tool_call_start|>\n\`\`\`python\n${calls.map(pythonCall).join("\n")}\n\`\`\`\n<|tool_call_end|>`,
	],
	["OLMo 3", (calls) => `<function_calls>\n${calls.map(pythonCall).join("\n")}\n</function_calls>`],
	["Llama 4", list("<|python_start|>", "<|python_end|>", pythonCall)],
	["Gemini without a fence", each("<tool_code>", "</tool_code>", (call) => `print(default_api.${pythonCall(call)})`)],
	["dots", each("<dots_function_call>\n", "\n</dots_function_call>")],
	[
		"Inkling",
		each("<|content_invoke_tool_json|>", "<|end_message|>", ([name, args]) => JSON.stringify({ name, args })),
	],
	["GigaChat 3.1", each("<|function_call|>", "")],
	["GigaChat 3 after a text", each("<|message_sep|>\n\nfunction call<|role_sep|>\n", "")],
	["HyperCLOVA X after a text", list("<|im_start|>assistant -> tool/function_call\n", "<|im_end|>")],
	["openPangu", list("[unused11]", "[unused12]")],
	["Qwen2.5-Coder", each("<tools>\n", "\n</tools>")],
	["Glaive", each("<functioncall> ", "")],
	["tool", each("<tool>", "</tool>")],
	["function", each("<function>", "</function>", ([name, parameters]) => JSON.stringify({ name, parameters }))],
];

export const tagged: readonly LeakFamily[] = FAMILIES.map(([name, write, also = []]) => ({
	grammar: "tagged",
	name,
	write,
	also,
	unterminated: [["in the input", write([["Bash", { command: "half" }]]).replace(/half[\s\S]*/, "half"), []]],
	nearMisses: [
		write([["Launch", { target: "moon" }]]),
		`${write([LS]).replace(/(\[|\{|Bash|default_api|print)[\s\S]*/, "")} is how it begins`,
	],
}));

export const taggedFence: LeakFamily = {
	grammar: "tagged",
	name: "a fence between the tags",
	write: each("<function_call>\n```json\n", "\n```\n</function_call>"),
	also: [
		["another call after it that is not offered", `<tools>${object(LS)}</tools>`, [LS]],
		["without its language", each("<tools>```\n", "\n```</tools>")([LS, PWD]), [LS, PWD]],
	],
	unterminated: [["fence not closed", `<tools>\`\`\`json\n${object(LS)}`, [LS]]],
	nearMisses: ["<tools>```json</tools>"],
};

export const taggedMessage: readonly LeakFamily[] = (
	[
		["Phi-4-mini", list("functools", "")],
		["GigaChat 3", each("function call<|role_sep|>\n", "")],
		["HyperCLOVA X", list("-> tool/function_call\n", "<|im_end|>")],
	] as const
).map(([name, write]) => ({
	grammar: "tagged-message",
	name,
	wholeMessage: true,
	write,
	also: [],
	unterminated: [["in the input", write([["Bash", { command: "half" }]]).replace(/half[\s\S]*/, "half"), []]],
	nearMisses: [write([["Launch", { target: "moon" }]]), `I write ${write([LS])}`],
}));
