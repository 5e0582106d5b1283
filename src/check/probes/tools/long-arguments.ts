import { question } from "../../materials/conversation.ts";
import { WRITE } from "../../materials/tools.ts";
import type { Probe } from "../../probe.ts";
import { judgeCalls } from "../../run/judge.ts";

const WORDS = ["amber", "basin", "cedar", "delta", "ember", "fjord", "grove", "heron", "inlet", "jetty", "knoll"];
const LINES = 400;

/** 20 KB of text in which a line that is left out, repeated or changed is seen. */
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
		// A newline at the end is everybody's own business.
		for (const block of answer.message?.content ?? []) trimContent(block as { input?: { content?: unknown } });
		return judgeCalls(answer, { tool: WRITE, input: { file_path: "/repo/words.txt", content } });
	},
};

function trimContent({ input }: { input?: { content?: unknown } }): void {
	if (typeof input?.content === "string") input.content = input.content.trim();
}
