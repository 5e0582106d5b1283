import { plainQuestion } from "../../materials/conversation.ts";
import type { Probe } from "../../probe.ts";
import { failed, passed } from "../../run/judge.ts";

/** What a session with subagents sends together. */
const AT_ONCE = 4;

export const requestsAtOnce: Probe = {
	name: "requests-at-once",
	claim: "four requests at once are served, none turned away",
	weight: 1,
	requests: AT_ONCE,
	async run(ask) {
		const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => ask(plainQuestion("Say hello."))));
		const error = answers.find((answer) => answer.error)?.error;
		const figures = answers.at(-1)?.seen.limits ?? {};
		return error ? failed(error) : { ...passed(`${AT_ONCE} served`), figures };
	},
};
