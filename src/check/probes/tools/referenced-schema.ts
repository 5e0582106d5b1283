import { question } from "../../materials/conversation.ts";
import { CREATE_ISSUE } from "../../materials/tools.ts";
import type { Probe } from "../../probe.ts";
import { judgeCalls } from "../../run/judge.ts";

export const referencedSchema: Probe = {
	name: "referenced-schema",
	claim: "an MCP tool with $ref, an enum and optional fields is called correctly",
	weight: 2,
	async run(ask) {
		const text = 'Create an issue with the title "Crash on empty input" and high priority for the login "mara".';
		const input = { title: "Crash on empty input", priority: "high" };
		const answer = await ask(question(text));
		return judgeCalls(answer, { tool: CREATE_ISSUE, input });
	},
};
