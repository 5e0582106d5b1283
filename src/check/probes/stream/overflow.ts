import { plainQuestion } from "../../materials/conversation.ts";
import { filler, MOST_PER_TOKEN } from "../../materials/filler.ts";
import type { Probe } from "../../probe.ts";
import { failed, passed } from "../../run/judge.ts";

/** Share of the window that is sent; more, and cc-any would refuse it without asking the provider. */
const TOO_MUCH = 1.3;

export const overflow: Probe = {
	name: "overflow",
	claim: "a conversation that is too long is refused in words that make Claude Code compact",
	weight: 2,
	needs: "context-window",
	costly: true,
	async run(ask) {
		const text = filler((ask.model.contextWindow ?? 0) * TOO_MUCH * MOST_PER_TOKEN);
		const { error, message } = await ask(plainQuestion(`${text}\nSay hello.`));
		if (message) return failed("the provider answered, as if all of it had been read");
		return /prompt is too long/i.test(error ?? "") ? passed(error ?? "") : failed(error ?? "");
	},
};
