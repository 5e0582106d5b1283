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
	grammar: "anthropic",
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
		"<function_calls> are what Claude writes",
		'<invoke name="Launch"></invoke>',
		'<invoke name="Bash"> has a name',
	],
	cannotWrite: (value) => /<\/?[^>]*(parameter|invoke|calls)/.test(value),
};
