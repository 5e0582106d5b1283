import type { Budget } from "./budget.ts";
import { DEFAULT_QUIRKS, DIALECTS, type DialectName, type QuirksInput } from "./quirks.ts";
import type { Alternative, InputRule, Price, ProfileKey, Target } from "./target.ts";

/** Claude Code's model tiers, and the model of its subagents. */
export const TIERS = ["opus", "sonnet", "haiku", "fable", "subagent"] as const;
export type Tier = (typeof TIERS)[number];

export interface Endpoint {
	/** Without a trailing slash and without a query. */
	baseUrl: string;
	/** What each request has after its path, without `?`. */
	query?: string | undefined;
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
	/** Dialect that this model needs if it differs from the profile's. */
	dialect?: DialectName | undefined;
	quirks?: QuirksInput | undefined;
	/** Effort levels that the model has, in Claude Code's names. */
	efforts?: string[] | undefined;
	aliases?: string[] | undefined;
	notes?: string[] | undefined;
	/** Where this model alone is reached; the profile's endpoint of its dialect when absent. */
	endpoint?: Endpoint | undefined;
	/** Key of this model alone. Stays in this process. */
	key?: string | undefined;
	/** Reads it again if a command prints it. */
	renewKey?: (() => Promise<string | undefined>) | undefined;
}

/** What a run needs of a profile: `extends` merged, variables filled in, the key read. */
export interface Profile {
	name: string;
	/** It was made of an address, and no command shows it by its name. */
	isAddress?: boolean | undefined;
	title: string;
	dialect: DialectName;
	endpoints: Partial<Record<DialectName, Endpoint>>;
	/** The key itself. Stays in this process. */
	key: string | undefined;
	/** Reads the key again if a command prints it: a cloud's token lives about an hour. */
	renewKey?: (() => Promise<string | undefined>) | undefined;
	/** All keys if there are several; the first is also `key`. */
	keys?: ProfileKey[] | undefined;
	headers: Record<string, string>;
	models: Record<string, Model>;
	/** Model id of each tier. Every tier is filled. */
	tiers: Record<Tier, string>;
	quirks: QuirksInput;
	/** Names of repairs that are switched off. */
	disabledRepairs: string[];
	/** The user's own repairs of tool inputs, in order. */
	repairs?: InputRule[] | undefined;
	/** What takes over when this profile fails, in the order in which it is tried. */
	fallbacks?: Fallback[] | undefined;
	/** Models for long requests and for requests with images. */
	routes?: ModelRules | undefined;
	/** Describes images to models that cannot see them. */
	vision?: Destination | undefined;
	/** Profiles whose models may be chosen beside this one's, as `profile/model`. */
	others?: Profile[] | undefined;
	/** A fallback is also reported in the conversation. */
	announceFallback?: boolean | undefined;
	/** Limits towards the provider that cc-any enforces itself. */
	limits?: Target["limits"] | undefined;
	/** What a run and a day may cost. */
	budget?: Budget | undefined;
	/** Longest waits in seconds; absent ones have defaults. */
	patience?: { firstToken?: number | undefined; progress?: number | undefined } | undefined;
	/** Search engine for WebSearch if the provider has no search. Its key stays in this process. */
	search?:
		| { engine: "searxng" | "brave" | "tavily" | "exa"; url?: string | undefined; key?: string | undefined }
		| undefined;
	/** Every exchange is recorded in full. */
	trace?: boolean | undefined;
	/** Regular expressions of what is never recorded. */
	redact?: string[] | undefined;
	/** Names of the variables in headers: claude does not get them. */
	headerVariables?: string[] | undefined;
}

/** What takes over when a profile's own model fails. */
export interface Fallback {
	profile: Profile;
	/** Model of that profile; absent: the tier that was requested. */
	model?: string | undefined;
}

const BEARER = { header: "authorization", value: "Bearer {key}" };

/**
 * The model as the profile describes it, by id or alias. An unknown name is sent to the provider as it is, with unknown
 * limits: a profile's list of models is never complete.
 */
export function modelOf(profile: Profile, id: string): Model {
	const own = Object.hasOwn(profile.models, id) ? profile.models[id] : undefined;
	const aliased = () => Object.values(profile.models).find((model) => model.aliases?.includes(id));
	return own ?? aliased() ?? { id, vision: true, thinking: "toggle" };
}

/** The profile with other values for one model, known or not. */
export function withModel(profile: Profile, id: string, changes: Partial<Model>): Profile {
	const model = { ...modelOf(profile, id), ...changes };
	return { ...profile, models: { ...profile.models, [model.id]: model } };
}

/** Where a request for `modelId` goes. Quirks: defaults, then those of profile, endpoint and model. */
export function targetOf(profile: Profile, modelId: string): Target {
	const model = modelOf(profile, modelId);
	const dialect = model.dialect ?? profile.dialect;
	const endpoint = model.endpoint ?? profile.endpoints[dialect];
	if (!endpoint) throw new Error(`profile ${profile.name} has no ${dialect} endpoint`);
	return {
		profile: profile.name,
		isAddress: profile.isAddress,
		model: model.id,
		...atEndpoint(profile, model, dialect, endpoint),
		// A model with its own address gets its own key or none: the profile's key belongs to another server.
		key: model.key ?? (model.endpoint ? undefined : profile.key),
		renewKey: model.key || model.endpoint ? model.renewKey : profile.renewKey,
		...(!model.key && !model.endpoint && profile.keys && { keys: profile.keys, keyName: profile.keys[0]?.name }),
		contextWindow: model.contextWindow,
		maxOutput: model.maxOutput,
		vision: model.vision,
		thinking: model.thinking,
		price: model.price,
		limits: profile.limits ?? {},
		patience: profile.patience ?? {},
		disabledRepairs: profile.disabledRepairs,
		repairs: profile.repairs,
		alternatives: model.endpoint ? undefined : alternativesTo(profile, model, dialect),
	};
}

function alternativesTo(profile: Profile, model: Model, dialect: DialectName): Alternative[] | undefined {
	const alternatives = DIALECTS.flatMap((name) => {
		const endpoint = name === dialect ? undefined : profile.endpoints[name];
		return endpoint ? [atEndpoint(profile, model, name, endpoint)] : [];
	});
	return alternatives.length > 0 ? alternatives : undefined;
}

/**
 * What the reference of a wire format documents for every endpoint; a profile may say otherwise. OpenAI refuses reasoning
 * that it did not encrypt itself, and call ids of more than 64 characters. Sources: platform.openai.com/docs/api-reference/responses,
 * ai.google.dev/gemini-api/docs/thinking, ai.google.dev/gemini-api/docs/document-processing.
 */
const WIRE_QUIRKS: Readonly<Partial<Record<DialectName, QuirksInput>>> = {
	"openai-responses": {
		reasoningField: "none",
		toolCallIds: "max-64",
		parallelToolCallsField: true,
		effortField: "reasoning.effort",
		effortValues: { low: "low", medium: "medium", high: "high", xhigh: "high", max: "high" },
	},
	gemini: {
		thinkingOn: { generationConfig: { thinkingConfig: { includeThoughts: true } } },
		documents: "file",
	},
};

function atEndpoint(profile: Profile, model: Model, dialect: DialectName, endpoint: Endpoint): Alternative {
	const { header, value } = endpoint.auth ?? BEARER;
	return {
		dialect,
		baseUrl: endpoint.baseUrl.replace(/\/+$/, ""),
		query: endpoint.query,
		auth: { header: header.toLowerCase(), value },
		headers: { ...inLowerCase(profile.headers), ...inLowerCase(endpoint.headers) },
		quirks: {
			...DEFAULT_QUIRKS,
			...WIRE_QUIRKS[dialect],
			...profile.quirks,
			...endpoint.quirks,
			...model.quirks,
		} as Target["quirks"],
	};
}

/** With lower-case names, so that `User-Agent` of an endpoint replaces `user-agent` of its profile. */
function inLowerCase(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
	return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** Whether the profile describes a model of this id or alias. */
export function isModel({ models }: Profile, id: string): boolean {
	return Object.hasOwn(models, id) || Object.values(models).some(({ aliases }) => aliases?.includes(id));
}

/** A model of a profile. */
export interface Destination {
	profile: Profile;
	model: string;
}

/** The model that `profile/model` names, or `profile` alone (its main model), among the profiles in `also`. */
export function destinationOf({ others = [] }: Profile, id: string): Destination | undefined {
	const profile = others.find(({ name }) => id === name || id.startsWith(`${name}/`));
	return profile && { profile, model: id.slice(profile.name.length + 1) || profile.tiers.opus };
}

/** Which model answers long requests (more tokens than `over`), and which those with images. */
export interface ModelRules {
	longContext?: (Destination & { over: number }) | undefined;
	images?: Destination | undefined;
}

/** A profile and every profile that may serve instead of it or for it. */
export function profilesInPlay(profile: Profile): Profile[] {
	const { fallbacks = [], others = [], routes, vision } = profile;
	const ruled = [routes?.longContext, routes?.images, vision].flatMap((rule) => rule?.profile ?? []);
	return [...new Set([profile, ...fallbacks.map((fallback) => fallback.profile), ...others, ...ruled])];
}
