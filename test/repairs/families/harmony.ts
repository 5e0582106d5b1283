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
		[
			"white space everywhere",
			'<|start|>assistant <|channel|>commentary to=functions.Bash  <|constrain|> json <|message|> \n{"command":"ls"}<|call|>',
			[["Bash", { command: "ls" }]],
		],
		[
			"nine words in the header",
			'<|channel|>commentary to=functions.Bash 2 3 4 5 6 7 8<|message|>{"command":"ls"}<|call|>',
			[["Bash", { command: "ls" }]],
		],
		[
			"two recipients",
			'<|channel|>commentary to=functions.Read to=functions.Bash<|message|>{"command":"ls"}<|call|>',
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
		'<|channel|>commentary to=functions.Bash 2 3 4 5 6 7 8 9 10 11 12<|message|>{"command":"ls"}',
		'<|channel|>commentary to=functions.Bash<|message|>["ls"]',
		'<|channel|>commentary to Bash<|message|>{"command":"ls"}',

		"<|channel|>commentary is a channel of many words, and more of them than any header has",
		"<|start|>assistant",
		'<|channel|>commentary to=functions.Launch json<|message|>{"a":1}',
	],
};
