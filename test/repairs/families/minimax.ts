import { type LeakFamily, type Meant, raw } from "../leak-family.ts";

const one = ([name, input]: Meant) => {
	const parameters = Object.entries(input).map(
		([key, value]) => `<parameter name="${key}">${raw(value)}</parameter>\n`,
	);
	return `<invoke name="${name}">\n${parameters.join("")}</invoke>\n`;
};

export const minimax: LeakFamily = {
	grammar: "invoke",
	name: "MiniMax M2",
	write: (calls) => `<minimax:tool_call>\n${calls.map(one).join("")}</minimax:tool_call>`,
	also: [
		[
			"on one line",
			'<minimax:tool_call><invoke name="Bash"><parameter name="command">ls</parameter></invoke></minimax:tool_call>',
			[["Bash", { command: "ls" }]],
		],
		[
			"framed values",
			'<minimax:tool_call><invoke name="Bash"><parameter name="command">\nls\n</parameter></invoke></minimax:tool_call>',
			[["Bash", { command: "ls" }]],
		],
		[
			"a file that holds the tags",
			'<minimax:tool_call><invoke name="Write"><parameter name="file_path">a</parameter><parameter name="content"><parameter name="x">1</parameter> y</parameter></invoke></minimax:tool_call>',
			[["Write", { file_path: "a", content: '<parameter name="x">1</parameter> y' }]],
		],
	],
	unterminated: [
		[
			"block not closed",
			'<minimax:tool_call>\n<invoke name="Bash"><parameter name="command">ls</parameter></invoke>',
			[["Bash", { command: "ls" }]],
		],
		["before any value", '<minimax:tool_call>\n<invoke name="Bash">', []],
	],
	nearMisses: [
		"<minimax:tool_call> is a tag",
		'<minimax:tool_call><invoke name="Launch"></invoke></minimax:tool_call>',
	],
	cannotWrite: (value) => /<\/?[^>]*(parameter|invoke|tool_call)/.test(value),
};
