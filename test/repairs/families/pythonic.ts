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
	],
	unterminated: [["in a text", "[Bash(command='ls", []]],
	nearMisses: [
		"[Bash(command)] is a link",
		"[x](http://a) and so on",
		"[Bash(command='ls')] and more",
		"[Launch(a=1)]",
	],
};
