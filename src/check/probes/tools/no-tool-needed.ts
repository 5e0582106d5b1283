import { question } from "../../materials/conversation.ts";
import type { Probe } from "../../probe.ts";
import { judgeText } from "../../run/judge.ts";

export const noToolNeeded: Probe = {
	name: "no-tool-needed",
	claim: "no tool is called where none fits",
	weight: 2,
	async run(ask) {
		return judgeText(await ask(question("What is 17 plus 25? Answer with the number alone.")), /\b42\b/);
	},
};
