import { type LeakFamily, type Meant, raw } from "../leak-family.ts";

const one = ([name, input]: Meant) => {
	const parameters = Object.entries(input).map(([key, value]) => `<parameter=${key}>\n${raw(value)}\n</parameter>\n`);
	return `<tool_call>\n<function=${name}>\n${parameters.join("")}</function>\n</tool_call>`;
};

export const qwenCoder: LeakFamily = {
	grammar: "qwen-coder",
	write: (calls) => calls.map(one).join("\n"),
	also: [
		[
			"Seed-OSS",
			"<seed:tool_call>\n<function=Bash>\n<parameter=command>\nls\n</parameter>\n</function>\n</seed:tool_call>",
			[["Bash", { command: "ls" }]],
		],
		["bare", "<function=Bash><parameter=command>ls</parameter></function>", [["Bash", { command: "ls" }]]],
		[
			"block opened late",
			"<function=Bash>\n<parameter=command>\nls\n</parameter>\n</function>\n</tool_call>",
			[["Bash", { command: "ls" }]],
		],
		[
			"parameter not closed",
			"<tool_call><function=Bash>\n<parameter=command>\nls\n<parameter=timeout>\n5\n</function></tool_call>",
			[["Bash", { command: "ls", timeout: 5 }]],
		],
		["no parameters", "<tool_call><function=TodoWrite></function></tool_call>", [["TodoWrite", {}]]],
		[
			"a file that holds the tags",
			"<function=Write><parameter=file_path>a.xml</parameter><parameter=content>\n<a><parameter=x>1</parameter> </a></function> b\n</parameter></function>",
			[["Write", { file_path: "a.xml", content: "<a><parameter=x>1</parameter> </a></function> b" }]],
		],
		[
			"Python words",
			"<function=Bash><parameter=command>ls</parameter><parameter=run_in_background>True</parameter></function>",
			[["Bash", { command: "ls", run_in_background: true }]],
		],
		[
			"text stays text",
			"<function=Bash><parameter=command>12</parameter><parameter=timeout>12</parameter></function>",
			[["Bash", { command: "12", timeout: 12 }]],
		],
		["other case", "<function=bash><parameter=command>ls</parameter></function>", [["Bash", { command: "ls" }]]],
		[
			"white space everywhere",
			"<tool_call> \n<function=Bash> \n<parameter=command>ls</parameter> \n<parameter=timeout> \n5</parameter> \n</function> \n</tool_call>",
			[["Bash", { command: "ls", timeout: 5 }]],
		],
		[
			"one line break at each end is markup",
			"<function=Bash><parameter=command>\n\nls\n\n</parameter></function>",
			[["Bash", { command: "\nls\n" }]],
		],
		[
			"closed by the block alone",
			"<tool_call><function=Bash><parameter=command>ls</tool_call>",
			[["Bash", { command: "ls" }]],
		],
		[
			"the next function in place of an end",
			"<function=Bash><parameter=command>ls</parameter><function=Bash><parameter=command>pwd</parameter></function>",
			[
				["Bash", { command: "ls" }],
				["Bash", { command: "pwd" }],
			],
		],
		[
			"closed by the function, then another block",
			"<tool_call><function=Bash><parameter=command>ls</function><tool_call><function=Bash><parameter=command>pwd</function></tool_call>",
			[
				["Bash", { command: "ls" }],
				["Bash", { command: "pwd" }],
			],
		],
	],
	unterminated: [
		["in the last value", "<function=Bash>\n<parameter=command>\nls\n", []],
		[
			"behind a value",
			"<tool_call>\n<function=Bash>\n<parameter=command>\nls\n</parameter>\n",
			[["Bash", { command: "ls" }]],
		],
		["before any", "<tool_call>\n<function=Bash>", []],
	],
	nearMisses: [
		"<function=Bash><parameter=>ls</parameter></function>",
		"<function=Bash><parameter=command ls</parameter></function>",
		"<function=Bash <parameter=command>ls</parameter></function>",
		"<tool_call>function=Bash><parameter=command>ls</parameter></function>",

		"function f<function=x> is odd",
		"<function=Bash> calls a function",
		"<function=Launch><parameter=a>1</parameter></function>",
	],
	cannotWrite: (value) => /<\/?(parameter|function|tool_call)/.test(value),
};
