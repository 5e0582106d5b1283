import type { Divergence } from "../../../protocol/divergence.ts";
import { type ExchangeRecord, failureClassOf } from "../../record/exchange-record.ts";
import { findingsOfFigures, NOTHING_USUAL, type UsualFigures } from "../figures.ts";
import { FIGURE_RULES } from "./figures.ts";
import { BLOCK_RULE, REQUEST_RULES } from "./request.ts";
import { RESPONSE_RULES } from "./response.ts";
import type { Rule } from "./rule.ts";
import { ruleOfFailure, UPSTREAM_RULES } from "./upstream.ts";

/** Every kind of divergence that cc-any records, and every kind of finding in its figures, and what it means. */
export const RULES: Readonly<Record<string, Rule>> = {
	...REQUEST_RULES,
	...UPSTREAM_RULES,
	...RESPONSE_RULES,
	...FIGURE_RULES,
};

/** The rule of a kind; undefined for a kind that only another version of cc-any knows. */
export function ruleOf(kind: string): Rule | undefined {
	if (Object.hasOwn(RULES, kind)) return RULES[kind];
	return kind.endsWith("-block") ? BLOCK_RULE : undefined;
}

/** The rule of a divergence. A retry, a fallback and a pause have the verdict of the failure that they answer. */
export function ruleOfDivergence({ kind, data }: Divergence): Rule | undefined {
	const rule = ruleOf(kind) ?? (kind.startsWith(FAILURE) ? ruleOfFailure(kind.slice(FAILURE.length)) : undefined);
	if (rule && data?.isOurs) return { ...rule, verdict: "cc-any", next: undefined };
	const cause = rule && data?.failureClass !== undefined ? ruleOfFailure(data.failureClass) : undefined;
	return cause ? { ...rule, ...cause, expected: rule?.expected ?? cause.expected } : rule;
}

/** Kinds of failures that ended an exchange: `failure rate-limit`. */
const FAILURE = "failure ";

/** The failure that ended an exchange, as a divergence. A client that disconnected got no status. */
function failureOf(record: ExchangeRecord): Divergence | undefined {
	const { failure, status } = record;
	const name = failureClassOf(record);
	if (failure === undefined || name === undefined || status === 0) return undefined;
	// The class comes before the provider's text.
	const seen = failure.slice(name.length + ": ".length);
	const done = status === 200 ? "reported as an error event" : `reported with status ${status}`;
	return { kind: `${FAILURE}${name}`, where: "upstream", seen, done };
}

/** The divergences without those that follow from another one of them. */
export function withoutConsequences<Item extends Pick<Divergence, "kind">>(divergences: readonly Item[]): Item[] {
	const explained = new Set(divergences.flatMap(({ kind }) => ruleOf(kind)?.explains ?? []));
	return divergences.filter(({ kind }) => !explained.has(kind));
}

/**
 * What departs from what was expected in an exchange, without routine translations: first the failure that ended it, then
 * what was repaired in its order, then what its figures show. `divergences`: those of the full trace, which has the texts.
 */
export function findingsOf(
	record: ExchangeRecord,
	usual: UsualFigures = NOTHING_USUAL,
	divergences: readonly Divergence[] = record.divergences,
): Divergence[] {
	const notable = withoutConsequences(divergences).filter((divergence) => !ruleOf(divergence.kind)?.routine);
	const faults = notable.filter(({ kind }) => !ruleOf(kind)?.remark);
	const remarks = notable.filter(({ kind }) => ruleOf(kind)?.remark);
	return [failureOf(record) ?? [], faults, remarks, findingsOfFigures(record, usual)].flat();
}

/** Kinds of what is worth a look in an exchange. */
export function notableKinds(record: ExchangeRecord, usual?: UsualFigures): string[] {
	return [...new Set(findingsOf(record, usual).map(({ kind }) => kind))];
}

/** The divergence without words that may quote the conversation. Unknown kinds are treated as quoting. */
export function withoutQuotes(divergence: Divergence): Divergence {
	const rule = ruleOf(divergence.kind);
	if (rule && !rule.quotes) return divergence;
	return { ...divergence, seen: "", done: "" };
}
