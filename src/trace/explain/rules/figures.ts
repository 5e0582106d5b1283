import { type Rule, SOURCES } from "./rule.ts";

const stall = `${SOURCES.measured}: a stall is shown after 20 s`;

const remark = (verdict: Rule["verdict"], expected: string, source: string, more: Partial<Rule> = {}): Rule => ({
	stage: "upstream",
	verdict,
	expected,
	source,
	remark: true,
	...more,
});

/** What the figures of an exchange show: nothing was repaired, but the session was slower or dearer than it had to be. */
export const FIGURE_RULES: Readonly<Record<string, Rule>> = {
	"slow-first-token": remark("provider", "the first token as soon as in other exchanges", stall, {
		next: "cc-any check {profile} --only first-token",
	}),
	lump: remark("provider", "a reply that arrives in pieces", SOURCES.streaming, {
		next: "cc-any check {profile} --only streaming",
	}),
	stall: remark("provider", "a stream without long pauses", stall, {
		next: "cc-any check {profile} --only streaming,first-token",
	}),
	"no-answer": remark("provider", "an answer before the user gave up", stall, { next: "cc-any doctor {profile}" }),
	cancelled: remark("client", "a client that waits for the whole reply", "the connection that the client closed"),
	"system-changed": remark("client", "the system prompt of the request before", SOURCES.caching),
	"tools-changed": remark("client", "the tools of the request before", SOURCES.caching),
	"model-switched": remark("client", "the model of the request before", SOURCES.caching),
};
