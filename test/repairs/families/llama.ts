import type { LeakFamily } from "../leak-family.ts";

const bash = { name: "Bash", parameters: { command: "ls" } };

export const llama: LeakFamily = {
	grammar: "llama",
	write: (calls) =>
		`<|python_tag|>${calls.map(([name, input]) => JSON.stringify({ name, parameters: input })).join("; ")}<|eom_id|>`,
	also: [
		["no end token", `<|python_tag|>${JSON.stringify(bash)}`, [["Bash", { command: "ls" }]]],
		["arguments", '<|python_tag|>{"name":"Bash","arguments":{"command":"ls"}}', [["Bash", { command: "ls" }]]],
		["function element", '<function=Bash>{"command":"ls"}</function>', [["Bash", { command: "ls" }]]],
		["Groq, object in the tag", '<function=Bash {"command":"ls"}></function>', [["Bash", { command: "ls" }]]],
		["Groq, no bracket", '<function=Bash{"command":"ls"}</function>', [["Bash", { command: "ls" }]]],
		["Groq, parentheses", '<function=Bash({"command":"ls"})></function>', [["Bash", { command: "ls" }]]],
		[
			"two elements",
			'<function=Bash>{"command":"ls"}</function>\n<function=Read>{"file_path":"a"}</function>',
			[
				["Bash", { command: "ls" }],
				["Read", { file_path: "a" }],
			],
		],
		[
			"a semicolon first, and white space",
			'<|python_tag|>; \n{"name":"Bash","parameters":{"command":"ls"}} ; \n{"name":"Bash","parameters":{"command":"pwd"}} \n<|eom_id|>',
			[
				["Bash", { command: "ls" }],
				["Bash", { command: "pwd" }],
			],
		],
		[
			"other end token",
			'<|python_tag|>{"name":"Bash","parameters":{"command":"ls"}}<|eot_id|>',
			[["Bash", { command: "ls" }]],
		],
		["white space in an element", '<function=Bash \n> \n{"command":"ls"}</function>', [["Bash", { command: "ls" }]]],
		["a parenthesis at the end", '<function=Bash({"command":"ls"})</function>', [["Bash", { command: "ls" }]]],
	],
	unterminated: [
		["element not closed", '<function=Bash>{"command":"ls"}', [["Bash", { command: "ls" }]]],
		["in the object", '<|python_tag|>{"name":"Write","parameters":{"content":"half', []],
	],
	nearMisses: [
		'<|python_tag|>{"name":"Bash","parameters":{"command":"ls"}}; {"name":"Launch","parameters":{}}',
		'<function=Bash>["ls"]</function>',

		"<|python_tag|> comes first",
		"<|python_tag|>print(1)",
		'<|python_tag|>{"name":"Launch","parameters":{}}',
	],
};
