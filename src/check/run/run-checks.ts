import { dollars } from "../../platform/figures.ts";
import { UserError } from "../../platform/user-error.ts";
import type { Divergence } from "../../protocol/divergence.ts";
import { withoutConsequences } from "../../trace/explain/rules/index.ts";
import { failureClassOf } from "../../trace/record/exchange-record.ts";
import { policyNamed } from "../../upstream/failures/table.ts";
import { type LoopResult, runLoop } from "../loop/run-loop.ts";
import type { Outcome, Probe } from "../probe.ts";
import { type Answer, type Ask, askThrough, type CheckedProxy } from "./ask.ts";
import { type Expense, noExpense, spend } from "./expense.ts";

/** One run of one probe. */
export interface Trial extends Outcome {
	/** Passed, and nothing that the provider or the model sent had to be repaired. */
	raw: boolean;
	/** Kinds of repairs that were needed. */
	repairs: string[];
	/** Classes of failures after which the request was sent again, and got an answer. */
	survived: string[];
	/** Everything that its requests recorded. */
	divergences: readonly Divergence[];
	/** Class of the failure that ended one of its requests if that says nothing about the claim. */
	failure?: string | undefined;
	/** Milliseconds. */
	duration: number;
}

export interface ProbeResult {
	name: string;
	claim: string;
	weight: number;
	trials: Trial[];
	/** Why it was not run. */
	skipped?: string;
}

export interface CheckResult {
	model: string;
	/** Milliseconds since 1970. */
	startedAt: number;
	runs: number;
	results: ProbeResult[];
	/** Agent loops, if they were requested. */
	loops: LoopResult[];
	expense: Expense;
	/** Why it ended early. */
	stopped?: string;
}

export interface CheckOptions {
	proxy: CheckedProxy;
	probes: readonly Probe[];
	/** Runs of each probe. */
	runs: number;
	/** Whether a divergence is a repair of what the provider or the model did. */
	isRepair(divergence: Divergence): boolean;
	/** In US dollars: once it is spent, no further trial begins. */
	budget?: number | undefined;
	/** Agent loops after the probes, and the tool calls of each. */
	loops?: { count: number; calls: number } | undefined;
	onProgress?: ((done: number, total: number, what: string) => void) | undefined;
	signal?: AbortSignal | undefined;
}

/** Kinds that occur in every reply of a provider. They count in the probe of this name only. */
const PROBE_OF_KIND: Readonly<Record<string, string>> = {
	"missing-usage": "usage",
	"impossible-usage": "usage",
	usage: "usage",
	"other-model": "served-model",
};

/** `stopped` of a check that the user interrupted. */
export const INTERRUPTED = "interrupted";

/**
 * Runs every probe `runs` times, in rounds, so that a provider's bad minute affects all of them alike.
 * Throws a `UserError` when the provider does not answer at all.
 */
export async function runChecks(options: CheckOptions): Promise<CheckResult> {
	const { proxy, probes, runs, budget, signal, onProgress = () => {} } = options;
	const check = new RunningCheck(options);
	await check.assertAnswer();
	const results: ProbeResult[] = probes.map((probe) => {
		const { name, claim, weight } = probe;
		const skipped = reasonToSkip(probe, proxy);
		return { name, claim, weight, trials: [], ...(skipped && { skipped }) };
	});
	const round = probes.flatMap((probe, index) => {
		const result = results[index];
		return result && result.skipped === undefined ? [{ probe, result }] : [];
	});
	const due = Array.from({ length: runs }, () => round).flat();
	let stopped: string | undefined;
	for (const [done, { probe, result }] of due.entries()) {
		onProgress(done, due.length, probe.name);
		const trial = await check.tryOnce(probe);
		// An interrupted trial says nothing about the claim.
		if (!signal?.aborted) addTrial(result, trial);
		stopped = signal?.aborted ? INTERRUPTED : overBudget(check.expense.cost, budget);
		if (stopped) break;
	}
	const loops: LoopResult[] = [];
	const wanted = options.loops ?? { count: 0, calls: 0 };
	while (loops.length < wanted.count && !stopped) {
		loops.push(await check.loop(wanted.calls, loops.length + 1));
		stopped = signal?.aborted ? INTERRUPTED : overBudget(check.expense.cost, budget);
	}
	if (loops.length === 0) assertTrial(results, stopped);
	const { startedAt } = check;
	const expense = { ...check.expense, duration: Date.now() - startedAt };
	return { model: proxy.model.id, startedAt, runs, results, loops, expense, ...(stopped && { stopped }) };
}

/** Without a single trial there is nothing to report and no grade. */
function assertTrial(results: readonly ProbeResult[], stopped: string | undefined): void {
	if (results.some(({ trials }) => trials.length > 0)) return;
	const reasons = results.flatMap(({ name, skipped }) => (skipped === undefined ? [] : `${name}: ${skipped}`));
	const why = stopped ?? reasons.join("; ");
	throw new UserError(`no probe was run: ${why}`, { hint: "cc-any check NAME, without --only" });
}

/** Why a check has to stop; undefined while the budget lasts. A budget cannot be kept when the cost is unknown. */
export function overBudget(cost: number | undefined, budget: number | undefined): string | undefined {
	if (budget === undefined) return undefined;
	if (cost === undefined) return "without a price the cost is unknown, so --budget cannot be enforced";
	return cost >= budget ? `the budget of ${dollars(budget)} is used up` : undefined;
}

function addTrial(result: ProbeResult, trial: Trial): void {
	if (!trial.isUnknown) result.trials.push(trial);
	else if (result.trials.length === 0) result.skipped = trial.detail;
}

/** Why a probe needs more than the profile says of the model; undefined when it can run. */
function reasonToSkip({ needs }: Probe, { model }: CheckedProxy): string | undefined {
	if (needs === "vision" && !model.vision) return "the model has no vision in its profile";
	if (needs === "thinking" && model.thinking === "none") return "the model has no thinking in its profile";
	if (needs === "thinking-toggle" && model.thinking !== "toggle")
		return "the model's thinking cannot be switched, according to its profile";
	if (needs === "context-window" && model.contextWindow === undefined) return "the profile names no context window";
	return undefined;
}

class RunningCheck {
	readonly startedAt = Date.now();
	readonly expense: Expense = noExpense();
	readonly #options: CheckOptions;
	readonly #ask: Ask;
	/** Answers of the current trial. */
	#answers: Answer[] = [];

	constructor(options: CheckOptions) {
		this.#options = options;
		this.#ask = askThrough(options.proxy, (answer) => this.#watch(answer), options.signal);
	}

	/** A wrong key or a dead server must not become a finding about every claim. */
	async assertAnswer(): Promise<void> {
		const question = { messages: [{ role: "user" as const, content: "Say hello." }] };
		const first = await this.#ask(question);
		const answer = first.error ? await this.#ask(question) : first;
		this.#answers = [];
		if (!answer.error) return;
		if (this.#options.signal?.aborted) throw new UserError("interrupted before any probe was run");
		throw new UserError(`${this.#options.proxy.model.id} does not answer: ${answer.error}`, {
			hint: "cc-any trace explain last",
		});
	}

	async tryOnce(probe: Probe): Promise<Trial> {
		this.#answers = [];
		const start = performance.now();
		const outcome = await probe.run(this.#ask);
		const duration = performance.now() - start;
		const divergences = this.#answers.flatMap(({ seen }) => withoutConsequences(seen.divergences));
		const failures = divergences.filter(({ data }) => data?.failureClass !== undefined);
		const others = divergences.filter((divergence) => !failures.includes(divergence));
		const repairs = unique(others.filter((divergence) => this.#isRepairFor(probe, divergence)).map(({ kind }) => kind));
		const survived = unique(failures.flatMap(({ data }) => data?.failureClass ?? []));
		const failure = this.#answers.map(({ seen }) => failureClassOf(seen)).find(isUnrelated);
		// A network that failed is no defect of the provider.
		const isRaw = repairs.length === 0 && survived.every((name) => policyNamed(name)?.verdict === "network");
		return { ...outcome, raw: outcome.passed && isRaw, repairs, survived, divergences, failure, duration };
	}

	loop(calls: number, seed: number): Promise<LoopResult> {
		const { isRepair, signal, onProgress } = this.#options;
		const onCall = (made: number, demanded: number) => onProgress?.(made, demanded, `calls of loop ${seed}`);
		return runLoop({ ask: this.#ask, calls, seed, isRepair, signal, onProgress: onCall });
	}

	#isRepairFor(probe: Probe, divergence: Divergence): boolean {
		const { kind } = divergence;
		const owner = PROBE_OF_KIND[kind];
		if (owner !== undefined) return owner === probe.name;
		return this.#options.isRepair(divergence) || probe.counts?.includes(kind) === true;
	}

	#watch(answer: Answer): void {
		this.#answers.push(answer);
		spend(this.expense, answer.seen);
	}
}

/** Says nothing about what was asked: an outage, or a fault of the connection, the server or the model. */
function isUnrelated(failure: string | undefined): failure is string {
	const policy = failure === undefined ? undefined : policyNamed(failure);
	return policy !== undefined && (policy.outage || policy.verdict !== "client") && policy.verdict !== "cc-any";
}

function unique(values: readonly string[]): string[] {
	return [...new Set(values)];
}
