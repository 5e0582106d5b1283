import { describe, expect, test } from "vitest";
import type { Divergence } from "../../src/protocol/divergence.ts";
import { routeModel } from "../../src/proxy/delivery/route-model.ts";
import { sampleProfile } from "../support/sample-profile.ts";

const models = {
	"a/own": { id: "a/own", vision: true, thinking: "none" as const },
	own: { id: "own", vision: true, thinking: "none" as const, aliases: ["best"] },
};
const profile = sampleProfile({ models, others: [sampleProfile({ name: "a" })] });

describe("where a model id leads", () => {
	test.each([
		["a/other", ["a", "other"], "another profile, where `also` names it"],
		["a/other[1m]", ["a", "other"], "without Claude Code's selector"],
		["a/own", ["sample", "a/own"], "a router's own id of that form wins"],
		["b/other", ["sample", "b/other"], "a name that nobody knows goes on as it is"],
		["claude-haiku-4-5", ["sample", "sample-small"], "an id of Claude's goes to the model of its tier"],
		["claude-2.1", ["sample", "sample-large"], "an id of Claude's without a tier goes to the main model"],
		["haiku", ["sample", "sample-small"], "an alias of Claude Code goes to the model of its tier"],
		["sonnet[1m]", ["sample", "sample-large"], "also with Claude Code's selector"],
		["inherit", ["sample", "sample-large"], "an alias without a tier goes to the main model"],
		["opusplan", ["sample", "sample-large"], "and so does this one"],
		["best", ["sample", "best"], "the profile's own alias wins"],
		["constructor", ["sample", "constructor"], "an inherited name is no model"],
		["claude-opus-plan-haiku", ["sample", "sample-large"], "the first tier in the list counts"],
	])("%s → %j: %s", (id, expected) => {
		const notes: Divergence[] = [];
		const { profile: chosen, model } = routeModel(profile, id, (divergence) => notes.push(divergence));
		expect([chosen.name, model]).toEqual(expected);
		expect(notes.map(({ kind }) => kind)).toEqual(
			/^(?:claude-|haiku|sonnet|inherit|opusplan)/.test(id) ? ["model-mapped"] : [],
		);
	});
});

test("Bedrock's ids are Claude's too", () => {
	expect(routeModel(profile, "anthropic.claude-haiku-4-5", () => {}).model).toBe("sample-small");
});
