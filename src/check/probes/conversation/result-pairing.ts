import { assistant, call, question, result, user } from "../../materials/conversation.ts";
import type { Probe } from "../../probe.ts";
import { judgeText } from "../../run/judge.ts";

export const resultPairing: Probe = {
	name: "result-pairing",
	claim: "results are told apart by the ids of their calls, not by their order",
	weight: 3,
	async run(ask) {
		const history = [
			user("Read /repo/left.txt and /repo/right.txt. Then say which word the left one holds, that word alone."),
			assistant([
				call("toolu_pair_left", "Read", { file_path: "/repo/left.txt" }),
				call("toolu_pair_right", "Read", { file_path: "/repo/right.txt" }),
			]),
			user([result("toolu_pair_right", "marigold"), result("toolu_pair_left", "juniper")]),
		];
		return judgeText(await ask(question(history)), /juniper/i, /marigold/i);
	},
};
