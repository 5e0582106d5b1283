import { question } from "../../materials/conversation.ts";
import { READ } from "../../materials/tools.ts";
import type { Probe } from "../../probe.ts";
import { judgeCalls } from "../../run/judge.ts";

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
