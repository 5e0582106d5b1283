import type { MessageParam } from "../../protocol/messages.ts";
import { assistant, question, result, user } from "../materials/conversation.ts";
import { READ, TRACKER_STATUS } from "../materials/tools.ts";
import type { Probe } from "../probe.ts";
import { callsOf, judgeCalls, passed } from "../run/judge.ts";

export const singleCall: Probe = {
	name: "single-call",
	claim: "a task that needs a tool gets a tool call",
	weight: 3,
	async run(ask) {
		const answer = await ask(question("Read the file /repo/src/index.ts."));
		return judgeCalls(answer, { tool: READ, input: { file_path: "/repo/src/index.ts" } });
	},
};

const FILES = ["/repo/alpha.txt", "/repo/beta.txt", "/repo/gamma.txt"];

export const parallelCalls: Probe = {
	name: "parallel-calls",
	claim: "independent calls come in one turn, each complete",
	weight: 2,
	async run(ask) {
		const text = `Read the files ${FILES.join(", ")}. They are independent: make all three calls in this one turn.`;
		return judgeCalls(await ask(question(text)), ...FILES.map((file_path) => ({ tool: READ, input: { file_path } })));
	},
};

export const noParameterTool: Probe = {
	name: "no-parameter-tool",
	claim: "a tool without parameters is called with an empty object",
	weight: 2,
	async run(ask) {
		return judgeCalls(await ask(question("Is the tracker reachable? Look at its status.")), { tool: TRACKER_STATUS });
	},
};

const STEPS = ["one", "two", "three"];

export const uniqueIds: Probe = {
	name: "unique-ids",
	claim: "each call has an id of its own, in every turn",
	weight: 2,
	requests: STEPS.length,
	async run(ask) {
		// The same conversation as Claude Code continues it: each call and its result are the history of the next.
		const messages: MessageParam[] = [];
		for (const step of STEPS) {
			const file_path = `/repo/${step}.txt`;
			messages.push(user(`Read the file ${file_path}.`));
			const answer = await ask(question([...messages]));
			const outcome = judgeCalls(answer, { tool: READ, input: { file_path } });
			const [made] = callsOf(answer.message);
			if (!outcome.passed || !made) return outcome;
			messages.push(assistant([made]), user([result(made.id, `${step}: nothing to report`)]), assistant("Done."));
		}
		return passed(`${STEPS.length} calls with ids of their own`);
	},
};
