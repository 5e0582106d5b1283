import { type LeakFamily, type Meant, raw } from "../leak-family.ts";

const LS: Meant = ["Bash", { command: "ls" }];

/** Calls as elements with the name in an attribute. */
const elements = (call: string, parameter: string) => (calls: readonly Meant[]) =>
	calls
		.map(([name, input]) => {
			const parameters = Object.entries(input).map(
				([key, value]) => `<${parameter} name="${key}">${raw(value)}</${parameter}>\n`,
			);
			return `<${call} name="${name}">\n${parameters.join("")}</${call}>\n`;
		})
		.join("");

const grokWrite = elements("xai:function_call", "parameter");

export const grok: LeakFamily = {
	grammar: "grok",
	write: (calls) => grokWrite(calls).trimEnd(),
	also: [
		["closed with a quote", grokWrite([LS]).replace("</xai:function_call>", '</xai:function_call">'), [LS]],
		["closed with a space", grokWrite([LS]).replace("</xai:function_call>", "</xai:function_call >"), [LS]],
		["a parameter closed by its name", grokWrite([LS]).replace("</parameter>", "</command>"), [LS]],
		["a block", `<xai:function_calls>\n${grokWrite([LS])}</xai:function_calls>`, [LS]],
		["a prefix on all", elements("xai:function_call", "xai:parameter")([LS]), [LS]],
		["an object as the body", '<xai:function_call name="Bash">{"command":"ls"}</xai:function_call>', [LS]],
	],
	unterminated: [
		["not closed", '<xai:function_call name="Bash"><parameter name="command">ls</parameter>', [LS]],
		["in a tag", '<xai:function_call name="Bash"><parameter na', []],
	],
	nearMisses: ['<xai:function_call name="Launch"></xai:function_call>', "<xai:function_call> is Grok's tag"],
	cannotWrite: (value) => /<\/?[^>]*(parameter|function_call|content|file_path)/.test(value),
};

const miniCpmWrite = elements("function", "param");

export const miniCpm: LeakFamily = {
	grammar: "minicpm",
	write: (calls) => miniCpmWrite(calls).trimEnd(),
	also: [
		[
			"CDATA",
			'<function name="Write"><param name="file_path">a</param><param name="content"><![CDATA[a\n<b> & c]]></param></function>',
			[["Write", { file_path: "a", content: "a\n<b> & c" }]],
		],
		["no parameters", '<function name="TodoWrite"></function>', [["TodoWrite", {}]]],
	],
	unterminated: [["in a tag", '<function name="Bash"><param na', []]],
	nearMisses: ['<function name="Launch"></function>', '<function name="x"> is XML'],
	cannotWrite: (value) => /<\/?[^>]*(param|function)|CDATA/.test(value),
};

const gcml = elements("｜GCML｜invoke", "｜GCML｜parameter");
const doubled = elements("｜｜DSML｜｜ invoke", "｜｜DSML｜｜ parameter");
const atem = elements("atem:invoke", "atem:parameter");

/** Every mark and prefix, with its blocks. */
const spelled: LeakFamily["also"] = [
	"antml:",
	"atem:",
	"steptml:",
	...["｜DSML｜", "|DSML|", "｜｜DSML｜｜", "||DSML||", "‖DSML‖", "｜GCML｜"].flatMap((mark) => [mark, `${mark} `]),
].flatMap((prefix) => {
	const blocks = /DSML|GCML/.test(prefix) ? ["function_calls", "tool_calls", "calls"] : ["function_calls"];
	const calls = elements(`${prefix}invoke`, `${prefix}parameter`)([LS]);
	return blocks.map(
		(block) => [`<${prefix}${block}>`, `<${prefix}${block}>\n${calls}</${prefix}${block}>`, [LS]] as const,
	);
});

export const invokes: readonly LeakFamily[] = [
	{
		name: "GigaChat 3.5",
		write: (calls: readonly Meant[]) => `<｜GCML｜tool_calls>\n${gcml(calls)}</｜GCML｜tool_calls>`,
		also: spelled,
	},
	{
		name: "DSML with doubled bars",
		write: (calls: readonly Meant[]) => `<｜｜DSML｜｜ calls>\n${doubled(calls)}</｜｜DSML｜｜ calls>`,
		also: [
			["marks lost", `<｜｜DSML｜｜tool_calls>\n${elements("invoke", "parameter")([LS])}</tool_calls>`, [LS]],
			[
				"CDATA",
				'<｜｜DSML｜｜ invoke name="Bash">\n<｜｜DSML｜｜ parameter name="command" string="true"><![CDATA[ls]]></｜｜DSML｜｜ parameter>\n</｜｜DSML｜｜ invoke>',
				[LS],
			],
		] as const,
	},
	{
		name: "Muse Glimmer",
		write: (calls: readonly Meant[]) => `<atem:function_calls>\n${atem(calls)}</atem:function_calls>`,
		also: [],
	},
	{
		name: "dots",
		write: (calls: readonly Meant[]) =>
			`<dots_function_call>\n${elements("invoke", "parameter")(calls)}</dots_function_call>`,
		also: [],
	},
	{
		name: "Step-3",
		write: (calls: readonly Meant[]) => {
			const one = (call: Meant) =>
				`<｜tool_call_begin｜>function<｜tool_sep｜>${elements("steptml:invoke", "steptml:parameter")([call]).trimEnd()}<｜tool_call_end｜>`;
			return `<｜tool_calls_begin｜>\n${calls.map(one).join("\n")}\n<｜tool_calls_end｜>`;
		},
		also: [["no tokens", elements("steptml:invoke", "steptml:parameter")([LS]), [LS]]] as const,
	},
].map((family) => ({
	...family,
	grammar: "invoke",
	unterminated: [["in the name", family.write([["Ba", {}]]).replace(/Ba[\s\S]*/, "Ba"), []]],
	nearMisses: [family.write([["Launch", { target: "moon" }]])],
	cannotWrite: (value: string) => /<\/?[^>]*(parameter|invoke|calls?)|CDATA/.test(value),
}));

const namedWrite = (calls: readonly Meant[]) =>
	calls
		.map(([name, input]) => {
			const children = Object.entries(input).map(([key, value]) => `<${key}>${raw(value)}</${key}>\n`);
			return `<${name}>\n${children.join("")}</${name}>`;
		})
		.join("\n");

export const namedTags: LeakFamily = {
	grammar: "named-tags",
	write: namedWrite,
	also: [
		["another case", "<bash><command>ls</command></bash>", [LS]],
		["framed values", "<Bash>\n<command>\nls\n</command>\n</Bash>", [LS]],
		["an object as the body", '<Bash>\n{"command":"ls"}\n</Bash>', [LS]],
		[
			"tags in a value",
			"<Write><file_path>a</file_path><content><p>x</p></content> y</content></Write>",
			[["Write", { file_path: "a", content: "<p>x</p></content> y" }]],
		],
	],
	unterminated: [
		["not closed", "<Bash><command>ls</command>", []],
		["in a value", "<Bash><command>ls", []],
	],
	nearMisses: [
		"<Bash> is the tag of a component",
		"<Read></Read>",
		"<Write><file_path>a</file_path></Write>",
		"<Bash><command>ls</command><other>x</other></Bash>",
		"<Edit {...props} />",
		"<Bash>text</Bash>",
		"if (a <Bash && b> c) {}",
		'<Bash>{"command":"ls"}',
		"<Launch><target>moon</target></Launch>",
	],
	cannotWrite: (value) => value.includes("<"),
};

export const bracketed: LeakFamily = {
	grammar: "bracketed",
	write: (calls) => calls.map(([name, input]) => `[Tool call: ${name}(${JSON.stringify(input)})]`).join("\n"),
	also: [
		...["Tool Call", "tool call", "TOOL CALL", "Tool use", "Called tool", "Calling tool"].map(
			(words) => [words, `[${words}: Bash({"command":"ls"})]`, [LS]] as const,
		),
		["no parentheses", '[Tool call: Bash {"command":"ls"}]', [LS]],
		["an object on the next line", '[TOOL CALL: Bash]\n{\n  "command": "ls"\n}', [LS]],
		["named arguments", '[Tool call: Bash(command="ls", timeout=5)]', [["Bash", { command: "ls", timeout: 5 }]]],
		["no space", '[Tool call:Bash({"command":"ls"})]', [LS]],
		["no arguments", "[Tool call: TodoWrite()]", [["TodoWrite", {}]]],
	],
	unterminated: [
		["not closed", '[Tool call: Bash({"command":"ls"}', []],
		["in the object", '[Tool call: Bash({"command":"ls', []],
	],
	nearMisses: [
		"[Tool call: Bash]",
		"[Tool call: Bash] ran for 3 s",
		"[Tool call: Bash(...)]",
		'[Tool call: Launch({"target":"moon"})]',
		"[Tool call: what is it?](https://example.com)",
		'[Tool call: Bash({"command":"ls"}) failed]',
	],
};
