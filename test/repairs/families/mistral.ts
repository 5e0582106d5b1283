import type { LeakFamily } from "../leak-family.ts";

export const mistral: LeakFamily = {
	grammar: "mistral",
	write: (calls) => calls.map(([name, input]) => `[TOOL_CALLS]${name}[ARGS]${JSON.stringify(input)}`).join(""),
	also: [
		[
			"a list",
			'[TOOL_CALLS] [{"name":"Bash","arguments":{"command":"ls"}},{"name":"Bash","arguments":{"command":"pwd"}}]',
			[
				["Bash", { command: "ls" }],
				["Bash", { command: "pwd" }],
			],
		],
		[
			"with ids",
			'[TOOL_CALLS][{"name":"Bash","arguments":{"command":"ls"},"id":"abcdefghi"}]',
			[["Bash", { command: "ls" }]],
		],
		["call id", '[TOOL_CALLS]Bash[CALL_ID]call_abc12[ARGS]{"command": "ls"}', [["Bash", { command: "ls" }]]],
		["no ARGS", '[TOOL_CALLS]Bash{"command": "ls"}', [["Bash", { command: "ls" }]]],
		["one object", '[TOOL_CALLS]{"name":"Bash","arguments":{"command":"ls"}}', [["Bash", { command: "ls" }]]],
		[
			"white space everywhere",
			'[TOOL_CALLS] \nBash[ARGS] \n{"command":"ls"} \n[TOOL_CALLS] \nBash[ARGS]{"command":"pwd"}',
			[
				["Bash", { command: "ls" }],
				["Bash", { command: "pwd" }],
			],
		],
	],
	unterminated: [["in the arguments", '[TOOL_CALLS]Write[ARGS]{"content":"half', []]],
	nearMisses: [
		'[TOOL_CALLS]Bash[ARGS]["ls"]',
		'[TOOL_CALLS]Bash[ARGS]{"command":"ls"}[TOOL_CALLS]Launch[ARGS]{}',
		"[TOOL_CALLS] is Mistral's token",
		'[TOOL_CALLS]Launch[ARGS]{"a":1}',
		"[TOOL_CALLS][]",
	],
};
