import { question } from "../materials/conversation.ts";
import { ASK_USER, CREATE_ISSUE, TODO_WRITE } from "../materials/tools.ts";
import type { Probe } from "../probe.ts";
import { callsOf, failed, judgeCalls } from "../run/judge.ts";

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

export const todoList: Probe = {
	name: "todo-list",
	claim: "a list of objects is a list, not a text that looks like one",
	weight: 2,
	async run(ask) {
		const text =
			"Put three things on your todo list, all pending: write the parser, test the parser, document the parser.";
		const answer = await ask(question(text));
		const outcome = judgeCalls(answer, { tool: TODO_WRITE });
		const { todos } = (callsOf(answer.message)[0]?.input ?? {}) as { todos?: unknown[] };
		return outcome.passed && todos?.length !== 3 ? failed(`${todos?.length} entries, not 3`) : outcome;
	},
};
