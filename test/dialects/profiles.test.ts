import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { CODECS } from "../../src/dialects/index.ts";
import { type Profile, targetOf } from "../../src/profile/model/profile.ts";
import type { DialectName } from "../../src/profile/model/quirks.ts";
import type { Target } from "../../src/profile/model/target.ts";
import { resolveProfile } from "../../src/profile/resolve/resolve-profile.ts";
import { builtinNames } from "../../src/profile/sources/builtin.ts";
import type { MessageRequest } from "../../src/protocol/messages.ts";
import { repairRequest } from "../../src/repairs/index.ts";
import { counter, FIXTURES } from "../support/fixture.ts";
import { violationsOf } from "../support/invariants.ts";
import { quirkViolations } from "../support/quirk-rules.ts";

const folder = join(FIXTURES, "requests");
const recorded = readdirSync(folder).filter((file) => file.endsWith(".json"));
const requests = recorded.map((file) => JSON.parse(readFileSync(join(folder, file), "utf8")) as MessageRequest);
/** Profiles that say why they cannot be used. */
const UNAVAILABLE = ["github-copilot", "github-models", "openai-codex"];
const names = builtinNames().filter((name) => !UNAVAILABLE.includes(name));
const home = mkdtempSync(join(tmpdir(), "cc-any-codecs-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Every model of the profile over every endpoint it has. */
function targetsOf(profile: Profile): Target[] {
	const models = new Set([...Object.keys(profile.models), ...Object.values(profile.tiers)]);
	return (Object.keys(profile.endpoints) as DialectName[]).flatMap((dialect) =>
		[...models].map((model) => targetOf({ ...profile, dialect }, model)),
	);
}

describe.each(names)("the recorded requests keep the rules of %s", (name) => {
	test("for every model, over every endpoint", async () => {
		const environment = { env: { AZURE_OPENAI_RESOURCE: "mine", AWS_REGION: "us-east-1" }, home };
		const selection = { cwd: home, profile: name };
		const { profile } = await resolveProfile(selection, environment, { tolerant: true }).catch(() =>
			resolveProfile({ ...selection, model: "some-model" }, environment, { tolerant: true }),
		);
		const found = new Set<string>();
		for (const target of targetsOf(profile)) {
			const { encode } = CODECS[target.dialect];
			for (const [index, request] of requests.entries()) {
				const repaired = repairRequest(request, { target, mintId: counter(), note: () => {} });
				const { body } = encode(repaired, target, () => {}, ["context-management-2025-06-27"]);
				const general = violationsOf(target.dialect, body, target.quirks);
				for (const line of [...general, ...quirkViolations(body, target)]) {
					found.add(`${target.dialect} ${target.model} ${recorded[index]}: ${line}`);
				}
			}
		}
		expect([...found]).toEqual([]);
	});
});
