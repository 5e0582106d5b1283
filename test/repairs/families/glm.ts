import { type LeakFamily, type Meant, raw } from "../leak-family.ts";

const one = ([name, input]: Meant) => {
	const pairs = Object.entries(input).map(
		([key, value]) => `<arg_key>${key}</arg_key>\n<arg_value>${raw(value)}</arg_value>\n`,
	);
	return `<tool_call>${name}\n${pairs.join("")}</tool_call>`;
};

export const glm: LeakFamily = {
	grammar: "glm",
	write: (calls) => calls.map(one).join("\n"),
	also: [
		[
			"no line breaks",
			"<tool_call>Bash<arg_key>command</arg_key><arg_value>ls</arg_value></tool_call>",
			[["Bash", { command: "ls" }]],
		],
		["JSON behind >", '<tool_call>Bash>{"command":"ls"}</tool_call>', [["Bash", { command: "ls" }]]],
		["JSON on its line", '<tool_call>Bash\n{"command":"ls"}\n</tool_call>', [["Bash", { command: "ls" }]]],
		[
			"middle tags lost",
			"<tool_call>Bash\n<arg_key>command=ls -a=b</arg_value></tool_call>",
			[["Bash", { command: "ls -a=b" }]],
		],
		[
			"a namespace",
			"<tool_call>Shell/Bash\n<arg_key>command</arg_key><arg_value>ls</arg_value></tool_call>",
			[["Bash", { command: "ls" }]],
		],
		[
			"a bare list",
			'<tool_call>TodoWrite\n[{"content":"a"}]</tool_call>',
			[["TodoWrite", { todos: [{ content: "a" }] }]],
		],
		["no arguments", "<tool_call>TodoWrite\n</tool_call>", [["TodoWrite", {}]]],
		[
			"the tag in a value",
			"<tool_call>Bash\n<arg_key>command</arg_key>\n<arg_value>echo </arg_value> x</arg_value>\n</tool_call>",
			[["Bash", { command: "echo </arg_value> x" }]],
		],
		[
			"white space everywhere",
			"<tool_call> \nBash> \n<arg_key> command </arg_key> \n<arg_value>ls</arg_value> \n<arg_key>timeout</arg_key> \n<arg_value>5</arg_value> \n</tool_call>",
			[["Bash", { command: "ls", timeout: 5 }]],
		],
		[
			"the next call in place of an end",
			"<tool_call>Bash<arg_key>command</arg_key><arg_value>ls</arg_value><tool_call>Bash<arg_key>command</arg_key><arg_value>pwd</arg_value></tool_call>",
			[
				["Bash", { command: "ls" }],
				["Bash", { command: "pwd" }],
			],
		],
		[
			"middle tags lost before a number",
			"<tool_call>Bash<arg_key>timeout=5</arg_value><arg_key>command=</arg_value></tool_call>",
			[["Bash", { timeout: 5, command: "" }]],
		],
	],
	unterminated: [
		["JSON without closing tag", '<tool_call>Bash>{"command":"ls"}', [["Bash", { command: "ls" }]]],
		[
			"behind a pair",
			"<tool_call>Bash\n<arg_key>command</arg_key>\n<arg_value>ls</arg_value>",
			[["Bash", { command: "ls" }]],
		],
		["in a key", "<tool_call>Bash\n<arg_key>comm", []],
	],
	nearMisses: [
		"<tool_call>Bash\n[1]</tool_call>",
		"<tool_call>TodoWrite\n[1 2</tool_call>",
		"<tool_call>Bash<arg_key>command</arg_value></tool_call>",
		"<tool_call>Bash<arg_key>command</arg_key>ls</arg_value></tool_call>",
		'<tool_call>Bash>{"command"</tool_call>',

		"<tool_call>Bash is how it begins",
		"<tool_call>Launch\n<arg_key>a</arg_key><arg_value>b</arg_value></tool_call>",
	],
	cannotWrite: (value) => /<\/?(arg_|tool_call)/.test(value),
};
