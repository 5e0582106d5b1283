import type { LeakFamily } from "../leak-family.ts";

const call = (name: string, index: number, input: object) =>
	`<|tool_call_begin|>functions.${name}:${index}<|tool_call_argument_begin|>${JSON.stringify(input)}<|tool_call_end|>`;

export const kimi: LeakFamily = {
	grammar: "kimi",
	write: (calls) =>
		`<|tool_calls_section_begin|>${calls.map(([name, input], index) => call(name, index, input)).join("")}<|tool_calls_section_end|>`,
	also: [
		[
			"section in the singular",
			`<|tool_call_section_begin|>${call("Bash", 7, { command: "ls" })}<|tool_call_section_end|>`,
			[["Bash", { command: "ls" }]],
		],
		["no section", call("Bash", 0, { command: "ls" }), [["Bash", { command: "ls" }]]],
		[
			"no namespace, line breaks",
			'<|tool_calls_section_begin|>\n<|tool_call_begin|>Bash:0 <|tool_call_argument_begin|> {"command":"ls"} <|tool_call_end|>\n<|tool_calls_section_end|>',
			[["Bash", { command: "ls" }]],
		],
		[
			"white space everywhere",
			'<|tool_calls_section_begin|> \n<|tool_call_begin|> \nfunctions.Bash:0 \n<|tool_call_argument_begin|> \n{"command":"ls"} \n<|tool_call_end|> \n<|tool_calls_section_end|>',
			[["Bash", { command: "ls" }]],
		],
		["an MCP tool", call("mcp__db__query", 3, { sql: "select 1" }), [["mcp__db__query", { sql: "select 1" }]]],
		[
			"token in a value",
			call("Bash", 0, { command: "echo '<|tool_call_end|>'" }),
			[["Bash", { command: "echo '<|tool_call_end|>'" }]],
		],
		[
			"two calls, line breaks between",
			'<|tool_call_begin|>functions.Bash:0<|tool_call_argument_begin|>{"command":"ls"}<|tool_call_end|> \n<|tool_call_begin|>functions.Bash:1<|tool_call_argument_begin|>{"command":"pwd"}<|tool_call_end|>',
			[
				["Bash", { command: "ls" }],
				["Bash", { command: "pwd" }],
			],
		],
	],
	unterminated: [
		[
			"no end tokens",
			'<|tool_calls_section_begin|><|tool_call_begin|>functions.Bash:0<|tool_call_argument_begin|>{"command":"ls"}',
			[["Bash", { command: "ls" }]],
		],
		["in the arguments", '<|tool_call_begin|>functions.Write:0<|tool_call_argument_begin|>{"content":"half', []],
	],
	nearMisses: [
		'<|tool_call_begin|>functions.Bash:0{"command":"ls"}',
		'<|tool_call_begin|>functions.Bash:0<|tool_call_argument_begin|>["ls"]',
		'<|tool_calls_section_begin|><|tool_call_begin|>functions.Bash:0<|tool_call_argument_begin|>{"command":"ls"}<|tool_call_end|><|tool_call_begin|>Launch:1<|tool_call_argument_begin|>{}<|tool_call_end|>',
		"<|tool_call_begin|> opens a call",
		"<|tool_calls_section_begin|> nothing <|tool_calls_section_end|>",
	],
};
