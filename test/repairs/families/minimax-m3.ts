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
	],
	unterminated: [
		["block not closed", `${NS}<tool_call>${one(["Bash", { command: "ls" }])}`, [["Bash", { command: "ls" }]]],
		["in a value", `${NS}<tool_call>${NS}<invoke name="Write">${NS}<content>half`, []],
	],
	nearMisses: [`${NS} is its mark`, `${NS}<tool_call>${NS}<invoke name="Launch">${NS}</invoke>${NS}</tool_call>`],
	cannotWrite: (value) => value.includes("]") || value.trim() !== value,
};
