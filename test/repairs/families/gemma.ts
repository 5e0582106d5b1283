import type { LeakFamily } from "../leak-family.ts";

const Q = '<|"|>';
const value = (part: unknown): string => {
	if (typeof part === "string") return Q + part + Q;
	if (Array.isArray(part)) return `[${part.map(value).join(",")}]`;
	if (typeof part !== "object" || part === null) return String(part);
	return `{${Object.entries(part)
		.map(([key, entry]) => `${key}:${value(entry)}`)
		.join(",")}}`;
};

export const gemma: LeakFamily = {
	grammar: "gemma",
	write: (calls) => calls.map(([name, input]) => `<|tool_call>call:${name}${value(input)}<tool_call|>`).join(""),
	also: [
		[
			"FunctionGemma",
			"<start_function_call>call:Bash{command:<escape>ls, {x}<escape>,timeout:5}<end_function_call>",
			[["Bash", { command: "ls, {x}", timeout: 5 }]],
		],
		[
			"plain quotes",
			'<|tool_call>call:Bash{command:"ls",timeout:5}<tool_call|>',
			[["Bash", { command: "ls", timeout: 5 }]],
		],
		["quoted keys", `<|tool_call>call:Bash{${Q}command${Q}:${Q}ls${Q}}<tool_call|>`, [["Bash", { command: "ls" }]]],
		[
			"bare words",
			"<|tool_call>call:Bash{command: ls -la ,timeout: 5 }<tool_call|>",
			[["Bash", { command: "ls -la", timeout: 5 }]],
		],
		["no arguments", "<|tool_call>call:TodoWrite{}<tool_call|>", [["TodoWrite", {}]]],
		["an empty text", `<|tool_call>call:Bash{command:${Q}${Q}}<tool_call|>`, [["Bash", { command: "" }]]],
		[
			"white space everywhere",
			'<|tool_call> \ncall:Bash { command : <|"|>ls<|"|> , timeout : 5 } \n<tool_call|>',
			[["Bash", { command: "ls", timeout: 5 }]],
		],
		[
			"keys in plain quotes",
			'<|tool_call>call:Bash{"command":"l\\"s","timeout":5}<tool_call|>',
			[["Bash", { command: 'l"s', timeout: 5 }]],
		],
		[
			"words, lists and objects",
			"<|tool_call>call:mcp__db__query{options:{a:[true, null ,[1,2]],b:{},c:[]}}<tool_call|>",
			[["mcp__db__query", { options: { a: [true, null, [1, 2]], b: {}, c: [] } }]],
		],
		["a comma at the end", "<|tool_call>call:TodoWrite{todos:[1,],}<tool_call|>", [["TodoWrite", { todos: [1] }]]],
	],
	unterminated: [
		["end token lost", `<|tool_call>call:Bash{command:${Q}ls${Q}}`, [["Bash", { command: "ls" }]]],
		["in a text", `<|tool_call>call:Write{content:${Q}half`, []],
	],
	nearMisses: [
		'<|tool_call>call:Bash{command:<|"|>ls<|"|>} now<tool_call|>',
		'<|tool_call>call:Bash{command:<|"|>ls<|"|> timeout:5}<tool_call|>',
		'<|tool_call>call:TodoWrite{todos:["a" "b"]}<tool_call|>',
		'<|tool_call>call:Bash{<|"|>command<|"|> <|"|>ls<|"|>}<tool_call|>',
		"<|tool_call>call:Bash{command}<tool_call|>",
		"<|tool_call>call:Bash{command:}<tool_call|>",
		"<|tool_call>call:TodoWrite{todos:[,]}<tool_call|>",
		"<|tool_call>Bash{command:5}<tool_call|>",

		"<|tool_call> is a token",
		"<|tool_call>call:Launch{}<tool_call|>",
		"<|tool_call>call:Bash now<tool_call|>",
	],
	cannotWrite: (text) => text.includes(Q),
};
