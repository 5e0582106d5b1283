import { ruleOf } from "../explain/rules/index.ts";
import { inputTokens } from "../record/cost.ts";
import type { ExchangeRecord } from "../record/exchange-record.ts";

/** The totals of a session. */
export interface Summary {
	/** Requests to a model, without token counts. */
	requests: number;
	/** `profile/model` of the replies, most used first. */
	models: string[];
	inputTokens: number;
	outputTokens: number;
	/** Requests without token counts: those that failed, and those of providers that count nothing. */
	uncounted: number;
	/** Input tokens that were read from the provider's cache. */
	cachedTokens: number;
	/** US dollars, for the requests with known prices. */
	cost: number | undefined;
	/** Requests with tokens of an unknown price. */
	unpriced: number;
	/** Milliseconds. */
	slowestFirstToken: number | undefined;
	/** How often each kind of repair was needed, without routine translations. */
	repairs: Record<string, number>;
	retries: number;
	fallbacks: number;
	/** How often the first target answered again after one. */
	returns: number;
	/** Requests that ended with a failure that was reported to Claude Code. */
	failures: number;
	/** Requests whose prefix did not continue the one before. */
	prefixBreaks: number;
}

/** Kinds with a count of their own. */
const DELIVERY_KINDS = new Set(["retry", "fallback", "brake"]);

/** The totals of the records of a session. */
export function summarise(records: readonly ExchangeRecord[]): Summary {
	const asked = records.filter(({ purpose }) => purpose !== "count");
	const divergences = asked.flatMap((record) => record.divergences);
	const count = (kind: string) => divergences.filter((divergence) => divergence.kind === kind).length;
	const repairs = divergences.filter(({ kind }) => {
		const rule = ruleOf(kind);
		return !DELIVERY_KINDS.has(kind) && !rule?.routine && !rule?.remark;
	});
	const costs = asked.flatMap(({ cost }) => (cost === undefined ? [] : [cost]));
	const firstTokens = asked.flatMap(({ firstToken }) => (firstToken === undefined ? [] : [firstToken]));
	return {
		requests: asked.length,
		models: byFrequency(asked.filter(({ servedModel }) => servedModel).map(nameOf)),
		inputTokens: sum(asked.map(({ usage }) => inputTokens(usage))),
		outputTokens: sum(asked.map(({ usage }) => usage?.output_tokens ?? 0)),
		uncounted: asked.filter(({ usage }) => usage === undefined).length,
		cachedTokens: sum(asked.map(({ usage }) => usage?.cache_read_input_tokens ?? 0)),
		cost: costs.length > 0 ? sum(costs) : undefined,
		unpriced: asked.filter(({ usage, cost }) => inputTokens(usage) > 0 && cost === undefined).length,
		slowestFirstToken: firstTokens.length > 0 ? Math.max(...firstTokens) : undefined,
		repairs: countEach(repairs.map(({ kind }) => kind)),
		retries: count("retry"),
		fallbacks: count("fallback"),
		returns: count("fallback-ended"),
		failures: asked.filter(({ failure, status }) => failure !== undefined && status !== 0).length,
		prefixBreaks: asked.filter(({ prefixBreak }) => prefixBreak).length,
	};
}

function nameOf({ profile, servedModel }: ExchangeRecord): string {
	return `${profile}/${servedModel}`;
}

function sum(values: readonly number[]): number {
	return values.reduce((total, value) => total + value, 0);
}

function countEach(names: readonly string[]): Record<string, number> {
	const counts = new Map<string, number>();
	for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
	return Object.fromEntries([...counts].sort((a, b) => b[1] - a[1]));
}

function byFrequency(names: readonly string[]): string[] {
	return Object.keys(countEach(names));
}
