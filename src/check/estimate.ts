import type { Price } from "../profile/target.ts";
import type { Answer, Ask, Line, Question } from "./ask.ts";
import type { Probe } from "./probe.ts";
import type { Expense } from "./run-checks.ts";

/** Tokens of a short answer, with a little reasoning. */
const ANSWER = 200;
/** Characters of JSON in a token. */
const CHARACTERS_PER_TOKEN = 4;
/** Milliseconds of a request, and of each token of its answer: a middling provider. */
const REQUEST_TIME = 1500;
const TOKEN_TIME = 20;
/** Tokens of the loop's first request, and what each turn adds to it. */
const LOOP_START = 1200;
const LOOP_TURN = 90;
const MILLION = 1_000_000;

export interface EstimateOptions {
	probes: readonly Probe[];
	runs: number;
	loops: { count: number; calls: number };
	model: Line["model"];
}

/** What a check will take, before anything is sent. A rough figure: of each probe the first request is measured. */
export async function estimateExpense({ probes, runs, loops, model }: EstimateOptions): Promise<Expense> {
	const sum = { requests: 1, inputTokens: 10, outputTokens: 10 };
	for (const { run, requests = 1, output = ANSWER } of probes) {
		const characters = await firstQuestion(run, model);
		sum.requests += runs * requests;
		sum.inputTokens += (runs * requests * characters) / CHARACTERS_PER_TOKEN;
		sum.outputTokens += runs * requests * output;
	}
	const turns = loops.count * (loops.calls + 1);
	sum.requests += turns;
	sum.inputTokens += turns * (LOOP_START + (LOOP_TURN * loops.calls) / 2);
	sum.outputTokens += turns * ANSWER;
	const duration = sum.requests * REQUEST_TIME + sum.outputTokens * TOKEN_TIME;
	const inputTokens = Math.round(sum.inputTokens);
	return { ...sum, inputTokens, duration, cost: costOf(inputTokens, sum.outputTokens, model.price) };
}

/** Characters of the first request that a probe makes; nothing is sent. */
async function firstQuestion(run: Probe["run"], model: Line["model"]): Promise<number> {
	let characters = 0;
	const ask = async (question: Question): Promise<Answer> => {
		characters ||= JSON.stringify(question).length;
		const seen = { divergences: [], attempts: 0 };
		return { message: undefined, error: "not sent", times: [], duration: 0, seen };
	};
	const dry: Ask = Object.assign(ask, { count: async () => undefined, model });
	await run(dry);
	return characters;
}

function costOf(input: number, output: number, price: Price | undefined): number | undefined {
	if (price?.input === undefined || price.output === undefined) return undefined;
	return (input * price.input + output * price.output) / MILLION;
}
