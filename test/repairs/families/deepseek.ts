import type { LeakFamily, Meant } from "../leak-family.ts";

const one = ([name, input]: Meant) =>
	`<｜tool▁call▁begin｜>${name}<｜tool▁sep｜>${JSON.stringify(input)}<｜tool▁call▁end｜>`;
const typed = '<｜tool▁call▁begin｜>function<｜tool▁sep｜>Bash\n```json\n{"command":"ls"}\n```<｜tool▁call▁end｜>';

export const deepseek: LeakFamily = {
	grammar: "deepseek",
	write: (calls) => `<｜tool▁calls▁begin｜>${calls.map(one).join("\n")}<｜tool▁calls▁end｜>`,
	also: [
		[
			"V3 and R1",
			`<｜tool▁calls▁begin｜>${typed}\n${typed.replace("ls", "pwd")}<｜tool▁calls▁end｜>`,
			[
				["Bash", { command: "ls" }],
				["Bash", { command: "pwd" }],
			],
		],
		[
			"plain bars",
			'<|tool▁calls▁begin|><|tool▁call▁begin|>Bash<|tool▁sep|>{"command":"ls"}<|tool▁call▁end|><|tool▁calls▁end|>',
			[["Bash", { command: "ls" }]],
		],
		[
			"all plain",
			'<|tool_calls_begin|><|tool_call_begin|>Bash<|tool_sep|>{"command":"ls"}<|tool_call_end|><|tool_calls_end|>',
			[["Bash", { command: "ls" }]],
		],
		["no section", one(["Bash", { command: "ls" }]), [["Bash", { command: "ls" }]]],
		[
			"token in a value",
			one(["Bash", { command: "<｜tool▁call▁end｜>" }]),
			[["Bash", { command: "<｜tool▁call▁end｜>" }]],
		],
		[
			"white space everywhere",
			'<｜tool▁calls▁begin｜> \n<｜tool▁call▁begin｜> \nBash<｜tool▁sep｜> \n```json \n{"command":"ls"} \n``` \n<｜tool▁call▁end｜> \n<｜tool▁calls▁end｜>',
			[["Bash", { command: "ls" }]],
		],
		[
			"a fence without a language",
			'<｜tool▁call▁begin｜>Bash<｜tool▁sep｜>```\n{"command":"ls"}\n```<｜tool▁call▁end｜>',
			[["Bash", { command: "ls" }]],
		],
		[
			"two calls without a section",
			'<｜tool▁call▁begin｜>Bash<｜tool▁sep｜>{"command":"ls"}<｜tool▁call▁end｜>\n<｜tool▁call▁begin｜>Bash<｜tool▁sep｜>{"command":"pwd"}<｜tool▁call▁end｜>',
			[
				["Bash", { command: "ls" }],
				["Bash", { command: "pwd" }],
			],
		],
		[
			"two calls, all plain",
			'<|tool_calls_begin|><|tool_call_begin|>Bash<|tool_sep|>{"command":"ls"}<|tool_call_end|><|tool_call_begin|>Bash<|tool_sep|>{"command":"pwd"}<|tool_call_end|><|tool_calls_end|>',
			[
				["Bash", { command: "ls" }],
				["Bash", { command: "pwd" }],
			],
		],
	],
	unterminated: [
		["section not closed", `<｜tool▁calls▁begin｜>${typed}`, [["Bash", { command: "ls" }]]],
		["fence not closed", typed.slice(0, typed.indexOf("\n```<")), [["Bash", { command: "ls" }]]],
		["in the object", '<｜tool▁call▁begin｜>Write<｜tool▁sep｜>{"content":"half', []],
	],
	nearMisses: [
		'<｜tool▁call▁begin｜>Bash{"command":"ls"}',
		'<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>Bash<｜tool▁sep｜>{"command":"ls"}<｜tool▁call▁end｜><｜tool▁call▁begin｜>Launch<｜tool▁sep｜>{}<｜tool▁call▁end｜>',
		"<｜tool▁calls▁begin｜> is a token",
		"<｜tool▁call▁begin｜>Launch<｜tool▁sep｜>{}<｜tool▁call▁end｜>",
	],
};
