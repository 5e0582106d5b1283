import { question } from "../../materials/conversation.ts";
import { EDIT } from "../../materials/tools.ts";
import type { Probe } from "../../probe.ts";
import { judgeCalls } from "../../run/judge.ts";

const OLD = 'const path = "C:\\temp\\new";\n\tprint("a\\tb");';
const NEW = "const label = 'naïve “π” 東京 🦉 \\u0041';\n\tprint(`$label\\n`);\n\tmatch(/^\\d+\\.\\w*$/);";

export const unicodeAndEscapes: Probe = {
	name: "unicode-and-escapes",
	claim: "quotes, backslashes, tabs and any script survive in tool inputs",
	weight: 3,
	async run(ask) {
		const text = `In /repo/main.js replace exactly this\n<old>\n${OLD}\n</old>\nby exactly this\n<new>\n${NEW}\n</new>\n(the line breaks next to the marks are not part of it).`;
		const input = { file_path: "/repo/main.js", old_string: OLD, new_string: NEW };
		return judgeCalls(await ask(question(text)), { tool: EDIT, input });
	},
};
