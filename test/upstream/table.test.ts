import { describe, expect, test } from "vitest";
import type { FailurePolicy } from "../../src/upstream/failures/policy.ts";
import { FAILURES, type FailureClass, policyNamed } from "../../src/upstream/failures/table.ts";

const rows = Object.entries(FAILURES);
describe.each(rows)("%s", (name, policy) => {
	test("is retried by Claude Code only if it is retried here too", () => {
		const { clientRetries, retries, claudeCodeStatus = policy.status } = policy;
		// An empty turn has cost the prompt twice by then; a server that may be starting had its time.
		if (!["empty-turn", "unreachable"].includes(name)) expect(retries > 0).toBe(clientRetries);
		// Claude Code 2.1.332 retries 408, 409, 429 and 5xx, and sends a 400 and a 422 again in other forms.
		expect(claudeCodeStatus === 429 || claudeCodeStatus >= 500).toBe(clientRetries);
		expect([408, 409, 422]).not.toContain(claudeCodeStatus);
	});

	test("has a status of Anthropic's for other clients", () => {
		expect([400, 401, 402, 403, 404, 429, 500, 529]).toContain(policy.status);
	});

	test("says something about the target only where a retry may help", () => {
		expect(policy.health !== "unknown" && policy.retries === 0).toBe(false);
	});
});

type Decision = "fallback" | "outage" | "mayNameWait";

test.each<[Decision, FailureClass[], FailureClass[]]>([
	[
		"fallback",
		[
			"rate-limit",
			"concurrency",
			"overloaded",
			"quota",
			"balance",
			"model-not-found",
			"transient",
			"network",
			"truncated",
		],
		["auth", "permission", "bad-request", "context-overflow", "content-filter", "deterministic", "tool-use-failed"],
	],
	[
		"outage",
		["rate-limit", "concurrency", "overloaded", "quota", "balance", "auth", "transient", "network"],
		["model-not-found", "bad-request", "context-overflow", "truncated", "tool-use-failed", "deterministic"],
	],
	[
		"mayNameWait",
		["rate-limit", "concurrency", "overloaded", "quota", "transient"],
		["balance", "auth", "bad-request", "context-overflow", "network", "truncated", "tool-use-failed"],
	],
])("%s", (decision, yes, no) => {
	for (const name of yes) expect([name, FAILURES[name][decision]]).toEqual([name, true]);
	for (const name of no) expect([name, FAILURES[name][decision]]).toEqual([name, false]);
});

test("every failure but an overflow, which has its own message, says what the user can do", () => {
	const target = { profile: "the-profile", model: "the-model" };
	const silent = rows.filter(([, { remedy }]) => remedy(target) === "");
	expect(silent.map(([name]) => name)).toEqual(["context-overflow"]);
});

const FLAGS = ["clientRetries", "mayNameWait", "fallback", "outage"] as const;

/** Class, status, error type, retries, health, verdict, and which decisions are yes. */
const POLICIES: readonly [string, number, string, number, FailurePolicy["health"], string, (typeof FLAGS)[number][]][] =
	[
		[
			"rate-limit",
			429,
			"rate_limit_error",
			4,
			"limited",
			"provider",
			["clientRetries", "mayNameWait", "fallback", "outage"],
		],
		[
			"concurrency",
			429,
			"rate_limit_error",
			4,
			"limited",
			"provider",
			["clientRetries", "mayNameWait", "fallback", "outage"],
		],
		[
			"overloaded",
			529,
			"overloaded_error",
			4,
			"down",
			"provider",
			["clientRetries", "mayNameWait", "fallback", "outage"],
		],
		["quota", 402, "billing_error", 0, "unknown", "provider", ["mayNameWait", "fallback", "outage"]],
		["balance", 402, "billing_error", 0, "unknown", "provider", ["fallback", "outage"]],
		["budget", 402, "billing_error", 0, "unknown", "client", []],
		["auth", 401, "authentication_error", 0, "unknown", "client", ["outage"]],
		["permission", 403, "permission_error", 0, "unknown", "client", []],
		["model-not-found", 404, "not_found_error", 0, "unknown", "cc-any", ["fallback"]],
		["context-overflow", 400, "invalid_request_error", 0, "unknown", "client", []],
		["max-tokens", 400, "invalid_request_error", 0, "unknown", "cc-any", []],
		["unsupported-parameter", 400, "invalid_request_error", 0, "unknown", "cc-any", []],
		["reasoning-missing", 400, "invalid_request_error", 0, "unknown", "client", []],
		["reasoning-refused", 400, "invalid_request_error", 0, "unknown", "provider", []],
		["wrong-dialect", 400, "invalid_request_error", 0, "unknown", "cc-any", []],
		["wrong-address", 404, "not_found_error", 0, "unknown", "client", ["fallback"]],
		["content-filter", 400, "invalid_request_error", 0, "unknown", "provider", []],
		["bad-request", 400, "invalid_request_error", 0, "unknown", "cc-any", []],
		["transient", 500, "api_error", 4, "down", "provider", ["clientRetries", "mayNameWait", "fallback", "outage"]],
		["deterministic", 400, "invalid_request_error", 0, "unknown", "provider", []],
		["empty-turn", 400, "invalid_request_error", 1, "unknown", "model", []],
		["tool-use-failed", 500, "api_error", 1, "unknown", "model", ["clientRetries"]],
		["generation-failed", 500, "api_error", 1, "unknown", "provider", ["clientRetries", "fallback"]],
		["unreachable", 500, "api_error", 20, "unknown", "network", ["fallback", "outage"]],
		["untrusted-certificate", 500, "api_error", 0, "unknown", "network", ["fallback", "outage"]],
		["invalid-certificate", 500, "api_error", 0, "unknown", "unknown", ["fallback", "outage"]],
		["proxy-refused", 500, "api_error", 0, "unknown", "network", ["fallback", "outage"]],
		["intercepted", 500, "api_error", 0, "unknown", "network", ["fallback", "outage"]],
		["network", 500, "api_error", 4, "down", "network", ["clientRetries", "fallback", "outage"]],
		["truncated", 500, "api_error", 4, "down", "provider", ["clientRetries", "fallback"]],
		["stalled", 500, "api_error", 4, "down", "provider", ["clientRetries", "fallback"]],
	];

test.each(POLICIES)("the policy of %s", (name, status, errorType, retries, health, verdict, yes) => {
	const policy = policyNamed(name);
	expect(policy).toMatchObject({ status, errorType, retries, health, verdict });
	expect(FLAGS.filter((flag) => policy?.[flag])).toEqual(yes);
	expect(policy?.expected).toMatch(/\w+ \w+/);
});

test("every class has its policy in the table above", () => {
	expect(POLICIES.map(([name]) => name)).toEqual(Object.keys(FAILURES));
	expect(policyNamed("a bug")).toBeUndefined();
	expect(policyNamed("toString")).toBeUndefined();
});

test("what a failure departed from is written down where no error page says it", () => {
	const sources = rows.flatMap(([name, { source }]) => (source === undefined ? [] : [[name, source]]));
	expect(Object.fromEntries(sources)).toEqual({
		auth: "the profile's key",
		budget: "limits in the profile",
		permission: "the provider's account",
		"model-not-found": "the profile's models",
		"context-overflow": "contextWindow of the model in the profile",
		"max-tokens": "maxOutput in the profile",
		"unsupported-parameter": "the profile's quirks: one is missing",
		"reasoning-missing": "quirk `reasoningRequired` of the profile, which names its own source",
		"reasoning-refused": "platform.openai.com/docs/api-reference/responses",
		"wrong-dialect": "dialect in the profile",
		"wrong-address": "baseUrl and dialect of the profile",
		"content-filter": "the provider's own policy",
		"empty-turn": "platform.claude.com/docs/en/api/messages",
		unreachable: "baseUrl of the profile",
		"untrusted-certificate": "nodejs.org/api/cli.html#node_extra_ca_certsfile",
		"invalid-certificate": "nodejs.org/api/tls.html#x509-certificate-error-codes",
		"proxy-refused": "HTTPS_PROXY, HTTP_PROXY, ALL_PROXY",
		"tool-use-failed": "platform.claude.com/docs/en/agents-and-tools/tool-use/implement-tool-use",
		intercepted: "RFC 9110",
		network: "RFC 9110",
		truncated: "platform.claude.com/docs/en/build-with-claude/streaming: message_stop",
		stalled: "patience in the profile",
	});
});

test("a remedy names the profile or the model that it is about", () => {
	const remedy = (name: FailureClass) => FAILURES[name].remedy({ profile: "the-profile", model: "the-model" });
	for (const name of ["quota", "balance"] as const) expect(remedy(name)).toContain("cc-any profiles");
	for (const name of ["max-tokens", "wrong-dialect", "tool-use-failed", "model-not-found"] as const)
		expect(remedy(name)).toContain("the-model");
	for (const name of ["auth", "unsupported-parameter", "model-not-found"] as const)
		expect(remedy(name)).toContain("cc-any profiles show the-profile");
	for (const { remedy: of } of Object.values(FAILURES))
		expect(of({ profile: "127.0.0.1:8000", model: "m", isAddress: true })).not.toMatch(/profiles show|in its profile/);
});
