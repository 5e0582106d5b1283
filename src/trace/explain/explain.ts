import type { Divergence } from "../../protocol/divergence.ts";
import type { ExchangeRecord } from "../record/exchange-record.ts";
import type { StoredExchange } from "../store/read-store.ts";
import { type UsualFigures, usualFigures } from "./figures.ts";
import { type RequestChange, requestChanges } from "./request-changes.ts";
import { findingsOf, ruleOf, ruleOfDivergence } from "./rules/index.ts";
import type { Rule } from "./rules/rule.ts";

/** A divergence with what is known about its kind. */
export interface ExplainedDivergence extends Divergence {
	/** Undefined for a kind that only another version of cc-any knows. */
	rule: Rule | undefined;
}

export interface Explanation {
	record: ExchangeRecord;
	/** What departs from what was expected; undefined in a healthy exchange. */
	first: ExplainedDivergence | undefined;
	/** What else was found. */
	others: ExplainedDivergence[];
	/** Translations that belong to healthy exchanges too. */
	routine: ExplainedDivergence[];
	/** Undefined without a full trace. */
	changes: RequestChange[] | undefined;
}

/**
 * Explains one exchange from its record, from its bodies if they were kept, and from what is usual in its session.
 */
export function explain(record: ExchangeRecord, stored?: StoredExchange, usual?: UsualFigures): Explanation {
	// The full trace has what the light record leaves out.
	const divergences = stored?.record?.divergences ?? record.divergences;
	const withRule = (divergence: Divergence) => ({ ...divergence, rule: ruleOfDivergence(divergence) });
	const [first, ...others] = findingsOf(record, usual, divergences).map(withRule);
	const attempt = stored?.attempts.at(-1);
	return {
		record,
		first,
		others,
		routine: divergences.filter(({ kind }) => ruleOf(kind)?.routine).map(withRule),
		changes: stored && attempt ? requestChanges(stored, attempt) : undefined,
	};
}

/** Numbers of the exchanges of a session that depart from what was expected. */
export interface DivergentExchanges {
	/** The first one with a fault; without any, the first with a remark. */
	chosen: number | undefined;
	faults: number[];
	remarks: number[];
}

export function divergentExchanges(records: readonly ExchangeRecord[]): DivergentExchanges {
	const usual = usualFigures(records);
	const found = records.map((record) => ({ number: record.number, first: findingsOf(record, usual)[0] }));
	const isRemark = ({ kind }: Divergence) => ruleOf(kind)?.remark === true;
	const faults = found.flatMap(({ number, first }) => (first && !isRemark(first) ? number : []));
	const remarks = found.flatMap(({ number, first }) => (first && isRemark(first) ? number : []));
	return { chosen: faults[0] ?? remarks[0], faults, remarks };
}
