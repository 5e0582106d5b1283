import type { Model } from "../../profile/model/profile.ts";
import { CHARS_PER_TOKEN } from "../../protocol/count-tokens.ts";
import { costOf } from "../../trace/record/cost.ts";
import { claudeTasks } from "../claude/index.ts";
import type { Probe } from "../probe.ts";
import type { Answer, Ask, Question } from "./ask.ts";
import type { Expense } from "./expense.ts";

/** A short answer with a little reasoning. */
const ANSWER_TOKENS = 200;
/** A provider of average speed: the time of a request, and of each token of its answer. */
const REQUEST_MS = 1500;
const TOKEN_MS = 20;
/** Tokens of the first request, and those that each call adds. Measured with Claude Code 2.1.332. */
const OWN_LOOP = { firstTokens: 1200, callTokens: 90 };
const CLAUDE_LOOP = { firstTokens: 13_000, callTokens: 140 };

export interface EstimateOptions {
	probes: readonly Probe[];
	runs: number;
	loops: { count: number; calls: number };
	/** Tool calls of the real Claude Code on its trail; 0 when it is not run. */
	claudeCalls: number;
	model: Model;
}

/** A rough estimate of what a check will cost. Nothing is sent: the first request of each probe is measured. */
export async function estimateExpense(options: EstimateOptions): Promise<Expense> {
	const { probes, runs, loops, claudeCalls, model } = options;
	const sum = { requests: 1, inputTokens: 10, cachedTokens: 0, outputTokens: 10 };
	for (const { run, requests = 1, output = ANSWER_TOKENS } of probes) {
		sum.requests += runs * requests;
		sum.inputTokens += (runs * (await charactersOf(run, requests, model))) / CHARS_PER_TOKEN;
		sum.outputTokens += runs * requests * output;
	}
	for (let loop = 0; loop < loops.count; loop++) addLoop(sum, loops.calls, OWN_LOOP);
	const tasks = claudeCalls > 0 ? claudeTasks(claudeCalls).map((taskFor) => taskFor("/")) : [];
	for (const { calls } of tasks) addLoop(sum, calls, CLAUDE_LOOP);
	const { requests, outputTokens, cachedTokens } = sum;
	const inputTokens = Math.round(sum.inputTokens);
	const duration = requests * REQUEST_MS + outputTokens * TOKEN_MS;
	const price = { ...model.price };
	// A cached token without a price of its own may cost as much as any other.
	price.cacheRead ??= price.input;
	const usage = {
		input_tokens: inputTokens - cachedTokens,
		cache_read_input_tokens: cachedTokens,
		output_tokens: outputTokens,
	};
	return { requests, inputTokens, outputTokens, duration, cost: costOf(usage, price) };
}

interface Sum {
	requests: number;
	/** Including cached ones. */
	inputTokens: number;
	cachedTokens: number;
	outputTokens: number;
}

/** A loop sends one request more than it makes calls. Each request begins with the one before it. */
function addLoop(sum: Sum, calls: number, { firstTokens, callTokens }: typeof OWN_LOOP): void {
	const requests = calls + 1;
	const input = requests * firstTokens + (callTokens * calls * requests) / 2;
	sum.requests += requests;
	sum.inputTokens += input;
	sum.cachedTokens += Math.round(input - firstTokens - callTokens * calls);
	sum.outputTokens += requests * ANSWER_TOKENS;
}

/** Characters of all requests of a run. Requests that depend on an answer are assumed to be as long as the others. */
async function charactersOf(run: Probe["run"], requests: number, model: Model): Promise<number> {
	const lengths: number[] = [];
	const ask = async (question: Question): Promise<Answer> => {
		lengths.push(JSON.stringify(question).length);
		const seen = { divergences: [], attempts: 0 };
		return { message: undefined, error: "not sent", times: [], sizes: [], duration: 0, seen };
	};
	const dry: Ask = Object.assign(ask, { count: async () => undefined, model });
	await run(dry);
	const sum = lengths.reduce((total, length) => total + length, 0);
	return (sum / Math.max(1, lengths.length)) * Math.max(requests, lengths.length);
}
