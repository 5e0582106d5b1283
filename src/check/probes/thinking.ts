import { assistant, plainQuestion, question, result, THINKING, user } from "../materials/conversation.ts";
import { READ } from "../materials/tools.ts";
import type { Probe } from "../probe.ts";
import { blocksOf, callsOf, failed, judgeCalls, judgeText } from "../run/judge.ts";

export const thinkingOn: Probe = {
	name: "thinking-on",
	claim: "reasoning comes in its own block when requested",
	weight: 1,
	needs: "thinking",
	async run(ask) {
		const answer = await ask(plainQuestion("Which is larger, 9.11 or 9.9? Answer with the number alone.", THINKING));
		const outcome = judgeText(answer, /9\.9/, /9\.11/);
		return outcome.passed && blocksOf(answer.message, "thinking").length === 0 ? failed("no thinking block") : outcome;
	},
};

export const thinkingOff: Probe = {
	name: "thinking-off",
	claim: "no reasoning is sent when it is switched off",
	weight: 1,
	needs: "thinking-toggle",
	async run(ask) {
		const off = plainQuestion("Which is larger, 9.11 or 9.9? Answer with the number alone.");
		const answer = await ask({ ...off, thinking: { type: "disabled" } });
		return blocksOf(answer.message, "thinking").length > 0 ? failed("a thinking block came") : judgeText(answer, /\S/);
	},
};

export const thinkingRoundTrip: Probe = {
	name: "thinking-round-trip",
	claim: "the provider accepts the reasoning and the call of a turn with the result",
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

export const callAfterThinking: Probe = {
	name: "call-after-thinking",
	claim: "a call after reasoning arrives as a tool call",
	weight: 2,
	needs: "thinking",
	async run(ask) {
		const answer = await ask(question("Read the file /repo/src/parser.ts.", THINKING));
		return judgeCalls(answer, { tool: READ, input: { file_path: "/repo/src/parser.ts" } });
	},
};
