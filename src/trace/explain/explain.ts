import type { Divergence } from "../../protocol/divergence.ts";
import type { ExchangeRecord } from "../record/exchange-record.ts";
import type { StoredExchange } from "../store/read-store.ts";
import { type RequestChange, requestChanges } from "./request-changes.ts";
import { failureRule, ruleOf } from "./rules/index.ts";
import type { Rule } from "./rules/rule.ts";

/** A divergence with what is known about its kind. */
export interface Finding extends Divergence {
	/** Undefined for a kind of another version of cc-any. */
	rule: Rule | undefined;
}

export interface Explanation {
	record: ExchangeRecord;
	/** The first departure from what was expected; undefined in a healthy exchange. */
	first: Finding | undefined;
	/** What followed it. */
	others: Finding[];
	/** Translations that belong to healthy exchanges too. */
	routine: Finding[];
	/** Undefined without a full trace. */
	changes: RequestChange[] | undefined;
}

/** Explains one exchange from its record, and from its bodies where they were kept. */
export function explain(record: ExchangeRecord, stored?: StoredExchange): Explanation {
	// The full trace has what the light record leaves out.
	const divergences = stored?.record?.divergences ?? record.divergences;
	const findings: Finding[] = divergences.map((divergence) => ({ ...divergence, rule: ruleOf(divergence.kind) }));
	if (record.failure && record.status !== 0) findings.push(failureFinding(record.failure, record.status));
	const isRoutine = ({ rule }: Finding) => rule?.routine === true;
	const [first, ...others] = findings.filter((finding) => !isRoutine(finding));
	const attempt = stored?.attempts.at(-1);
	return {
		record,
		first,
		others,
		routine: findings.filter(isRoutine),
		changes: stored && attempt ? requestChanges(stored, attempt) : undefined,
	};
}

/** Whether an exchange departs from what was expected. */
export function isDivergent(record: ExchangeRecord): boolean {
	return explain(record).first !== undefined;
}

function failureFinding(failure: string, status: number): Finding {
	const [name = "", ...words] = failure.split(": ");
	return {
		kind: `failure ${name}`,
		where: "upstream",
		seen: words.join(": "),
		done: status === 200 ? "told as an error event" : `told as status ${status}`,
		rule: failureRule(failure),
	};
}
