import type { Divergence } from "../../../protocol/divergence.ts";
import { type ExchangeRecord, failureClassOf } from "../../record/exchange-record.ts";
import { BLOCK_RULE, REQUEST_RULES } from "./request.ts";
import { RESPONSE_RULES } from "./response.ts";
import type { Rule } from "./rule.ts";
import { UPSTREAM_RULES } from "./upstream.ts";

export { ruleOfFailure } from "./upstream.ts";

/** Every kind of divergence that cc-any records, and what it means. */
export const RULES: Readonly<Record<string, Rule>> = { ...REQUEST_RULES, ...UPSTREAM_RULES, ...RESPONSE_RULES };

/** The rule of a kind; undefined for a kind that only another version of cc-any knows. */
export function ruleOf(kind: string): Rule | undefined {
	if (Object.hasOwn(RULES, kind)) return RULES[kind];
	return kind.endsWith("-block") ? BLOCK_RULE : undefined;
}

/** What is worth a look in an exchange: kinds that are not routine, its failure, and a break of the prompt cache. */
export function notableKinds(record: ExchangeRecord): string[] {
	const kinds = record.divergences.map(({ kind }) => kind).filter((kind) => !ruleOf(kind)?.routine);
	const failure = failureClassOf(record);
	if (failure !== undefined) kinds.push(`failure ${failure}`);
	if (record.prefixBreak) kinds.push("cache break");
	return [...new Set(kinds)];
}

/** The divergence without words that may quote the conversation. Unknown kinds are treated as quoting. */
export function withoutQuotes(divergence: Divergence): Divergence {
	const rule = ruleOf(divergence.kind);
	if (rule && !rule.quotes) return divergence;
	return { ...divergence, seen: "", done: "" };
}
