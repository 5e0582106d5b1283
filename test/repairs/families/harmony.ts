import type { LeakFamily } from "../leak-family.ts";

export const harmony: LeakFamily = {
	grammar: "harmony",
	write: (calls) =>
		calls
			.map(
				([name, input]) =>
					`<|start|>assistant<|channel|>commentary to=functions.${name} <|constrain|>json<|message|>${JSON.stringify(input)}<|call|>`,
			)
			.join(""),
	also: [
		[
			"no start",
			'<|channel|>commentary to=functions.Bash <|constrain|>json<|message|>{"command":"ls"}<|call|>',
			[["Bash", { command: "ls" }]],
		],
		[
			"recipient first",
			'<|start|>assistant to=functions.Bash<|channel|>commentary <|constrain|>json<|message|>{"command":"ls"}<|call|>',
			[["Bash", { command: "ls" }]],
		],
		[
			"content type as a word",
			'<|channel|>commentary to=functions.Bash json<|message|>{"command":"ls"}',
			[["Bash", { command: "ls" }]],
		],
		[
			"in the analysis channel",
			'<|channel|>analysis to=functions.Bash code<|message|>{"command":"ls"}<|call|>',
			[["Bash", { command: "ls" }]],
		],
	],
	unterminated: [
		[
			"no call token",
			'<|channel|>commentary to=functions.Bash <|constrain|>json<|message|>{"command":"ls"}',
			[["Bash", { command: "ls" }]],
		],
		["in the object", '<|channel|>commentary to=functions.Write <|constrain|>json<|message|>{"content":"half', []],
	],
	nearMisses: [
		"<|channel|>commentary is a channel of many words, and more of them than any header has",
		"<|start|>assistant",
		'<|channel|>commentary to=functions.Launch json<|message|>{"a":1}',
	],
};
