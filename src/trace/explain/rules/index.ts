import type { Divergence } from "../../../protocol/divergence.ts";
import { BLOCK_RULE, REQUEST_RULES } from "./request.ts";
import { RESPONSE_RULES } from "./response.ts";
import type { Rule } from "./rule.ts";
import { ruleOfFailure, UPSTREAM_RULES } from "./upstream.ts";

/** Every kind of divergence that cc-any records, and what it means. */
export const RULES: Readonly<Record<string, Rule>> = { ...REQUEST_RULES, ...UPSTREAM_RULES, ...RESPONSE_RULES };

/** The rule of a kind; undefined for one that is not known (a trace of another version). */
export function ruleOf(kind: string): Rule | undefined {
	if (Object.hasOwn(RULES, kind)) return RULES[kind];
	return kind.endsWith("-block") ? BLOCK_RULE : undefined;
}

/** The rule of the failure that ended an exchange, by the class that its text begins with. */
export function failureRule(failure: string): Rule | undefined {
	return ruleOfFailure(failure.split(":", 1)[0] ?? "");
}

/** The divergence without what may quote the conversation; kinds that are not known count as quoting. */
export function withoutQuotes(divergence: Divergence): Divergence {
	const rule = ruleOf(divergence.kind);
	if (rule && !rule.quotes) return divergence;
	return { kind: divergence.kind, where: divergence.where, seen: "", done: "" };
}
