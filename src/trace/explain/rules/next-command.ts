import type { ResponsibleParty } from "../../../protocol/divergence.ts";
import type { Rule } from "./rule.ts";

/** What helps against most faults of each party. `{profile}`, `{session}` and `{n}` are filled in. */
const BY_VERDICT: Readonly<Record<ResponsibleParty, string>> = {
	client: "cc-any trace show {session} {n}",
	"cc-any": "cc-any doctor {profile}",
	network: "cc-any doctor {profile}",
	provider: "cc-any check {profile}",
	model: "cc-any check {profile}",
	unknown: "cc-any trace show {session} {n}",
};

export interface CommandPlace {
	session: string;
	/** Number of the exchange. */
	number: number;
	profile: string;
}

/** Profiles of addresses that were given without one. */
const AD_HOC = new Set(["custom", "environment", "model-overrides"]);

/** The next command after a finding. */
export function nextCommand(rule: Rule | undefined, { session, number, profile }: CommandPlace): string {
	const template = rule?.next ?? BY_VERDICT[rule?.verdict ?? "unknown"];
	// There is no profile that a command could name.
	if (AD_HOC.has(profile) && template.includes("{profile}")) return "cc-any doctor, with the options of that run";
	return template.replace("{profile}", profile).replace("{session}", session).replace("{n}", String(number));
}
