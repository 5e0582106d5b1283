import { question } from "../materials/conversation.ts";
import { GREP } from "../materials/tools.ts";
import type { Probe } from "../probe.ts";
import { judgeCalls, judgeText } from "../run/judge.ts";

export const forcedChoice: Probe = {
	name: "forced-choice",
	claim: "a forced tool is called, whatever the text says",
	weight: 2,
	async run(ask) {
		const forced = question("Good morning!", { tool_choice: { type: "tool", name: GREP.name } });
		return judgeCalls(await ask(forced), { tool: GREP });
	},
};

export const forbiddenChoice: Probe = {
	name: "forbidden-choice",
	claim: "no tool is called when `tool_choice` forbids it",
	weight: 2,
	async run(ask) {
		return judgeText(await ask(question("Read the file /repo/notes.md.", { tool_choice: { type: "none" } })), /\S/);
	},
};

export const noToolNeeded: Probe = {
	name: "no-tool-needed",
	claim: "no tool is called when none fits",
	weight: 2,
	async run(ask) {
		return judgeText(await ask(question("What is 17 plus 25? Answer with the number alone.")), /\b42\b/);
	},
};
