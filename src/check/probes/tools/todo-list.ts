import { question } from "../../materials/conversation.ts";
import { TODO_WRITE } from "../../materials/tools.ts";
import type { Probe } from "../../probe.ts";
import { callsOf, failed, judgeCalls } from "../../run/judge.ts";

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
