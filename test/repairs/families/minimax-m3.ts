import { type LeakFamily, type Meant, raw } from "../leak-family.ts";

const NS = "]<]minimax[>[";
const element = (key: string, value: unknown): string => {
	const inner =
		typeof value === "object" && value !== null
			? Object.entries(value)
					.map(([name, entry]) => element(Array.isArray(value) ? "item" : name, entry))
					.join("")
			: raw(value);
	return `${NS}<${key}>${inner}${NS}</${key}>`;
};
const one = ([name, input]: Meant) => {
	const parts = Object.entries(input).map(([key, value]) => element(key, value));
	return `${NS}<invoke name="${name}">${parts.join("")}${NS}</invoke>`;
};

export const minimaxM3: LeakFamily = {
	grammar: "minimax-m3",
	write: (calls) => `${NS}<tool_call>${calls.map(one).join("")}${NS}</tool_call>`,
	also: [
		[
			"white space",
			`${NS} <tool_call>\n${NS} <invoke name="Bash">\n${NS}\n<command>ls${NS} </command>\n${NS}</invoke>\n${NS}</tool_call>`,
			[["Bash", { command: "ls" }]],
		],
		[
			"null stays a word in text",
			`${NS}<tool_call>${NS}<invoke name="Bash">${NS}<command>null${NS}</command>${NS}</invoke>${NS}</tool_call>`,
			[["Bash", { command: "null" }]],
		],
		[
			"numbers by the schema",
			`${NS}<tool_call>${NS}<invoke name="TodoWrite">${NS}<todos>${NS}<item>${NS}<content>1${NS}</content>${NS}<priority>1${NS}</priority>${NS}</item>${NS}</todos>${NS}</invoke>${NS}</tool_call>`,
			[["TodoWrite", { todos: [{ content: "1", priority: 1 }] }]],
		],
		[
			"an empty list",
			']<]minimax[>[<tool_call>]<]minimax[>[<invoke name="TodoWrite">]<]minimax[>[<todos> ]<]minimax[>[</todos>]<]minimax[>[</invoke>]<]minimax[>[</tool_call>',
			[["TodoWrite", { todos: [] }]],
		],
		[
			"an empty text",
			']<]minimax[>[<tool_call>]<]minimax[>[<invoke name="Bash">]<]minimax[>[<command>]<]minimax[>[</command>]<]minimax[>[</invoke>]<]minimax[>[</tool_call>',
			[["Bash", { command: "" }]],
		],
		[
			"a list of one",
			']<]minimax[>[<tool_call>]<]minimax[>[<invoke name="TodoWrite">]<]minimax[>[<todos>]<]minimax[>[<item>]<]minimax[>[<content>a]<]minimax[>[</content>]<]minimax[>[</item>]<]minimax[>[</todos>]<]minimax[>[</invoke>]<]minimax[>[</tool_call>',
			[["TodoWrite", { todos: [{ content: "a" }] }]],
		],
		[
			"an object, and items beside other names",
			']<]minimax[>[<tool_call>]<]minimax[>[<invoke name="mcp__db__query">]<]minimax[>[<options>]<]minimax[>[<item>1]<]minimax[>[</item>]<]minimax[>[<b>x]<]minimax[>[</b>]<]minimax[>[</options>]<]minimax[>[</invoke>]<]minimax[>[</tool_call>',
			[["mcp__db__query", { options: { item: "1", b: "x" } }]],
		],
		[
			"no arguments",
			']<]minimax[>[<tool_call>]<]minimax[>[<invoke name="TodoWrite">]<]minimax[>[</invoke>]<]minimax[>[</tool_call>',
			[["TodoWrite", {}]],
		],
		[
			"a spaced name",
			']<]minimax[>[<tool_call>]<]minimax[>[<invoke  name="Bash" >]<]minimax[>[<command>ls]<]minimax[>[</command>]<]minimax[>[</invoke>]<]minimax[>[</tool_call>',
			[["Bash", { command: "ls" }]],
		],
	],
	unterminated: [
		["block not closed", `${NS}<tool_call>${one(["Bash", { command: "ls" }])}`, [["Bash", { command: "ls" }]]],
		["in a value", `${NS}<tool_call>${NS}<invoke name="Write">${NS}<content>half`, []],
	],
	nearMisses: [
		']<]minimax[>[<tool_call>]<]minimax[>[<invoke name="Bash">]<]minimax[>[<a b>ls]<]minimax[>[</a>]<]minimax[>[</invoke>',
		"]<]minimax[>[<tool_call>]<]minimax[>[<invoke>]<]minimax[>[</invoke>",
		']<]minimax[>[<other>]<]minimax[>[<invoke name="Bash">]<]minimax[>[</invoke>',
		']<]minimax[>[<tool_call>]<]minimax[>[<invoke name="Bash">]<]minimax[>[<command>ls]<]minimax[>[</other>]<]minimax[>[</invoke>',
		`${NS} is its mark`,
		`${NS}<tool_call>${NS}<invoke name="Launch">${NS}</invoke>${NS}</tool_call>`,
	],
	cannotWrite: (value) => value.includes("]") || value.trim() !== value,
};
