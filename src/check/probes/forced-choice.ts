import { question } from "../conversation.ts";
import { judgeCalls } from "../judge.ts";
import type { Probe } from "../probe.ts";
import { GREP } from "../tools.ts";

export const forcedChoice: Probe = {
	name: "forced-choice",
	claim: "a tool that is forced is called, whatever the text says",
	weight: 2,
	async run(ask) {
		const forced = question("Good morning!", { tool_choice: { type: "tool", name: GREP.name } });
		return judgeCalls(await ask(forced), { tool: GREP });
	},
};
