import { plainQuestion } from "../conversation.ts";
import { failed, passed } from "../judge.ts";
import type { Probe } from "../probe.ts";

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
		const [few, many] = [small, large].map(({ message }) => inputOf(message?.usage ?? {})) as [number, number];
		const output = large.message?.usage.output_tokens ?? 0;
		const detail = `${few} and ${many} tokens in, ${output} out`;
		return few > 0 && output > 0 && many > few + 500 && many < few + 3000 ? passed(detail) : failed(detail);
	},
};

/** All input tokens, cached or not. */
function inputOf(counts: {
	input_tokens?: number;
	cache_read_input_tokens?: number;
	cache_creation_input_tokens?: number;
}) {
	const { input_tokens = 0, cache_read_input_tokens = 0, cache_creation_input_tokens = 0 } = counts;
	return input_tokens + cache_read_input_tokens + cache_creation_input_tokens;
}
