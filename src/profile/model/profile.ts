import type { DialectName, QuirksInput } from "./quirks.ts";
import { DEFAULT_QUIRKS } from "./quirks.ts";
import type { Alternative, Price, Target } from "./target.ts";

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
	/** Effort levels it knows, in Claude Code's words. */
	efforts?: string[] | undefined;
	aliases?: string[] | undefined;
	notes?: string[] | undefined;
	/** Where this model alone is reached; the profile's endpoint of its dialect when absent. */
	endpoint?: Endpoint | undefined;
	/** Key of this model alone. Stays in this process. */
	key?: string | undefined;
	/** Reads it anew, where a command prints it. */
	renewKey?: (() => Promise<string | undefined>) | undefined;
}

/** Why a quirk is there, and where that is documented. */
export interface QuirkReason {
	why: string;
	source: string;
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
	/** Reads the key anew, where a command prints it: a token of a cloud lives about an hour. */
	renewKey?: (() => Promise<string | undefined>) | undefined;
	headers: Record<string, string>;
	models: Record<string, Model>;
	/** Model id of each tier. Every tier is filled. */
	tiers: Record<Tier, string>;
	quirks: QuirksInput;
	/** The endpoint serves Claude's own model ids: they pass unmapped (Anthropic itself, a gateway of the user's). */
	passClaudeModels?: boolean | undefined;
	/** Names of repairs that are switched off. */
	disabledRepairs: string[];
	aliases?: string[] | undefined;
	/** The regional or plan variant in use. */
	region?: string | undefined;
	/** Variants that can be chosen, with their titles. */
	regions?: Record<string, string> | undefined;
	/** Profiles or models that take over when this one fails, in order. */
	fallback?: string[] | undefined;
	/** The same, resolved, in the order in which they are tried. */
	fallbacks?: Fallback[] | undefined;
	/** Profiles whose models may be chosen beside this one's, as `profile/model`. */
	also?: string[] | undefined;
	/** The same, resolved. */
	others?: Profile[] | undefined;
	/** A fallback is also told in the conversation. */
	announceFallback?: boolean | undefined;
	/** Limits towards the provider that cc-any keeps by itself. */
	limits?: Target["limits"] | undefined;
	/** Longest waits in seconds; absent ones have defaults. */
	patience?: { firstToken?: number | undefined; progress?: number | undefined } | undefined;
	/** Search engine for WebSearch, where the provider does not search by itself. Its key stays in this process. */
	search?: { engine: "searxng" | "brave" | "tavily"; url?: string | undefined; key?: string | undefined } | undefined;
	/** Every exchange is recorded in full. */
	trace?: boolean | undefined;
	/** Regular expressions of what is never recorded. */
	redact?: string[] | undefined;
	/** What the profile's author wants the user to know. */
	notes?: string[] | undefined;
	sources?: string[] | undefined;
	/** Where each value came from, by dotted field name: `built-in profiles/kimi.yaml:12`, `flag --model`. No start asks. */
	origins?: (() => Record<string, string>) | undefined;
	/** Reasons of quirks, by dotted field name: `endpoints.anthropic.quirks.betas`. */
	quirkReasons?: Record<string, QuirkReason> | undefined;
	/** Where the key was read from, never the key: `variable KIMI_API_KEY`. Absent: there is no key. */
	keyFrom?: string | undefined;
	/** Works without a key. */
	keyOptional?: boolean | undefined;
	/** Variables that the key may come from. */
	keyVariables?: string[] | undefined;
	/** Why the profile cannot be used; only where a profile is shown, otherwise it is an error. */
	unavailable?: string | undefined;
	/** The user's config asks for a line about the profile's checks at the start. */
	checkReminder?: boolean | undefined;
	/** What the user should hear before the start: changed addresses, a damaged settings file. */
	warnings?: string[] | undefined;
}

/** What takes over when a profile's own model fails. */
export interface Fallback {
	profile: Profile;
	/** Model of that profile; absent: the tier that was asked for. */
	model?: string | undefined;
}

const BEARER = { header: "authorization", value: "Bearer {key}" };

/**
 * The model as the profile knows it, by id or alias. A list is not closed: an unknown name goes upstream as it is,
 * limits unknown.
 */
export function modelOf(profile: Profile, id: string): Model {
	if (Object.hasOwn(profile.models, id)) return profile.models[id] as Model;
	const aliased = Object.values(profile.models).find((model) => model.aliases?.includes(id));
	return aliased ?? { id, vision: true, thinking: "toggle" };
}

/** Puts together where a request for `modelId` goes. Quirks: defaults, then profile, endpoint, model. */
export function targetOf(profile: Profile, modelId: string): Target {
	const model = modelOf(profile, modelId);
	const dialect = model.dialect ?? profile.dialect;
	const endpoint = model.endpoint ?? profile.endpoints[dialect];
	if (!endpoint) throw new Error(`profile ${profile.name} has no ${dialect} endpoint`);
	return {
		profile: profile.name,
		model: model.id,
		...overEndpoint(profile, model, dialect, endpoint),
		// An address of the model's own gets the model's own key or none: the profile's belongs to another server.
		key: model.key ?? (model.endpoint ? undefined : profile.key),
		renewKey: model.key || model.endpoint ? model.renewKey : profile.renewKey,
		contextWindow: model.contextWindow,
		maxOutput: model.maxOutput,
		vision: model.vision,
		thinking: model.thinking,
		price: model.price,
		limits: profile.limits ?? {},
		patience: profile.patience ?? {},
		disabledRepairs: profile.disabledRepairs,
		alternatives: model.endpoint ? undefined : alternativesTo(profile, model, dialect),
	};
}

function alternativesTo(profile: Profile, model: Model, dialect: DialectName): Alternative[] | undefined {
	const others = Object.entries(profile.endpoints).filter(([name, endpoint]) => name !== dialect && endpoint);
	if (others.length === 0) return undefined;
	return others.map(([name, endpoint]) => overEndpoint(profile, model, name as DialectName, endpoint as Endpoint));
}

function overEndpoint(profile: Profile, model: Model, dialect: DialectName, endpoint: Endpoint): Alternative {
	const { header, value } = endpoint.auth ?? BEARER;
	return {
		dialect,
		baseUrl: endpoint.baseUrl.replace(/\/+$/, ""),
		auth: { header: header.toLowerCase(), value },
		headers: { ...inLowerCase(profile.headers), ...inLowerCase(endpoint.headers) },
		quirks: { ...DEFAULT_QUIRKS, ...profile.quirks, ...endpoint.quirks, ...model.quirks } as Target["quirks"],
	};
}

/** Header names as the transport takes them: `User-Agent` of an endpoint replaces `user-agent` of its profile. */
function inLowerCase(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
	return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
