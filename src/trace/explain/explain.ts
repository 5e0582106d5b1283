import type { Divergence } from "../../protocol/divergence.ts";
import { type ExchangeRecord, failureClassOf } from "../record/exchange-record.ts";
import type { StoredExchange } from "../store/read-store.ts";
import { type RequestChange, requestChanges } from "./request-changes.ts";
import { ruleOf, ruleOfFailure } from "./rules/index.ts";
import type { Rule } from "./rules/rule.ts";

/** A divergence with what is known about its kind. */
export interface ExplainedDivergence extends Divergence {
	/** Undefined for a kind that only another version of cc-any knows. */
	rule: Rule | undefined;
}

export interface Explanation {
	record: ExchangeRecord;
	/** The first departure from what was expected; undefined in a healthy exchange. */
	first: ExplainedDivergence | undefined;
	/** What followed it. */
	others: ExplainedDivergence[];
	/** Translations that belong to healthy exchanges too. */
	routine: ExplainedDivergence[];
	/** Undefined without a full trace. */
	changes: RequestChange[] | undefined;
}

/** Explains one exchange from its record, and from its bodies if they were kept. */
export function explain(record: ExchangeRecord, stored?: StoredExchange): Explanation {
	// The full trace has what the light record leaves out.
	const divergences = stored?.record?.divergences ?? record.divergences;
	const explained = divergences.map((divergence) => ({ ...divergence, rule: ruleOf(divergence.kind) }));
	const failure = explainFailure(record);
	if (failure) explained.push(failure);
	const isRoutine = ({ rule }: ExplainedDivergence) => rule?.routine === true;
	const [first, ...others] = explained.filter((divergence) => !isRoutine(divergence));
	const attempt = stored?.attempts.at(-1);
	return {
		record,
		first,
		others,
		routine: explained.filter(isRoutine),
		changes: stored && attempt ? requestChanges(stored, attempt) : undefined,
	};
}

/** Whether an exchange departs from what was expected. */
export function isDivergent(record: ExchangeRecord): boolean {
	return explain(record).first !== undefined;
}

/** The failure that ended an exchange. A client that disconnected got no status, and nothing was wrong. */
function explainFailure(record: ExchangeRecord): ExplainedDivergence | undefined {
	const { failure, status } = record;
	const name = failureClassOf(record);
	if (failure === undefined || name === undefined || status === 0) return undefined;
	return {
		kind: `failure ${name}`,
		where: "upstream",
		// The class comes before the provider's text.
		seen: failure.slice(name.length + ": ".length),
		done: status === 200 ? "reported as an error event" : `reported with status ${status}`,
		rule: ruleOfFailure(name),
	};
}
