import { plainQuestion, question } from "../materials/conversation.ts";
import type { Probe } from "../probe.ts";
import { failed, passed } from "../run/judge.ts";

/** Fewest reads with content for an answer of 60 words. An answer that is sent at the end is one read. */
const MIN_READS = 5;

export const streaming: Probe = {
	name: "streaming",
	claim: "an answer arrives in pieces",
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
		return { passed: times.length >= MIN_READS, detail, figures };
	},
};

function sum(values: readonly number[]): number {
	return values.reduce((total, value) => total + value, 0);
}

/** A turn of an agent is many requests: with more than this for each, waiting is what a session consists of. */
const MAX_FIRST_TOKEN_MS = 5000;

export const firstToken: Probe = {
	name: "first-token",
	claim: "the first token of a short answer comes within 5 s",
	weight: 1,
	async run(ask) {
		const { times, error } = await ask(question("Say hello."));
		const [first] = times;
		if (first === undefined) return failed(error ?? "no content");
		const figures = { "first token ms": Math.round(first) };
		return { passed: first < MAX_FIRST_TOKEN_MS, detail: `${Math.round(first)} ms`, figures };
	},
};

/** Concurrent requests of a session with subagents. */
const CONCURRENT_REQUESTS = 4;

export const requestsAtOnce: Probe = {
	name: "requests-at-once",
	claim: "the provider serves four concurrent requests",
	weight: 1,
	requests: CONCURRENT_REQUESTS,
	async run(ask) {
		const answers = await Promise.all(
			Array.from({ length: CONCURRENT_REQUESTS }, () => ask(plainQuestion("Say hello."))),
		);
		const error = answers.find((answer) => answer.error)?.error;
		const figures = answers.at(-1)?.seen.limits ?? {};
		return error ? failed(error) : { ...passed(`${CONCURRENT_REQUESTS} served`), figures };
	},
};
