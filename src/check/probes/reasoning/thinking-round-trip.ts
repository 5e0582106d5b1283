import { assistant, question, result, THINKING, user } from "../../materials/conversation.ts";
import type { Probe } from "../../probe.ts";
import { callsOf, failed, judgeText } from "../../run/judge.ts";

export const thinkingRoundTrip: Probe = {
	name: "thinking-round-trip",
	claim: "reasoning and call of a turn are taken back with the result",
	weight: 3,
	needs: "thinking",
	requests: 2,
	async run(ask) {
		const messages = [user("Read the file /repo/colour.txt. Then say which colour it names, that word alone.")];
		const { message, error } = await ask(question(messages, THINKING));
		const [call] = callsOf(message);
		if (!message || !call) return failed(error ?? "no call to answer");
		const results = callsOf(message).map(({ id }) => result(id, "vermilion"));
		const next = [...messages, assistant(message.content), user(results)];
		return judgeText(await ask(question(next, THINKING)), /vermilion/i);
	},
};
