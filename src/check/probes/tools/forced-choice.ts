import { question } from "../../materials/conversation.ts";
import { GREP } from "../../materials/tools.ts";
import type { Probe } from "../../probe.ts";
import { judgeCalls } from "../../run/judge.ts";

export const forcedChoice: Probe = {
	name: "forced-choice",
	claim: "a tool that is forced is called, whatever the text says",
	weight: 2,
	async run(ask) {
		const forced = question("Good morning!", { tool_choice: { type: "tool", name: GREP.name } });
		return judgeCalls(await ask(forced), { tool: GREP });
	},
};
