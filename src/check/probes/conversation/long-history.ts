import type { MessageParam } from "../../../protocol/messages.ts";
import { assistant, call, question, result, user } from "../../materials/conversation.ts";
import type { Probe } from "../../probe.ts";
import { judgeText } from "../../run/judge.ts";

const TURNS = 30;

/** Thirty turns with a call each; the third result holds what is asked for in the end. */
function history(): MessageParam[] {
	return Array.from({ length: TURNS }, (_, index) => index + 1).flatMap((step) => {
		const id = `toolu_history_${step}`;
		const output = step === 3 ? "step 3: the code word is osprey" : `step ${step}: nothing to report`;
		return [
			user(`Run step ${step}.`),
			assistant([call(id, "Bash", { command: `./step ${step}` })]),
			user([result(id, output)]),
			assistant(`Step ${step} is done.`),
		];
	});
}

export const longHistory: Probe = {
	name: "long-history",
	claim: "a history of 30 turns with calls is taken, and read",
	weight: 3,
	async run(ask) {
		const messages = [...history(), user("Which code word did step 3 print? Answer with the word alone.")];
		return judgeText(await ask(question(messages)), /osprey/i);
	},
};
