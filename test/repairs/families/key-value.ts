import { type LeakFamily, type Meant, raw } from "../leak-family.ts";

const LS: Meant = ["Bash", { command: "ls" }];
const PWD: Meant = ["Bash", { command: "pwd", timeout: 5 }];

/** One call in tags with a prefix, and a suffix. */
const one =
	(prefix: string, suffix = "", separator = "") =>
	([name, input]: Meant) => {
		const element = (tag: string, text: string) => `<${prefix}${tag}${suffix}>${text}</${prefix}${tag}${suffix}>`;
		const pairs = Object.entries(input).map(
			([key, value]) => `${element("arg_key", key)}\n${element("arg_value", raw(value))}\n`,
		);
		return element("tool_call", `${name}${separator}\n${pairs.join("")}`);
	};
const block =
	(prefix: string, suffix: string, separator: string): LeakFamily["write"] =>
	(calls) =>
		`<${prefix}tool_calls${suffix}>\n${calls.map(one(prefix, suffix, separator)).join("\n")}\n</${prefix}tool_calls${suffix}>`;

export const longcat: LeakFamily = {
	grammar: "longcat",
	write: (calls) => calls.map(one("longcat_")).join("\n"),
	also: [
		[
			"JSON",
			'<longcat_tool_call>\n{"name": "Bash", "arguments": {"command": "ls"}}\n</longcat_tool_call>\n<longcat_tool_call>{"name": "Bash", "arguments": {"command": "pwd", "timeout": 5}}</longcat_tool_call>',
			[LS, PWD],
		],
		["as a function", '<longcat_tool_call>functions.Bash({"command": "ls"})</longcat_tool_call>', [LS]],
		["a namespace", one("longcat_")(["functions.Bash", { command: "ls" }]), [LS]],
		["no arguments", "<longcat_tool_call>TodoWrite\n</longcat_tool_call>", [["TodoWrite", {}]]],
	],
	unterminated: [
		["not closed", one("longcat_")(LS).replace("</longcat_tool_call>", ""), [LS]],
		["in a key", "<longcat_tool_call>Bash\n<longcat_arg_key>comm", []],
	],
	nearMisses: ["<longcat_tool_call>Bash is a tag", one("longcat_")(["Launch", { a: 1 }])],
	cannotWrite: (value) => /<\/?longcat_/.test(value),
};

export const hunyuan: LeakFamily = {
	grammar: "hunyuan",
	write: block("", "", "<tool_sep>"),
	also: [
		["a suffix", block("", ":opensource", "<tool_sep:opensource>")([LS, PWD]), [LS, PWD]],
		["another suffix, no separator", block("", ":6124c78e", "")([LS, PWD]), [LS, PWD]],
		["a suffix, no block", one("", ":6124c78e", "<tool_sep:6124c78e>")(LS), [LS]],
	],
	unterminated: [
		["block not closed", block("", "", "<tool_sep>")([LS]).replace("</tool_calls>", ""), [LS]],
		["in the name", "<tool_calls>\n<tool_call>Ba", []],
	],
	nearMisses: ["<tool_calls:opensource> is a token", "<tool_call:x and y>", "<tool_calls><tool_call>Launch<tool_sep>"],
	cannotWrite: (value) => /<\/?(arg_|tool_)/.test(value),
};

export const k2Horizon: LeakFamily = {
	grammar: "k2-horizon",
	write: block("ifm|", "", ""),
	also: [
		["no block", one("ifm|")(LS), [LS]],
		[
			"types",
			"<ifm|tool_call>Bash<ifm|arg_key>command</ifm|arg_key>\n<ifm|arg_type>string</ifm|arg_type>\n<ifm|arg_value>ls</ifm|arg_value></ifm|tool_call>",
			[LS],
		],
		[
			"JSON",
			'<ifm|tool_calls>\n<ifm|tool_call>\n{"name":"Bash","arguments":{"command":"ls"}}\n</ifm|tool_call>\n</ifm|tool_calls>',
			[LS],
		],
	],
	unterminated: [["in a key", "<ifm|tool_call>Bash\n<ifm|arg_key>comm", []]],
	nearMisses: ["<ifm|tool_call> is a token", one("ifm|")(["Launch", { a: 1 }])],
	cannotWrite: (value) => /<\/?ifm/.test(value),
};

const solarCall = ([name, input]: Meant) => {
	const pairs = Object.entries(input).map(
		([key, value]) => `<|tool_arg:start|>${key}<|tool_arg:value|>${raw(value)}<|tool_arg:end|>\n`,
	);
	return `<|tool_call:start|>${name}\n${pairs.join("")}<|tool_call:end|>`;
};

export const solar: LeakFamily = {
	grammar: "solar",
	write: (calls) => calls.map(solarCall).join("\n"),
	also: [["no arguments", "<|tool_call:start|>TodoWrite\n<|tool_call:end|>", [["TodoWrite", {}]]]],
	unterminated: [["in a key", "<|tool_call:start|>Bash\n<|tool_arg:start|>comm", []]],
	nearMisses: ["<|tool_call:start|> is a token", solarCall(["Launch", { a: 1 }])],
	cannotWrite: (value) => value.includes("<|tool_"),
};
