import { dollars, duration as timeText, tokens } from "../../platform/figures.ts";
import type { ClaudeOutcome } from "../claude/task.ts";
import type { Lesson } from "../lessons.ts";
import type { Expense } from "../run/expense.ts";
import type { Rate } from "../run/rate.ts";
import type { CheckResult } from "../run/run-checks.ts";
import type { Score } from "../run/score.ts";

/** A finished check, as it is kept, compared and shown. */
export interface CheckReport extends Omit<CheckResult, "results"> {
	profile: string;
	/** Host and path of the endpoint. */
	endpoint: string;
	/** Of cc-any. */
	version: string;
	score: Score;
	/** Changes of the profile that the check suggests. */
	lessons: Lesson[];
	/** The tasks of the real Claude Code, if they were requested. */
	claude?: ClaudeOutcome[];
}

/** Figures of a probe in one line. */
export function figuresText(figures: Record<string, number>): string {
	return Object.entries(figures)
		.map(([name, value]) => `${name} ${Number.isInteger(value) ? value : value.toPrecision(3)}`)
		.join(", ");
}

/** A share in whole percent, rounded down: one failure in 300 runs is not 100 %, and 94.9 % does not pass a gate of 95 %. */
export function sharePercent(share: number): string {
	return `${wholePercent(share)} %`;
}

export function wholePercent(share: number): number {
	return Math.floor(share * 100 + 1e-9);
}

/** `44–100`: the 95 % confidence interval in percent. */
export function interval({ low, high }: Rate): string {
	return `${Math.round(low * 100)}–${Math.round(high * 100)}`;
}

/** What a check cost, in words. */
export function expenseText({ requests, inputTokens, outputTokens, cost, duration }: Expense): string {
	const money = cost === undefined ? "cost unknown" : dollars(cost);
	return `${requests} requests, ${tokens(inputTokens)} tokens in, ${tokens(outputTokens)} out, ${money}, ${timeText(duration)}`;
}
