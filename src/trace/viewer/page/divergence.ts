import { ruleOf } from "../../explain/rules/index.ts";
import type { ExchangeRecord } from "../../record/exchange-record.ts";

/** Kinds that are worth a look: what is not routine, and how it failed. */
export function kindsOf(record: ExchangeRecord): string[] {
	const kinds = record.divergences.map(({ kind }) => kind).filter((kind) => !ruleOf(kind)?.routine);
	const failure = record.failure === undefined ? [] : [`failure ${record.failure.split(":", 1)[0]}`];
	return [...new Set([...kinds, ...failure, ...(record.prefixBreak ? ["cache break"] : [])])];
}
