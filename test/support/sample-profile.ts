import type { Profile } from "../../src/profile/model/profile.ts";

/** A resolved profile as tests need it; any field can be replaced. */
export function sampleProfile(changes: Partial<Profile> = {}): Profile {
	return {
		name: "sample",
		title: "Sample",
		dialect: "openai-chat",
		endpoints: { "openai-chat": { baseUrl: "https://api.sample.test/v1" } },
		key: "sk-sample-0123456789",
		headers: {},
		models: {
			"sample-large": {
				id: "sample-large",
				title: "Sample Large",
				contextWindow: 262_144,
				maxOutput: 65_536,
				vision: true,
				thinking: "toggle",
			},
			"sample-small": {
				id: "sample-small",
				contextWindow: 131_072,
				maxOutput: 32_768,
				vision: false,
				thinking: "none",
			},
			"sample-tiny": { id: "sample-tiny", contextWindow: 65_536, maxOutput: 8_192, vision: false, thinking: "none" },
			"sample-unmeasured": { id: "sample-unmeasured", vision: false, thinking: "none" },
		},
		tiers: {
			opus: "sample-large",
			sonnet: "sample-large",
			haiku: "sample-small",
			fable: "sample-large",
			subagent: "sample-large",
		},
		quirks: {},
		disabledRepairs: [],
		...changes,
	};
}

/** Every tier on one model. */
export function everyTier(model: string): Profile["tiers"] {
	return { opus: model, sonnet: model, haiku: model, fable: model, subagent: model };
}
