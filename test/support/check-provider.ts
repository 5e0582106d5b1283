import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, vi } from "vitest";
import { PROBES } from "../../src/check/probes/index.ts";
import type { CheckReport } from "../../src/check/report/report.ts";
import { checkProfile, type ProfileCheckOptions } from "../../src/cli/commands/check/check-profile.ts";
import type { Profile } from "../../src/profile/model/profile.ts";
import { HonestModel } from "./honest-model.ts";
import { testProfile } from "./profile.ts";
import { type ChatRequest, ScriptedProvider, type ScriptedReply } from "./scripted-provider.ts";

/** A reply, damaged: the defect that a test seeds. `number` counts the requests from 1. */
export type Defect = (
	reply: ScriptedReply,
	request: ChatRequest,
	number: number,
) => ScriptedReply | Promise<ScriptedReply>;

/** Checks a provider that is honest but for one defect. */
export async function checkWith(
	defect: Defect = (reply) => reply,
	options: Partial<ProfileCheckOptions> & { only?: readonly string[]; turns?: number; profile?: Partial<Profile> } = {},
): Promise<CheckReport> {
	const model = new HonestModel();
	const script = (request: ChatRequest, number: number) => defect(model.reply(request), request, number);
	const provider = await ScriptedProvider.start(script, "provider-secret-key");
	const quirks = { thinkingOn: { enable_thinking: true }, thinkingOff: { enable_thinking: false } };
	const profile = testProfile(provider.baseUrl.replace(/\/v1$/, ""), { quirks, ...options.profile });
	const probes = options.only
		? PROBES.filter(({ name }) => options.only?.includes(name))
		: PROBES.filter(({ costly }) => !costly);
	const { runs = 2, budget, turns } = options;
	const loops = turns === undefined ? undefined : { count: 1, calls: turns };
	const report = await checkProfile(profile, probes, { runs, budget, loops });
	await provider.close();
	return report;
}

/** The records of the checks of a test file go into a folder of their own. */
export function keepStateApart(): void {
	const state = mkdtempSync(join(tmpdir(), "cc-any-check-"));
	beforeAll(() => void vi.stubEnv("XDG_STATE_HOME", state));
	afterAll(() => {
		vi.unstubAllEnvs();
		rmSync(state, { recursive: true, force: true });
	});
}
