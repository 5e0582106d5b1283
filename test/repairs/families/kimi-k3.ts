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
		[
			"white space everywhere",
			'<|open|>tools<|sep|> \n<|open|>call tool="Bash" index="1"<|sep|> \n<|open|>argument key="timeout"  type="number" <|sep|>5<|close|>argument<|sep|> \n<|close|>call<|sep|> \n<|close|>tools<|sep|>',
			[["Bash", { timeout: 5 }]],
		],
		[
			"a value that is no JSON",
			'<|open|>call tool="Bash" index="1"<|sep|><|open|>argument key="timeout" type="number"<|sep|>five<|close|>argument<|sep|><|close|>call<|sep|>',
			[["Bash", { timeout: "five" }]],
		],
		[
			"two calls without a section",
			`${bash}\n${bash}`,
			[
				["Bash", { command: "ls" }],
				["Bash", { command: "ls" }],
			],
		],
		[
			"an escaped name",
			bash.replace('"Bash"', '"functions&#46;Bash"').replace("&#46;", "."),
			[["Bash", { command: "ls" }]],
		],
		[
			"null",
			'<|open|>call tool="Bash" index="1"<|sep|><|open|>argument key="timeout" type="null"<|sep|>null<|close|>argument<|sep|><|close|>call<|sep|>',
			[["Bash", { timeout: null }]],
		],
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
	nearMisses: [
		'<|open|>call tool="Bash" index="1"<|sep|>ls<|close|>call<|sep|>',
		'<|open|>call tool="Bash" index="1"<|sep|><|open|>argument key="command"<|sep|>ls<|close|>argument<|sep|><|close|>call<|sep|>',
		"<|open|>tools<|sep|> is a section",
		'<|open|>call tool="Launch" index="1"<|sep|><|close|>call<|sep|>',
	],
};
