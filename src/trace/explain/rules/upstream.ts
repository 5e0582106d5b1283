import { policyNamed } from "../../../upstream/failures/table.ts";
import { type Rule, SOURCES } from "./rule.ts";

const upstream = (expected: string, more: Partial<Rule> = {}): Rule => ({
	stage: "upstream",
	verdict: "provider",
	expected,
	source: SOURCES.errors,
	...more,
});

/** Events between a request that is sent and its reply. */
export const UPSTREAM_RULES: Readonly<Record<string, Rule>> = {
	retry: upstream("an answer to the first request"),
	fallback: upstream("an answer from the first target"),
	"fallback-ended": upstream("the first target, which was tried again after the time of the fallback", {
		routine: true,
	}),
	brake: upstream("a provider that answers: recent requests failed, so it was not asked"),
	"repeated-failure": upstream("a request without what was refused", { verdict: "client", source: SOURCES.measured }),
	"open-end": upstream("the end of the reply after its finish reason"),
	"silent-cut": upstream("a prompt that is read completely, or refused", { source: SOURCES.messages }),
	"oversized-request": upstream("a conversation that fits the window", {
		verdict: "client",
		source: "contextWindow of the model in the profile, or learned from the provider",
	}),
	"max-tokens-learned": upstream("the output limit that the profile names", { source: "maxOutput in the profile" }),
	"dialect-switched": upstream("a model that speaks the wire of its profile", { source: "dialect in the profile" }),
	"token-count": upstream("a token count, if the profile names the route", {
		source: SOURCES.quirk("countTokens"),
	}),
	"key-renewed": upstream("a key that is valid", {
		verdict: "client",
		source: "the command that prints the profile's key",
	}),
	"budget-warning": upstream("a budget with enough left", {
		verdict: "client",
		source: "limits in the profile",
	}),
	"budget-unpriced": upstream("a price of the model, for the budget", {
		verdict: "client",
		source: "price in the profile",
	}),
	"budget-estimated": upstream("counts of the provider for each reply that has begun", {
		source: "docs/profiles.md",
		routine: true,
	}),
	"budget-lost": upstream("a writable file for the usage of today", {
		verdict: "cc-any",
		source: "docs/profiles.md",
	}),
	"key-switched": upstream("an answer with the first key of the profile", {
		verdict: "client",
		source: "`keys` of the profile",
	}),
	"key-returned": upstream("the first key of the profile", { source: "`keys` of the profile", routine: true }),
	"parameter-refused": upstream("the fields of the wire that the profile names", {
		verdict: "cc-any",
		source: "the profile's quirks: one is missing",
	}),
	"learned-earlier": upstream("what earlier runs have learned from refusals (`cc-any doctor` shows it)", {
		verdict: "cc-any",
		source: "the profile's quirks: one is missing",
		routine: true,
	}),
	"learned-lost": upstream("a readable file of what was learned", {
		verdict: "cc-any",
		source: "docs/resilience.md",
	}),
	"reasoning-scrubbed": upstream("earlier reasoning that the provider accepts back", { source: SOURCES.responses }),
	"reasoning-restored": upstream("a history without reasoning", { source: SOURCES.quirk("reasoningRequired") }),
};

/** The rule of a failure that ended an exchange, by its class; undefined if the class is not known. */
export function ruleOfFailure(name: string): Rule | undefined {
	const policy = policyNamed(name);
	if (!policy) return undefined;
	const { expected, verdict, source = SOURCES.errors } = policy;
	return { stage: "upstream", verdict, expected, source, next: NEXT_OF_FAILURE[name] };
}

const FORM = "cc-any check {profile} --apply";
const ANSWERS = "cc-any check {profile} --only streaming,first-token";

/** The next command after a failure if it is another than that of the verdict. */
const NEXT_OF_FAILURE: Readonly<Record<string, string>> = {
	"rate-limit": "cc-any check {profile} --only requests-at-once",
	concurrency: "cc-any check {profile} --only requests-at-once",
	quota: "cc-any usage --by profile",
	balance: "cc-any usage --by profile",
	auth: "cc-any keys test {profile}",
	permission: "cc-any keys test {profile}",
	"model-not-found": "cc-any models {profile} --refresh",
	"context-overflow": "cc-any models {profile}",
	"max-tokens": FORM,
	"unsupported-parameter": FORM,
	"reasoning-missing": FORM,
	"bad-request": FORM,
	"wrong-address": "cc-any doctor {profile}",
	overloaded: "cc-any doctor {profile}",
	transient: "cc-any doctor {profile}",
	truncated: ANSWERS,
	stalled: ANSWERS,
};
