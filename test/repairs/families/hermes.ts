import type { LeakFamily } from "../leak-family.ts";

const read = '{"name":"Read","arguments":{"file_path":"/a"}}';

export const hermes: LeakFamily = {
	grammar: "hermes",
	write: (calls) =>
		calls.map(([name, input]) => `<tool_call>\n${JSON.stringify({ name, arguments: input })}\n</tool_call>`).join("\n"),
	also: [
		[
			"parameters",
			'<tool_call>{"name":"Read","parameters":{"file_path":"/a"}}</tool_call>',
			[["Read", { file_path: "/a" }]],
		],
		[
			"arguments as text",
			'<tool_call>{"name":"Read","arguments":"{\\"file_path\\":\\"/a\\"}"}</tool_call>',
			[["Read", { file_path: "/a" }]],
		],
		[
			"in function",
			'<tool_call>{"function":{"name":"Read","arguments":{"file_path":"/a"}}}</tool_call>',
			[["Read", { file_path: "/a" }]],
		],
		[
			"trailing comma",
			'<tool_call>{"name":"Read","arguments":{"file_path":"/a",},}</tool_call>',
			[["Read", { file_path: "/a" }]],
		],
		[
			"raw line break",
			'<tool_call>{"name":"Bash","arguments":{"command":"a\nb"}}</tool_call>',
			[["Bash", { command: "a\nb" }]],
		],
		[
			"single quotes",
			"<tool_call>{'name':'Bash','arguments':{'command':'ls'}}</tool_call>",
			[["Bash", { command: "ls" }]],
		],
		[
			"last brace lost",
			'<tool_call>{"name":"Read","arguments":{"file_path":"/a"}\n</tool_call>',
			[["Read", { file_path: "/a" }]],
		],
		[
			"closing tag in a value",
			'<tool_call>{"name":"Bash","arguments":{"command":"echo </tool_call>"}}</tool_call>',
			[["Bash", { command: "echo </tool_call>" }]],
		],
		["closing tag twice", `<tool_call>${read}</tool_call>\n</tool_call>`, [["Read", { file_path: "/a" }]]],
		[
			"white space",
			'<tool_call> \n{"name":"Read","arguments":{"file_path":"/a"}} \n</tool_call>',
			[["Read", { file_path: "/a" }]],
		],
		["input", '<tool_call>{"name":"Read","input":{"file_path":"/a"}}</tool_call>', [["Read", { file_path: "/a" }]]],
		["tool", '<tool_call>{"tool":"Read","arguments":{"file_path":"/a"}}</tool_call>', [["Read", { file_path: "/a" }]]],
		["no arguments", '<tool_call>{"name":"TodoWrite"}</tool_call>', [["TodoWrite", {}]]],
		[
			"last two braces lost",
			'<tool_call>{"name":"Bash","arguments":{"command":"ls"</tool_call>',
			[["Bash", { command: "ls" }]],
		],
		[
			"last three braces lost",
			'<tool_call>{"name":"mcp__db__query","arguments":{"options":{"a":1</tool_call>',
			[["mcp__db__query", { options: { a: 1 } }]],
		],
	],
	unterminated: [
		["no closing tag", `<tool_call>\n${read}`, [["Read", { file_path: "/a" }]]],
		["inside the object", '<tool_call>{"name":"Write","arguments":{"file_path":"/a","content":"half', []],
	],
	nearMisses: [
		'<tool_call>["Bash"]</tool_call>',
		'<tool_call>{"name":"Bash","arguments":{"command":"ls</tool_call>',
		'<tool_call>{"name":5}</tool_call>',
		"<tool_call> is the tag that Qwen uses",
		"<tool_call>{}</tool_call>",
		'<tool_call>{"a":1}</tool_call>',
	],
};
