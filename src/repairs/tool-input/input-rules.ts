import { isDeepStrictEqual } from "node:util";
import type { InputRule } from "../../profile/model/target.ts";
import type { Json } from "../../protocol/messages.ts";

type Input = { [key: string]: Json };

/** Applies the `repairs` of a profile, in order. The same object when none matches. */
export function applyRules(input: Input, tool: string, rules: readonly InputRule[], findings: string[]): Input {
	return rules.reduce((value, rule) => {
		const { field } = rule;
		if (rule.tool !== tool || !Object.hasOwn(value, field)) return value;
		if (rule.value !== undefined && !isDeepStrictEqual(value[field], rule.value)) return value;
		if (rule.action === "rename" && Object.hasOwn(value, String(rule.to))) return value;
		findings.push(`${describeAction(rule)} (repairs in the profile)`);
		return Object.fromEntries(
			Object.entries(value).flatMap(([key, entry]): [string, Json][] => {
				if (key !== field) return [[key, entry]];
				if (rule.action === "remove") return [];
				return [rule.action === "rename" ? [String(rule.to), entry] : [key, rule.to as Json]];
			}),
		);
	}, input);
}

function describeAction({ field, action, to }: InputRule): string {
	if (action === "remove") return `${field} left out`;
	return action === "rename" ? `${field} renamed to ${to}` : `${field} set to ${JSON.stringify(to)}`;
}
