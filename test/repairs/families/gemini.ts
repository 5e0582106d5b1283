import { type LeakFamily, pythonCall } from "../leak-family.ts";

export const gemini: LeakFamily = {
	grammar: "gemini",
	fenced: true,
	write: (calls) => `\`\`\`tool_code\n${calls.map((call) => `default_api.${pythonCall(call)}`).join("\n")}\n\`\`\``,
	also: [
		["printed", "```tool_code\nprint(default_api.Bash(command='ls'))\n```", [["Bash", { command: "ls" }]]],
		[
			"a list",
			"```tool_code\n[default_api.Bash(command='ls'), default_api.Bash(command='pwd')]\n```",
			[
				["Bash", { command: "ls" }],
				["Bash", { command: "pwd" }],
			],
		],
		[
			"assigned, with a comment",
			"```tool_code\n# look\nresult = default_api.Bash(command='ls')\n```",
			[["Bash", { command: "ls" }]],
		],
		[
			"triple quotes and a fence",
			'```tool_code\ndefault_api.Write(file_path="a.md", content="""# A\n```js\nx\n```\n""")\n```',
			[["Write", { file_path: "a.md", content: "# A\n```js\nx\n```\n" }]],
		],
		[
			"a raw string",
			"```tool_code\ndefault_api.Bash(command=r'grep \\d x')\n```",
			[["Bash", { command: "grep \\d x" }]],
		],
		[
			"several lines and separators",
			"```tool_code\ndefault_api.Bash(command='ls');\n\ndefault_api.Bash(command='pwd')\n```",
			[
				["Bash", { command: "ls" }],
				["Bash", { command: "pwd" }],
			],
		],
		[
			"printed and assigned",
			"```tool_code\nprint( x = default_api.Bash(command='ls') )\n```",
			[["Bash", { command: "ls" }]],
		],
		[
			"seven fences in a text",
			`\`\`\`tool_code\nWrite(file_path="a", content="""${"\n```".repeat(7)}""")\n\`\`\``,
			[["Write", { file_path: "a", content: "\n```".repeat(7) }]],
		],
	],
	unterminated: [
		["fence not closed", "```tool_code\ndefault_api.Bash(command='ls')", [["Bash", { command: "ls" }]]],
		["in a text", "```tool_code\ndefault_api.Bash(command='ls", []],
	],
	nearMisses: [
		`\`\`\`tool_code\nWrite(file_path="a", content="""${"\n```".repeat(8)}""")\n\`\`\``,
		"```tool_code\nprint(default_api.Bash(command='ls')\n```",
		"```tool_code\ndefault_api.Bash(command='ls')\nx\n```",
		"```tool_code\n\n```",
		"```tool_code\nprint(1 + 1)\n```",
		"```tool_code\ndefault_api.Launch()\n```",
		"```tool_codec\nx\n```",
	],
};
