import { costOf } from "../../trace/record/cost.ts";
import { claudeTasks } from "../claude/index.ts";
import type { Probe } from "../probe.ts";
import type { Answer, Ask, Line, Question } from "./ask.ts";
import type { Expense } from "./expense.ts";

/** Tokens of a short answer, with a little reasoning. */
const ANSWER = 200;
/** Characters of JSON in a token. */
const CHARACTERS_PER_TOKEN = 4;
/** Milliseconds of a request, and of each token of its answer: a middling provider. */
const REQUEST_TIME = 1500;
const TOKEN_TIME = 20;
/** Tokens of the first request, and what each call adds: of cc-any's own loop, and of Claude Code (measured, 2.1.332). */
const OWN_LOOP = { start: 1200, call: 90 };
const CLAUDE = { start: 13_000, call: 140 };

export interface EstimateOptions {
	probes: readonly Probe[];
	runs: number;
	loops: { count: number; calls: number };
	/** Calls of the real Claude Code on its trail; 0: it is not run. */
	claudeCalls: number;
	model: Line["model"];
}

/** What a check will take, before anything is sent. A rough figure: of each probe the first request is measured. */
export async function estimateExpense(options: EstimateOptions): Promise<Expense> {
	const { probes, runs, loops, claudeCalls, model } = options;
	const sum = { requests: 1, inputTokens: 10, cachedTokens: 0, outputTokens: 10 };
	for (const { run, requests = 1, output = ANSWER } of probes) {
		sum.requests += runs * requests;
		sum.inputTokens += (runs * (await charactersOf(run, requests, model))) / CHARACTERS_PER_TOKEN;
		sum.outputTokens += runs * requests * output;
	}
	for (let loop = 0; loop < loops.count; loop++) addLoop(sum, loops.calls, OWN_LOOP);
	const tasks = claudeCalls > 0 ? claudeTasks(claudeCalls).map((taskFor) => taskFor("/")) : [];
	for (const { calls } of tasks) addLoop(sum, calls, CLAUDE);
	const { requests, outputTokens, cachedTokens } = sum;
	const inputTokens = Math.round(sum.inputTokens);
	const duration = requests * REQUEST_TIME + outputTokens * TOKEN_TIME;
	const price = { ...model.price };
	// Where a cached token has no price of its own, it may cost what any other does.
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
	/** Cached ones too. */
	inputTokens: number;
	cachedTokens: number;
	outputTokens: number;
}

/** A loop asks once more than it calls, and each request begins with the one before it. */
function addLoop(sum: Sum, calls: number, { start, call }: typeof OWN_LOOP): void {
	const requests = calls + 1;
	const input = requests * start + (call * calls * requests) / 2;
	sum.requests += requests;
	sum.inputTokens += input;
	sum.cachedTokens += Math.round(input - start - call * calls);
	sum.outputTokens += requests * ANSWER;
}

/** Characters of all requests of a run; nothing is sent. Those that would follow an answer are taken to be as long. */
async function charactersOf(run: Probe["run"], requests: number, model: Line["model"]): Promise<number> {
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
