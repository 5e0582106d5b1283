import { inputTokens } from "../../../trace/record/cost.ts";
import { question } from "../../materials/conversation.ts";
import type { Probe } from "../../probe.ts";
import { failed, hasUsage, unknown } from "../../run/judge.ts";

/** Claude Code compacts by this count: an error of a quarter is what the reserve of its window bears. */
const TOLERANCE = 0.25;

export const tokenCount: Probe = {
	name: "token-count",
	claim: "count_tokens tells what the request then costs, within 25 %",
	weight: 1,
	async run(ask) {
		const asked = question("What is 17 plus 25? Answer with the number alone.");
		// First the request, so that the estimate is calibrated as it is in any session.
		const answer = await ask(asked);
		const { message, error } = answer;
		const counted = await ask.count(asked);
		if (!hasUsage(answer)) return unknown("the provider sends no usage");
		if (!message || counted === undefined) return failed(error ?? "no count");
		const real = inputTokens(message.usage);
		const off = Math.abs(counted - real) / Math.max(1, real);
		return { passed: off <= TOLERANCE, detail: `${counted} counted, ${real} used`, figures: { "count error": off } };
	},
};
