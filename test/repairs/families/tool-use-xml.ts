import { type LeakFamily, type Meant, raw } from "../leak-family.ts";

const one = ([name, input]: Meant) => {
	const parameters = Object.entries(input).map(([key, value]) => `<${key}>${raw(value)}</${key}>\n`);
	return `<tool_use>\n<tool_name>${name}</tool_name>\n<parameters>\n${parameters.join("")}</parameters>\n</tool_use>`;
};

export const toolUseXml: LeakFamily = {
	grammar: "tool-use-xml",
	write: (calls) => calls.map(one).join("\n"),
	also: [
		...["arguments", "parameters", "input"].map((tag): [string, string, Meant[]] => [
			`JSON in ${tag}`,
			`<tool_use>\n  <name>Bash</name>\n  <${tag}>{"command": "ls"}</${tag}>\n</tool_use>`,
			[["Bash", { command: "ls" }]],
		]),
		[
			"elements in arguments",
			"<tool_use><name>Bash</name><arguments><command>ls</command></arguments></tool_use>",
			[["Bash", { command: "ls" }]],
		],
		[
			"a tool of a server",
			'<use_mcp_tool>\n<server_name>db</server_name>\n<tool_name>query</tool_name>\n<arguments>\n{"sql": "select 1"}\n</arguments>\n</use_mcp_tool>',
			[["mcp__db__query", { sql: "select 1" }]],
		],
		[
			"a tool of no server",
			'<use_mcp_tool>\n<server_name>system</server_name>\n<tool_name>Bash</tool_name>\n<arguments>\n{"command": "ls"}\n</arguments>\n</use_mcp_tool>',
			[["Bash", { command: "ls" }]],
		],
		[
			"name",
			"<tool_use><name>Bash</name><parameters><command>ls</command></parameters></tool_use>",
			[["Bash", { command: "ls" }]],
		],
		[
			"tags in a value",
			"<tool_use><tool_name>Bash</tool_name><parameters><command>echo </command> b</command></parameters></tool_use>",
			[["Bash", { command: "echo </command> b" }]],
		],
		[
			"no parameters",
			"<tool_use><tool_name>TodoWrite</tool_name><parameters></parameters></tool_use>",
			[["TodoWrite", {}]],
		],
		[
			"white space everywhere",
			"<tool_use> \n<tool_name>Bash</tool_name> \n<parameters> \n<command>ls</command> \n<timeout>5</timeout> \n</parameters> \n</tool_use>",
			[["Bash", { command: "ls", timeout: 5 }]],
		],
		[
			"tags of the name mixed",
			"<tool_use><name>Bash</tool_name><parameters><command>ls</command></parameters></tool_use>",
			[["Bash", { command: "ls" }]],
		],
	],
	unterminated: [
		[
			"block not closed",
			"<tool_use><tool_name>Bash</tool_name><parameters><command>ls</command></parameters>",
			[["Bash", { command: "ls" }]],
		],
		["parameters not closed", "<tool_use><tool_name>Write</tool_name><parameters><content>half", []],
	],
	nearMisses: [
		"<tool_use>Bash</tool_name><parameters></parameters></tool_use>",
		"<tool_use><name>Bash<parameters></parameters></tool_use>",
		"<tool_use><name>Bash</name></tool_use>",
		"<tool_use><name>Bash</name><parameters><a b>1</a></parameters></tool_use>",

		"<tool_use> is a block type",
		"<tool_use><tool_name>Launch</tool_name><parameters></parameters></tool_use>",
	],
	cannotWrite: (value) => value.includes("<"),
};
