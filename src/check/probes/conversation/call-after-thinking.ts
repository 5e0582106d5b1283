import { question, THINKING } from "../../materials/conversation.ts";
import { READ } from "../../materials/tools.ts";
import type { Probe } from "../../probe.ts";
import { judgeCalls } from "../../run/judge.ts";

export const callAfterThinking: Probe = {
	name: "call-after-thinking",
	claim: "a call that follows reasoning is a call",
	weight: 2,
	needs: "thinking",
	async run(ask) {
		const answer = await ask(question("Read the file /repo/src/parser.ts.", THINKING));
		return judgeCalls(answer, { tool: READ, input: { file_path: "/repo/src/parser.ts" } });
	},
};
