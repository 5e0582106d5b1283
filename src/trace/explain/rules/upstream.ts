import type { FailureClass } from "../../../upstream/failures/table.ts";
import { type Rule, SOURCES } from "./rule.ts";

const upstream = (expected: string, more: Partial<Rule> = {}): Rule => ({
	stage: "upstream",
	verdict: "provider",
	expected,
	source: SOURCES.errors,
	...more,
});

/** What happens between the request that is sent and its reply. */
export const UPSTREAM_RULES: Readonly<Record<string, Rule>> = {
	retry: upstream("an answer to the first request"),
	fallback: upstream("an answer from the first target"),
	brake: upstream("a provider that answers: the last ones failed, so it was left in peace"),
	"open-end": upstream("the end of the reply after its finish reason"),
	"silent-cut": upstream("a prompt that is taken whole, or refused", { source: SOURCES.messages }),
	"oversized-request": upstream("a conversation that fits the window", {
		verdict: "client",
		source: "contextWindow of the model in the profile, or learned from the provider",
	}),
	"max-tokens-learned": upstream("the output limit that the profile names", { source: "maxOutput in the profile" }),
	"dialect-switched": upstream("a model that speaks the wire of its profile", { source: "dialect in the profile" }),
	"token-count": upstream("a count of the tokens, where the profile names the route", {
		source: SOURCES.quirk("countTokens"),
	}),
	"key-renewed": upstream("a key that is valid", {
		verdict: "client",
		source: "the command that prints the profile's key",
	}),
	"parameter-refused": upstream("the fields of the wire that the profile names", {
		verdict: "proxy",
		source: "the profile's quirks: one is missing",
	}),
	"reasoning-scrubbed": upstream("earlier reasoning that its maker takes back", { source: SOURCES.responses }),
	"reasoning-restored": upstream("a history without reasoning", { source: SOURCES.quirk("reasoningRequired") }),
};

/** What a failure that ended an exchange says about its parties. */
export const FAILURE_RULES: Readonly<Record<FailureClass, Rule>> = {
	"rate-limit": upstream("a request within the rate limit of the account"),
	concurrency: upstream("no more requests at once than the account may send"),
	overloaded: upstream("a provider with capacity"),
	quota: upstream("a plan that is not used up"),
	balance: upstream("an account with money"),
	auth: upstream("a valid key", { verdict: "client", source: "the profile's key" }),
	permission: upstream("an account that may do this", { verdict: "client", source: "the provider's account" }),
	"model-not-found": upstream("a model that the provider serves", { verdict: "proxy", source: "the profile's models" }),
	"context-overflow": upstream("a conversation that fits into the window", {
		verdict: "client",
		source: "contextWindow of the model in the profile",
	}),
	"max-tokens": upstream("a limit that the provider takes", { verdict: "proxy", source: "maxOutput in the profile" }),
	"unsupported-parameter": upstream("only fields that the provider takes", {
		verdict: "proxy",
		source: "the profile's quirks: one is missing",
	}),
	"reasoning-missing": upstream("reasoning with each earlier turn", {
		verdict: "client",
		source: SOURCES.quirk("reasoningRequired"),
	}),
	"reasoning-refused": upstream("earlier reasoning that its maker takes back", { source: SOURCES.responses }),
	"wrong-dialect": upstream("the wire that the model needs", { verdict: "proxy", source: "dialect in the profile" }),
	"content-filter": upstream("content that the provider's filter passes", { source: "the provider's own policy" }),
	"bad-request": upstream("a request that the provider takes", { verdict: "proxy" }),
	transient: upstream("a server without errors"),
	deterministic: upstream("an answer: the same request fails each time"),
	"tool-use-failed": upstream("a tool call that its server can read", { verdict: "model", source: SOURCES.tools }),
	network: upstream("a connection", { source: "RFC 9110" }),
	truncated: upstream("a reply up to its end", { source: `${SOURCES.streaming}: message_stop` }),
};
