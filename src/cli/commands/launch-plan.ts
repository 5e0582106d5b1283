import type { Settings } from "../../launch/settings.ts";
import type { Profile } from "../../profile/model/profile.ts";

/** A start of claude, decided but not yet carried out. */
export interface LaunchPlan {
	profile: Profile;
	/** claude's arguments as the user gave them. */
	claudeArguments: readonly string[];
	/** What goes into the temporary settings file; undefined: there is none. */
	settings: Settings | undefined;
	/** Claude's status line shows ours; `own` is the user's setting, which then comes first. */
	statusLine: { own: unknown } | undefined;
	requestedModel: string | undefined;
}
