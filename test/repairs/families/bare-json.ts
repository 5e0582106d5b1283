import type { LeakFamily } from "../leak-family.ts";

export const bareJson: LeakFamily = {
	grammar: "bare-json",
	wholeMessage: true,
	write: (calls) => calls.map(([name, input]) => JSON.stringify({ name, parameters: input })).join("\n"),
	also: [
		["with white space", '\n{ "name": "Bash", "parameters": {"command": "ls"} }\n', [["Bash", { command: "ls" }]]],
		[
			"with its type",
			'{"type":"function","function":{"name":"Bash","arguments":{"command":"ls"}}}',
			[["Bash", { command: "ls" }]],
		],
		[
			"a list",
			'[{"name":"Bash","parameters":{"command":"ls"}},{"name":"Bash","parameters":{"command":"pwd"}}]',
			[
				["Bash", { command: "ls" }],
				["Bash", { command: "pwd" }],
			],
		],
		["end token", '{"name":"Bash","parameters":{"command":"ls"}}<|eot_id|>', [["Bash", { command: "ls" }]]],
		[
			"semicolons",
			'{"name":"Bash","parameters":{"command":"ls"}}; {"name":"Bash","parameters":{"command":"pwd"}}',
			[
				["Bash", { command: "ls" }],
				["Bash", { command: "pwd" }],
			],
		],
		["in a code block", '```json\n{"name":"Bash","arguments":{"command":"ls"}}\n```', [["Bash", { command: "ls" }]]],
		[
			"in a code block without a language",
			'```\n{"name":"Bash","arguments":{"command":"ls"}}\n```\n',
			[["Bash", { command: "ls" }]],
		],
		[
			"in two code blocks",
			'```json\n{"name":"Bash","arguments":{"command":"ls"}}\n```\n\n```json\n{"name":"Bash","arguments":{"command":"pwd"}}\n```',
			[
				["Bash", { command: "ls" }],
				["Bash", { command: "pwd" }],
			],
		],
		["arguments first", '{"arguments":{"command":"ls"},"name":"Bash"}', [["Bash", { command: "ls" }]]],
		["parameters first", '{"parameters":{"command":"ls"},"name":"Bash"}', [["Bash", { command: "ls" }]]],
		["the name in function", '{"function":"Bash","arguments":{"command":"ls"}}', [["Bash", { command: "ls" }]]],
		[
			"a list with white space",
			'[ \n{ \n"name":"Bash","parameters":{"command":"ls"}}] \n<|eom_id|>\n',
			[["Bash", { command: "ls" }]],
		],
		[
			"commas and end tokens",
			'{"name":"Bash","parameters":{"command":"ls"}} , \n{"name":"Bash","parameters":{"command":"pwd"}} ;<|eot_id|>',
			[
				["Bash", { command: "ls" }],
				["Bash", { command: "pwd" }],
			],
		],
	],
	unterminated: [["in the object", '{"name":"Bash","parameters":{"command":"ls', []]],
	nearMisses: [
		'{\n  "name": "read",\n  "version": "5.0.1",\n  "main": "./index.js"\n}',
		'[ "name" ]',
		'{"name":"Bash","parameters":{"command":"ls"}}|',

		'{"name":"Ann","age":3}',
		'{"name":"Bash","parameters":{"command":"ls"}} is what you could send.',
		'{"title":"Bash"}',
		'```json\n{"name":"Bash","parameters":{"command":"ls"}}\n```\nThis is such a call.',
		'```json\n{\n  "name": "read",\n  "version": "5.0.1"\n}\n```',
		"```python\nprint(1)\n```",
		'```\n{ "a": 1 }\n```',
		"[1, 2, 3]",
		"{ a brace",
		'[{"id":1}]',
	],
};
