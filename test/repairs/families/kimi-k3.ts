import { type LeakFamily, type Meant, raw } from "../leak-family.ts";

const attribute = (value: string) => value.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
const typeOf = (value: unknown) => (Array.isArray(value) ? "array" : typeof value);
const one = ([name, input]: Meant, index: number) => {
	const parts = Object.entries(input).map(
		([key, value]) =>
			`<|open|>argument key="${attribute(key)}" type="${typeOf(value)}"<|sep|>${raw(value)}<|close|>argument<|sep|>`,
	);
	return `<|open|>call tool="${attribute(name)}" index="${index + 1}"<|sep|>${parts.join("")}<|close|>call<|sep|>`;
};
const bash = one(["Bash", { command: "ls" }], 0);

export const kimiK3: LeakFamily = {
	grammar: "kimi-k3",
	write: (calls) => `<|open|>tools<|sep|>${calls.map(one).join("")}<|close|>tools<|sep|>`,
	also: [
		["no section", bash, [["Bash", { command: "ls" }]]],
		[
			"escaped key",
			'<|open|>call tool="Bash" index="1"<|sep|><|open|>argument key="a&quot;&amp;b" type="string"<|sep|>&amp;<|close|>argument<|sep|><|close|>call<|sep|>',
			[["Bash", { 'a"&b': "&amp;" }]],
		],
		[
			"text that is a number",
			'<|open|>call tool="Bash" index="1"<|sep|><|open|>argument key="command" type="string"<|sep|>12<|close|>argument<|sep|><|close|>call<|sep|>',
			[["Bash", { command: "12" }]],
		],
		["no arguments", '<|open|>call tool="TodoWrite" index="1"<|sep|><|close|>call<|sep|>', [["TodoWrite", {}]]],
	],
	unterminated: [
		["section not closed", `<|open|>tools<|sep|>${bash}`, [["Bash", { command: "ls" }]]],
		["call not closed", bash.replace("<|close|>call<|sep|>", ""), []],
		[
			"in a value",
			'<|open|>call tool="Write" index="1"<|sep|><|open|>argument key="content" type="string"<|sep|>half',
			[],
		],
	],
	nearMisses: ["<|open|>tools<|sep|> is a section", '<|open|>call tool="Launch" index="1"<|sep|><|close|>call<|sep|>'],
};
