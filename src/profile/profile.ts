import type { DialectName, QuirksInput } from "./quirks.ts";
import { DEFAULT_QUIRKS } from "./quirks.ts";
import type { Price, Target } from "./target.ts";

/** Claude Code's model tiers, and the model of its subagents. */
export const TIERS = ["opus", "sonnet", "haiku", "fable", "subagent"] as const;
export type Tier = (typeof TIERS)[number];

export interface Endpoint {
	/** Without a trailing slash. */
	baseUrl: string;
	auth?: { header: string; value: string } | undefined;
	headers?: Record<string, string> | undefined;
	quirks?: QuirksInput | undefined;
}

export interface Model {
	id: string;
	/** Name shown in `/model`; the id when absent. */
	title?: string | undefined;
	contextWindow?: number | undefined;
	maxOutput?: number | undefined;
	vision: boolean;
	thinking: "none" | "toggle" | "always";
	price?: Price | undefined;
	/** Dialect that this model needs, where it differs from the profile's. */
	dialect?: DialectName | undefined;
	quirks?: QuirksInput | undefined;
}

/** A profile with everything resolved: `extends` merged, variables filled in, the key read. */
export interface Profile {
	name: string;
	title: string;
	status: "documented" | "verified" | "user";
	dialect: DialectName;
	endpoints: Partial<Record<DialectName, Endpoint>>;
	/** The key itself. Stays in this process. */
	key: string | undefined;
	headers: Record<string, string>;
	models: Record<string, Model>;
	/** Model id of each tier. Every tier is filled. */
	tiers: Record<Tier, string>;
	quirks: QuirksInput;
	/** The endpoint serves Claude's own model ids: they pass unmapped (Anthropic itself, a gateway of the user's). */
	passClaudeModels?: boolean | undefined;
	/** Limits towards the provider that cc-any keeps by itself. */
	limits?: Target["limits"] | undefined;
	/** Names of repairs that are switched off. */
	disabledRepairs: string[];
}

const BEARER = { header: "authorization", value: "Bearer {key}" };

/** The model as the profile knows it. A list is not closed: an unknown name goes upstream as it is, limits unknown. */
export function modelOf(profile: Profile, id: string): Model {
	return profile.models[id] ?? { id, vision: true, thinking: "toggle" };
}

/** Puts together where a request for `modelId` goes. Quirks: defaults, then profile, endpoint, model. */
export function targetOf(profile: Profile, modelId: string): Target {
	const model = modelOf(profile, modelId);
	const dialect = model.dialect ?? profile.dialect;
	const endpoint = profile.endpoints[dialect];
	if (!endpoint) throw new Error(`profile ${profile.name} has no ${dialect} endpoint`);
	return {
		profile: profile.name,
		model: model.id,
		dialect,
		baseUrl: endpoint.baseUrl.replace(/\/+$/, ""),
		key: profile.key,
		auth: endpoint.auth ?? BEARER,
		headers: { ...profile.headers, ...endpoint.headers },
		quirks: { ...DEFAULT_QUIRKS, ...profile.quirks, ...endpoint.quirks, ...model.quirks } as Target["quirks"],
		contextWindow: model.contextWindow,
		maxOutput: model.maxOutput,
		vision: model.vision,
		thinking: model.thinking,
		price: model.price,
		limits: profile.limits ?? {},
		disabledRepairs: profile.disabledRepairs,
	};
}
