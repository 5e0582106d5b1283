import { inputTokens } from "../../../trace/record/cost.ts";
import { plainQuestion } from "../../materials/conversation.ts";
import type { Probe } from "../../probe.ts";
import { failed, passed } from "../../run/judge.ts";

/** About 1000 tokens. */
const MORE = "The quick brown fox jumps over the lazy dog. ".repeat(100);

export const usage: Probe = {
	name: "usage",
	claim: "token counts come, and grow with the request",
	weight: 2,
	requests: 2,
	async run(ask) {
		const small = await ask(plainQuestion("Say hello."));
		const large = await ask(plainQuestion(`${MORE}\nSay hello.`));
		if (small.error ?? large.error) return failed(small.error ?? large.error ?? "");
		const [few, many] = [small, large].map(({ message }) => inputTokens(message?.usage)) as [number, number];
		const output = large.message?.usage.output_tokens ?? 0;
		const detail = `${few} and ${many} tokens in, ${output} out`;
		return few > 0 && output > 0 && many > few + 500 && many < few + 3000 ? passed(detail) : failed(detail);
	},
};
