import { question } from "../../materials/conversation.ts";
import { READ } from "../../materials/tools.ts";
import type { Probe } from "../../probe.ts";
import { judgeCalls } from "../../run/judge.ts";

export const singleCall: Probe = {
	name: "single-call",
	claim: "a task that needs a tool is answered by its call",
	weight: 3,
	async run(ask) {
		const answer = await ask(question("Read the file /repo/src/index.ts."));
		return judgeCalls(answer, { tool: READ, input: { file_path: "/repo/src/index.ts" } });
	},
};
