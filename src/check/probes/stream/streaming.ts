import { plainQuestion } from "../../materials/conversation.ts";
import type { Probe } from "../../probe.ts";
import { failed } from "../../run/judge.ts";

/** Reads with content that an answer of 60 words comes in at least; one block at the end is one read. */
const LEAST_READS = 5;

export const streaming: Probe = {
	name: "streaming",
	claim: "an answer comes piece by piece",
	weight: 1,
	async run(ask) {
		const answer = await ask(plainQuestion("Write the numbers from 1 to 60 as digits, with spaces between."));
		const { times, sizes, error, seen, duration } = answer;
		if (error) return failed(error);
		const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
		const figures = {
			reads: times.length,
			"largest read %": Math.round((100 * Math.max(0, ...sizes)) / Math.max(1, sum(sizes))),
			"longest gap ms": Math.round(Math.max(0, ...gaps)),
			...(seen.burstiness !== undefined && { burstiness: seen.burstiness }),
		};
		const detail = `${times.length} reads in ${Math.round(duration)} ms`;
		return { passed: times.length >= LEAST_READS, detail, figures };
	},
};

function sum(values: readonly number[]): number {
	return values.reduce((total, value) => total + value, 0);
}
