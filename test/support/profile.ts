import type { Profile } from "../../src/profile/model/profile.ts";

/** A profile for tests: one model on one endpoint. */
export function testProfile(baseUrl: string, overrides: Partial<Profile> = {}): Profile {
	const model = {
		id: "test-model",
		contextWindow: 128_000,
		maxOutput: 8192,
		vision: true,
		thinking: "toggle" as const,
	};
	return {
		name: "test",
		title: "Test",
		dialect: "openai-chat",
		endpoints: { "openai-chat": { baseUrl: `${baseUrl}/v1` }, anthropic: { baseUrl } },
		key: "provider-secret-key",
		headers: {},
		models: { [model.id]: model },
		tiers: { opus: model.id, sonnet: model.id, haiku: model.id, fable: model.id, subagent: model.id },
		quirks: {},
		disabledRepairs: [],
		...overrides,
	};
}
