import { plainQuestion, question } from "../materials/conversation.ts";
import { EDIT, WRITE } from "../materials/tools.ts";
import type { Probe } from "../probe.ts";
import { judgeCalls, judgeText } from "../run/judge.ts";

const WORDS = ["amber", "basin", "cedar", "delta", "ember", "fjord", "grove", "heron", "inlet", "jetty", "knoll"];
const LINES = 400;

/** 20 KB of text. No two lines are alike, so that a missing, repeated or changed line is detected. */
function longText(): string {
	const word = (number: number) => WORDS[number % WORDS.length];
	const lines = Array.from({ length: LINES }, (_, index) => {
		const words = [7, 3, 5, 2, 9, 4, 8].map((step) => word(index * step + step));
		return `${String(index + 1).padStart(4, "0")} ${words.join(" ")};`;
	});
	return lines.join("\n");
}

export const longArguments: Probe = {
	name: "long-arguments",
	claim: "a tool input of 20 KB arrives whole",
	weight: 2,
	output: 8000,
	async run(ask) {
		const content = longText();
		const text = `Write the text between the two rulers, exactly and without the rulers, to /repo/words.txt.\n-----\n${content}\n-----`;
		const max_tokens = Math.min(16_000, ask.model.maxOutput ?? 16_000);
		const answer = await ask(question(text, { max_tokens }));
		// A trailing newline is not a defect.
		for (const block of answer.message?.content ?? []) trimContent(block as { input?: { content?: unknown } });
		return judgeCalls(answer, { tool: WRITE, input: { file_path: "/repo/words.txt", content } });
	},
};

function trimContent({ input }: { input?: { content?: unknown } }): void {
	if (typeof input?.content === "string") input.content = input.content.trim();
}

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

const LINE = "naïve “π” Übergröße 東京 🦉 привет";

export const unicodeText: Probe = {
	name: "unicode-text",
	claim: "any script survives in an answer",
	weight: 2,
	async run(ask) {
		return judgeText(await ask(plainQuestion(`Write this line and nothing else: ${LINE}`)), new RegExp(LINE));
	},
};
