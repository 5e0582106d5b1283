import { question, THINKING } from "../conversation.ts";
import { judgeCalls } from "../judge.ts";
import type { Probe } from "../probe.ts";
import { READ } from "../tools.ts";

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
