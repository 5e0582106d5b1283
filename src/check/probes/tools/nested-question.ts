import { question } from "../../materials/conversation.ts";
import { ASK_USER } from "../../materials/tools.ts";
import type { Probe } from "../../probe.ts";
import { judgeCalls } from "../../run/judge.ts";

export const nestedQuestion: Probe = {
	name: "nested-question",
	claim: "objects inside lists inside objects are filled in as the schema says",
	weight: 2,
	async run(ask) {
		const text =
			"Before you begin, ask me with your question tool which database to use: one question, one choice, " +
			"with the options PostgreSQL and SQLite, each with a description.";
		return judgeCalls(await ask(question(text)), { tool: ASK_USER });
	},
};
