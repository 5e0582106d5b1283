import { mainModel } from "../../../launch/main-model.ts";
import { minuteOf } from "../../../platform/figures.ts";
import type { Environment } from "../../../platform/paths.ts";
import type { Profile } from "../../../profile/model/profile.ts";
import { keptLimits, withAskedLimits } from "../../main-limits.ts";
import { Resources } from "../../session.ts";
import type { DoctorFinding } from "./finding.ts";

/** The context window of the main model, which is asked for as a run would, and its source. */
export async function examineWindow(profile: Profile, environment: Environment): Promise<DoctorFinding> {
	const check = "window";
	const resources = new Resources();
	try {
		const known = mainModel(await withAskedLimits(profile, { environment }, resources)).model;
		const given = mainModel(profile).model.contextWindow;
		if (known.contextWindow === undefined) {
			const text = `the server does not name the context window of ${known.id}`;
			return { check, state: "warning", text, fix: "--context 32k, or `contextWindow` in the profile" };
		}
		const kept = keptLimits(profile, { environment });
		const isAsked = kept?.contextWindow === known.contextWindow;
		const source = isAsked
			? `the server, ${minuteOf(kept.at)}`
			: given === known.contextWindow
				? "the profile"
				: "its refusals";
		return { check, state: "ok", text: `${known.contextWindow.toLocaleString("en-US")} tokens (from ${source})` };
	} finally {
		await resources.release();
	}
}
