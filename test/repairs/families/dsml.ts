import { type LeakFamily, type Meant, raw } from "../leak-family.ts";

/** `before` is what stands before each tag name, `block` the tag around all calls. */
const write = (before: string, block: string) => (calls: readonly Meant[]) => {
	const invokes = calls.map(([name, input]) => {
		const parameters = Object.entries(input).map(
			([key, value]) =>
				`<${before}parameter name="${key}" string="${typeof value === "string"}">${raw(value)}</${before}parameter>\n`,
		);
		return `<${before}invoke name="${name}">\n${parameters.join("")}</${before}invoke>\n`;
	});
	return `<${before}${block}>\n${invokes.join("")}</${before}${block}>`;
};
const bash: Meant = ["Bash", { command: "ls", timeout: 5000 }];

export const dsml: LeakFamily = {
	grammar: "invoke",
	name: "DeepSeek DSML",
	write: write("｜DSML｜", "tool_calls"),
	also: [
		["V3.2", write("｜DSML｜", "function_calls")([bash]), [bash]],
		["V4.1", write("｜DSML｜ ", "calls")([bash]), [bash]],
		["plain bars", write("|DSML|", "tool_calls")([bash]), [bash]],
		[
			"an object as the body",
			'<｜DSML｜tool_calls>\n<｜DSML｜invoke name="Bash">\n{"command":"ls"}\n</｜DSML｜invoke>\n</｜DSML｜tool_calls>',
			[["Bash", { command: "ls" }]],
		],
		[
			"mark lost on closing tags",
			'<｜DSML｜tool_calls><｜DSML｜invoke name="Bash"><｜DSML｜parameter name="command" string="true">ls</parameter></invoke></tool_calls>',
			[["Bash", { command: "ls" }]],
		],
		[
			"mark lost on opening tags",
			'<tool_calls><invoke name="Bash"><parameter name="command" string="true">ls</｜DSML｜parameter></｜DSML｜invoke></｜DSML｜tool_calls>',
			[["Bash", { command: "ls" }]],
		],
		[
			"no block",
			'<｜DSML｜invoke name="Bash"><｜DSML｜parameter name="command">ls</｜DSML｜parameter></｜DSML｜invoke>',
			[["Bash", { command: "ls" }]],
		],
		[
			"text that is a number",
			'<｜DSML｜invoke name="Bash"><｜DSML｜parameter name="command" string="true">12</｜DSML｜parameter></｜DSML｜invoke>',
			[["Bash", { command: "12" }]],
		],
		[
			"a value marked as no string",
			'<｜DSML｜invoke name="Bash"><｜DSML｜parameter name="timeout" string="false"> 5 </｜DSML｜parameter><｜DSML｜parameter name="command" string="false">5 </｜DSML｜parameter></｜DSML｜invoke>',
			[["Bash", { timeout: 5, command: 5 }]],
		],
		[
			"a value marked as no string that is no JSON",
			'<｜DSML｜invoke name="Bash"><｜DSML｜parameter name="command" string="false">ls</｜DSML｜parameter></｜DSML｜invoke>',
			[["Bash", { command: "ls" }]],
		],
		[
			"line breaks of a marked string stay",
			'<｜DSML｜invoke name="Bash"><｜DSML｜parameter name="command" string="true">\nls\n</｜DSML｜parameter></｜DSML｜invoke>',
			[["Bash", { command: "\nls\n" }]],
		],
		["plain bars and a space", write("|DSML| ", "calls")([bash]), [bash]],
		["calls without a space", write("｜DSML｜", "calls")([bash]), [bash]],
		["unmarked calls", write("｜DSML｜", "calls")([bash]).replace("<｜DSML｜calls", "<calls"), [bash]],
	],
	unterminated: [
		["block not closed", write("｜DSML｜", "tool_calls")([bash]).replace("</｜DSML｜tool_calls>", ""), [bash]],
		["in the name", '<｜DSML｜tool_calls>\n<｜DSML｜invoke name="Ba', []],
	],
	nearMisses: [
		"<｜DSML｜tool_calls> marks them",
		'<｜DSML｜invoke name="Launch"></｜DSML｜invoke>',
		"<calls>3</calls>",
	],
	cannotWrite: (value) => /<\/?[^>]*(parameter|invoke|calls)/.test(value),
};
