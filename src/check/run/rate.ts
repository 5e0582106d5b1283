/** How often something held, with the 95 % confidence interval of the true share. */
export interface Rate {
	passed: number;
	runs: number;
	/** `passed / runs`, 0 to 1. */
	share: number;
	low: number;
	high: number;
}

/** Two-sided 95 % quantile of the normal distribution. */
const Z = 1.959964;

/** The Wilson score interval (E. B. Wilson, 1927), which holds for few runs and near 0 and 100 %. No runs: 0 to 1. */
export function rateOf(passed: number, runs: number): Rate {
	if (runs === 0) return { passed, runs, share: 0, low: 0, high: 1 };
	const share = passed / runs;
	const spread = (Z * Z) / runs;
	const middle = (share + spread / 2) / (1 + spread);
	const half = (Z / (1 + spread)) * Math.sqrt((share * (1 - share)) / runs + spread / (4 * runs));
	return { passed, runs, share, low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

/**
 * Probability that two rates differ at least this much though both have the same true share: Fisher's exact test,
 * two-sided.
 */
export function differenceByChance(one: Rate, other: Rate): number {
	const passed = one.passed + other.passed;
	const seen = likelihood(one.passed, one.runs, passed, other.runs);
	let chance = 0;
	for (let count = Math.max(0, passed - other.runs); count <= Math.min(one.runs, passed); count++) {
		const likely = likelihood(count, one.runs, passed, other.runs);
		// The tolerance keeps the observed table itself in the sum.
		if (likely <= seen * (1 + 1e-9)) chance += likely;
	}
	return Math.min(1, chance);
}

/** Hypergeometric: `count` of `passed` fall into the first `runs`, the rest into the other `otherRuns`. */
function likelihood(count: number, runs: number, passed: number, otherRuns: number): number {
	const log = logChoose(runs, count) + logChoose(otherRuns, passed - count) - logChoose(runs + otherRuns, passed);
	return Math.exp(log);
}

function logChoose(from: number, take: number): number {
	let sum = 0;
	for (let index = 1; index <= take; index++) sum += Math.log(from - take + index) - Math.log(index);
	return sum;
}
