import { type LeakFamily, type Meant, raw } from "../leak-family.ts";

const write = (prefix: string) => (calls: readonly Meant[]) => {
	const invokes = calls.map(([name, input]) => {
		const parameters = Object.entries(input).map(
			([key, value]) => `<${prefix}parameter name="${key}">${raw(value)}</${prefix}parameter>\n`,
		);
		return `<${prefix}invoke name="${name}">\n${parameters.join("")}</${prefix}invoke>\n`;
	});
	return `<${prefix}function_calls>\n${invokes.join("")}</${prefix}function_calls>`;
};
const NAMESPACE = "antml:";
const bash: Meant = ["Bash", { command: "ls" }];

export const anthropic: LeakFamily = {
	grammar: "invoke",
	name: "Anthropic",
	write: write(NAMESPACE),
	also: [
		[
			"no namespace",
			write("")([bash, ["Read", { file_path: "a", limit: 3 }]]),
			[bash, ["Read", { file_path: "a", limit: 3 }]],
		],
		[
			"bare invokes",
			'<invoke name="Bash"><parameter name="command">ls</parameter></invoke>\n<invoke name="Bash"><parameter name="command">pwd</parameter></invoke>',
			[bash, ["Bash", { command: "pwd" }]],
		],
		["an object as the body", '<invoke name="Bash">{"command":"ls"}</invoke>', [bash]],
		["framed values", '<invoke name="Bash">\n<parameter name="command">\nls\n</parameter>\n</invoke>', [bash]],
		["parameter not closed", '<invoke name="Bash"><parameter name="command">ls</invoke>', [bash]],
		[
			"entities stay",
			'<invoke name="Bash"><parameter name="command">a &amp;&amp; b</parameter></invoke>',
			[["Bash", { command: "a &amp;&amp; b" }]],
		],
		[
			"white space everywhere",
			'<function_calls> \n<invoke name="Bash" \n> \n<parameter name="command" \n>ls</parameter> \n</invoke> \n</function_calls>',
			[["Bash", { command: "ls" }]],
		],
		[
			"an object as the body, with white space",
			'<invoke name="Bash"> \n{"command":"ls"} \n</invoke>',
			[["Bash", { command: "ls" }]],
		],
		[
			"a line break on one side stays",
			'<invoke name="Bash"><parameter name="command">\nls</parameter></invoke>',
			[["Bash", { command: "\nls" }]],
		],
		["no parameters", '<invoke name="TodoWrite"></invoke>', [["TodoWrite", {}]]],
		["a tag that closes itself", '<invoke name="TodoWrite" />', [["TodoWrite", {}]]],
		[
			"closed by the invoke, then another",
			'<invoke name="Bash"><parameter name="command">ls</invoke>\n<invoke name="Bash"><parameter name="command">pwd</invoke>\n</function_calls>',
			[
				["Bash", { command: "ls" }],
				["Bash", { command: "pwd" }],
			],
		],
	],
	unterminated: [
		[
			"block not closed",
			'<function_calls><invoke name="Bash"><parameter name="command">ls</parameter></invoke>',
			[bash],
		],
		["invoke not closed", '<invoke name="Bash"><parameter name="command">ls</parameter>', [bash]],
		["in a tag", '<function_calls><invoke name="Bash"><parameter na', []],
	],
	nearMisses: [
		'<invoke name="Bash" x><parameter name="command">ls</parameter></invoke>',
		'<invoke name="Bash"><parameter name="">ls</parameter></invoke>',
		'<invoke name="Bash"><parameter name="command" x>ls</parameter></invoke>',
		'<invoke name="Bash>ls</invoke>',
		"<function_calls> are what Claude writes",
		'<invoke name="Launch"></invoke>',
		'<invoke name="Bash"> has a name',
	],
	cannotWrite: (value) => /<\/?[^>]*(parameter|invoke|calls)/.test(value),
};
