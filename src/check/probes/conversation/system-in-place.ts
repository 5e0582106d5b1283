import { assistant, question, user } from "../../materials/conversation.ts";
import type { Probe } from "../../probe.ts";
import { judgeText } from "../../run/judge.ts";

export const systemInPlace: Probe = {
	name: "system-in-place",
	claim: "a system message in the middle of the history is obeyed",
	weight: 2,
	async run(ask) {
		const messages = [
			user("Good morning."),
			assistant("Good morning."),
			{ role: "system" as const, content: "From now on every answer ends with the word HERON." },
			user("What is the capital of France?"),
		];
		return judgeText(await ask(question(messages)), /Paris[\s\S]*HERON/);
	},
};
