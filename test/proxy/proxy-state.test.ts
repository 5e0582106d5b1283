import { expect, test } from "vitest";
import type { Profile } from "../../src/profile/model/profile.ts";
import type { ContentBlock, MessageRequest } from "../../src/protocol/messages.ts";
import { ProxyState } from "../../src/proxy/proxy-state.ts";
import { NO_RECORDER } from "../../src/trace/record/taps.ts";
import { testProfile } from "../support/profile.ts";

const transport = {
	request: () => Promise.reject(new Error("nothing is sent here")),
	close: async () => {},
};
const stateOf = (profile: Profile) =>
	new ProxyState({ profile, transport, onExchange: () => {}, recorder: NO_RECORDER, onSecret: () => {} });

/** A profile with one model of each tier, all alike. */
function profileNamed(name: string, model: { vision?: boolean; contextWindow?: number } = {}): Profile {
	const modelOf = (id: string) => ({
		id,
		contextWindow: 1000,
		vision: true,
		thinking: "none" as const,
		...model,
	});
	const tiers = { opus: "large", sonnet: "medium", haiku: "small", fable: "large", subagent: "medium" };
	return testProfile(`http://${name}.example`, {
		name,
		tiers,
		models: Object.fromEntries(["large", "medium", "small"].map((id) => [id, modelOf(id)])),
	});
}

const requestOf = (content: string | ContentBlock[], model = "large"): MessageRequest => ({
	model,
	max_tokens: 9,
	messages: [{ role: "user", content }],
});
const IMAGE: ContentBlock = { type: "image", source: { type: "base64", media_type: "image/png", data: "" } };

/** The targets of a request, in the order in which they would be tried. */
function targetsFor(profile: Profile, request: MessageRequest, requestChars = 100): string[] {
	const route = stateOf(profile).route(request, requestChars, { purpose: "main" }, () => {});
	const targets = [];
	for (
		let target = route.current();
		target;
		target = route.next({ class: "overloaded", message: "", status: 529 }) as never
	)
		targets.push(`${target.profile}/${target.model}`);
	return targets;
}

const withFallback = (fallback: Profile, model?: string): Profile => ({
	...profileNamed("first"),
	fallbacks: [{ profile: fallback, ...(model !== undefined && { model }) }],
});

test.each([
	["large", "second/large"],
	["medium", "second/medium"],
	["small", "second/small"],
	["a-model-of-no-tier", "second/large"],
])("%s falls back to the model of the same tier", (model, fallback) => {
	expect(targetsFor(withFallback(profileNamed("second")), requestOf("hi", model))).toEqual([
		`first/${model}`,
		fallback,
	]);
});

test("a fallback's own model is taken where the profile names one", () => {
	expect(targetsFor(withFallback(profileNamed("second"), "small"), requestOf("hi"))).toEqual([
		"first/large",
		"second/small",
	]);
});

test("images are not sent to a fallback without vision", () => {
	const profile = withFallback(profileNamed("second", { vision: false }));
	expect(targetsFor(profile, requestOf([IMAGE]))).toEqual(["first/large"]);
	expect(targetsFor(profile, requestOf([{ type: "text", text: "hi" }]))).toEqual(["first/large", "second/large"]);
	expect(targetsFor(withFallback(profileNamed("second")), requestOf([IMAGE]))).toHaveLength(2);
});

test("a conversation is not sent to a fallback whose window it exceeds at eight characters a token", () => {
	const profile = withFallback(profileNamed("second", { contextWindow: 1000 }));
	expect(targetsFor(profile, requestOf("hi"), 8000)).toHaveLength(2);
	expect(targetsFor(profile, requestOf("hi"), 8001)).toEqual(["first/large"]);
});

test("a model of another profile, chosen by hand, has no fallback", () => {
	const profile = { ...withFallback(profileNamed("second")), others: [profileNamed("other")] };
	expect(targetsFor(profile, requestOf("hi", "other/large"))).toEqual(["other/large"]);
});

test("the outage of one model says nothing about another one", () => {
	const state = stateOf(withFallback(profileNamed("second")));
	const route = (model: string) => state.route(requestOf("hi", model), 100, { purpose: "main" }, () => {});
	route("large").next({ class: "overloaded", message: "", status: 529 });
	expect(["large", "medium"].map((model) => route(model).current().profile)).toEqual(["second", "first"]);
});

test("exchanges are numbered from 1", () => {
	const state = stateOf(profileNamed("first"));
	expect([1, 2, 3].map(() => state.newRecord(requestOf("hi")).number)).toEqual([1, 2, 3]);
});
