import { type LeakFamily, pythonCall } from "../leak-family.ts";

export const pythonic: LeakFamily = {
	grammar: "pythonic",
	wholeMessage: true,
	write: (calls) => `[${calls.map(pythonCall).join(", ")}]`,
	also: [
		["no arguments", "[TodoWrite()]", [["TodoWrite", {}]]],
		[
			"single quotes and words",
			"[Bash(command='echo \"a\"', run_in_background=True, timeout=-1.5)]",
			[["Bash", { command: 'echo "a"', run_in_background: true, timeout: -1.5 }]],
		],
		["white space", "\n[ Bash( command = 'ls' ) ]\n", [["Bash", { command: "ls" }]]],
		[
			"two calls, and a comma at the end",
			"[Bash(command='ls',), TodoWrite(),]",
			[
				["Bash", { command: "ls" }],
				["TodoWrite", {}],
			],
		],
	],
	unterminated: [["in a text", "[Bash(command='ls", []]],
	nearMisses: [
		"[Bash(command='ls'), Launch()]",
		"[Bash('ls')]",
		"[Bash(command='ls' timeout=5)]",
		"[Bash(command=x)]",
		"[Bash[0]]",

		"[Bash(command)] is a link",
		"[x](http://a) and so on",
		"[Bash(command='ls')] and more",
		"[Launch(a=1)]",
	],
};
