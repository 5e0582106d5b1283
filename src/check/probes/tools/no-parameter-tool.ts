import { question } from "../../materials/conversation.ts";
import { TRACKER_STATUS } from "../../materials/tools.ts";
import type { Probe } from "../../probe.ts";
import { judgeCalls } from "../../run/judge.ts";

export const noParameterTool: Probe = {
	name: "no-parameter-tool",
	claim: "a tool without parameters is called with an empty object",
	weight: 2,
	async run(ask) {
		return judgeCalls(await ask(question("Is the tracker reachable? Look at its status.")), { tool: TRACKER_STATUS });
	},
};
