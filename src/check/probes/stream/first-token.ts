import { question } from "../../materials/conversation.ts";
import type { Probe } from "../../probe.ts";
import { failed } from "../../run/judge.ts";

/** Claude Code shows a stall after this time (measured), in milliseconds. */
const STALL = 20_000;

export const firstToken: Probe = {
	name: "first-token",
	claim: "the first token comes before Claude Code shows a stall (20 s)",
	weight: 1,
	async run(ask) {
		const { times, error } = await ask(question("Say hello."));
		const [first] = times;
		if (first === undefined) return failed(error ?? "no content");
		const figures = { "first token ms": Math.round(first) };
		return { passed: first < STALL, detail: `${Math.round(first)} ms`, figures };
	},
};
