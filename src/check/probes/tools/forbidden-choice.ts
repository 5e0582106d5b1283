import { question } from "../../materials/conversation.ts";
import type { Probe } from "../../probe.ts";
import { judgeText } from "../../run/judge.ts";

export const forbiddenChoice: Probe = {
	name: "forbidden-choice",
	claim: "no tool is called where calls are forbidden",
	weight: 2,
	async run(ask) {
		return judgeText(await ask(question("Read the file /repo/notes.md.", { tool_choice: { type: "none" } })), /\S/);
	},
};
