import * as v from "valibot";
import { TIERS } from "./profile.ts";
import { DIALECTS, QuirksSchema } from "./quirks.ts";
import { REPAIR_NAMES } from "./repair-names.ts";
import { inputRule, routes, text } from "./rule-schemas.ts";

/** The name of a profile, or its alias. It is also a file name, so it is no device of Windows, such as `con`. */
export const PROFILE_NAME = /^(?!(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$))[a-z0-9][a-z0-9._-]{0,63}$/i;

/** Names appear in messages, tables and shell completion. */
const profileName = v.pipe(
	text,
	v.regex(PROFILE_NAME, "must be letters, digits, dots and dashes, and no name of a Windows device"),
);
const modelName = v.pipe(
	text,
	v.regex(
		/^(?!-)[^\p{C}\p{Zl}\p{Zp}]{1,200}$/u,
		"must be at most 200 printable characters that do not begin with a dash",
	),
);
const tokens = v.pipe(v.number(), v.integer("must be a whole number"), v.minValue(1, "must be at least 1"));
const price = v.pipe(v.number(), v.minValue(0, "must not be negative"));
const dialect = v.picklist(DIALECTS);
const headers = v.record(text, v.string());

/** Claude Code's effort levels, lowest first. */
export const EFFORTS = ["low", "medium", "high", "xhigh", "max"] as const;
export type Effort = (typeof EFFORTS)[number];

/** A quirk with its reason and source, as every built-in profile writes it. */
export interface ReasonedQuirk {
	value: unknown;
	why: string;
	source: string;
}

/** Whether a quirk is written in the long form `{ value, why, source }`. */
export function isReasonedQuirk(input: unknown): input is ReasonedQuirk {
	return typeof input === "object" && input !== null && "value" in input && ("why" in input || "source" in input);
}

/** A quirk in a file: the plain value, or the long form. Lazy, so that an error is about the form that was written. */
function quirkOf(schema: v.GenericSchema) {
	const long = v.strictObject({ value: schema, why: text, source: text });
	return v.optional(v.lazy((input) => (isReasonedQuirk(input) ? long : schema)));
}

const quirks = v.strictObject(
	Object.fromEntries(Object.entries(QuirksSchema.entries).map(([name, entry]) => [name, quirkOf(entry.wrapped)])),
);

/** `${NAME}`, `env:NAME`, `file:PATH`, `command:CMD ARGS` or the key itself; a list gives alternatives in order. */
const keyReference = v.union(
	[text, v.pipe(v.array(text), v.minLength(1, "must name at least one key"))],
	'must be text such as "env:NAME", "file:PATH" or "command:CMD ARGS", or a list of these',
);

/** Keys of one provider. The next one is used while the one before is refused, without money, or at its limit. */
const keyList = v.pipe(v.array(text), v.minLength(1, "must name at least one key"));

const endpoint = v.strictObject({
	/** Without the path that the dialect appends: `/chat/completions`, `/responses`, `/models/…` or `/v1/messages`. */
	baseUrl: v.optional(text),
	/** Header for the key; `{key}` in `value` is replaced by it. Default `authorization: Bearer {key}`. */
	auth: v.optional(v.strictObject({ header: text, value: text })),
	headers: v.optional(headers),
	quirks: v.optional(quirks),
});

const endpoints = v.strictObject(
	Object.fromEntries(DIALECTS.map((name) => [name, v.optional(endpoint)])) as Record<
		(typeof DIALECTS)[number],
		v.OptionalSchema<typeof endpoint, undefined>
	>,
);

const prices = {
	input: v.optional(price),
	output: v.optional(price),
	cacheRead: v.optional(price),
	cacheWrite: v.optional(price),
};

const model = v.strictObject({
	title: v.optional(text),
	/** Tokens. */
	contextWindow: v.optional(tokens),
	/** Tokens. */
	maxOutput: v.optional(tokens),
	/** US dollars per million tokens. An absent price is unknown, never zero. */
	price: v.optional(
		// `above`: of requests with more input tokens than `tokens`, cached ones included; ascending.
		v.strictObject({ ...prices, above: v.optional(v.array(v.strictObject({ tokens, ...prices }))) }),
	),
	/** Accepts images. */
	vision: v.optional(v.boolean()),
	thinking: v.optional(v.picklist(["none", "toggle", "always"])),
	/** Effort levels that the model has, in Claude Code's names; the others become the nearest of these. */
	efforts: v.optional(v.array(v.picklist(EFFORTS))),
	dialect: v.optional(dialect),
	/** Endpoint of this model alone, if it differs from the profile's. */
	endpoint: v.optional(endpoint),
	key: v.optional(keyReference),
	quirks: v.optional(quirks),
	aliases: v.optional(v.array(modelName)),
	notes: v.optional(v.array(text)),
});

const tiers = v.strictObject(
	Object.fromEntries(TIERS.map((name) => [name, v.optional(modelName)])) as Record<
		(typeof TIERS)[number],
		v.OptionalSchema<typeof modelName, undefined>
	>,
);

const region = v.strictObject({
	title: v.optional(text),
	/** Replace the profile's endpoints: the region has no other dialects than these. */
	endpoints: v.optional(endpoints),
	key: v.optional(keyReference),
	keys: v.optional(keyList),
	headers: v.optional(headers),
	models: v.optional(v.record(modelName, model)),
	tiers: v.optional(tiers),
	notes: v.optional(v.array(text)),
});

function isPattern(source: string): boolean {
	try {
		return new RegExp(source) instanceof RegExp;
	} catch {
		return false; // a syntax error in it
	}
}

const spending = { dollars: v.optional(price), tokens: v.optional(tokens) };

const profileEntries = {
	title: v.optional(text),
	status: v.optional(v.picklist(["documented", "verified", "user"])),
	/** Where the facts of the file come from. */
	sources: v.optional(v.array(text)),
	notes: v.optional(v.array(text)),
	key: v.optional(keyReference),
	keys: v.optional(keyList),
	/** Works without a key (local servers). */
	keyOptional: v.optional(v.boolean()),
	/** Dialect that is used unless a model or a flag says otherwise. */
	dialect: v.optional(dialect),
	endpoints: v.optional(endpoints),
	/** Named variants, regional or of a plan; `region` chooses one. */
	regions: v.optional(v.record(profileName, region)),
	region: v.optional(text),
	headers: v.optional(headers),
	models: v.optional(v.record(modelName, model)),
	/** Model of every tier that `tiers` does not name. */
	model: v.optional(modelName),
	tiers: v.optional(tiers),
	quirks: v.optional(quirks),
	disabledRepairs: v.optional(v.array(v.picklist(REPAIR_NAMES))),
	/** Narrow repairs of tool inputs, in order. */
	repairs: v.optional(v.array(inputRule)),
	/** Profiles or models that take over when this one fails, in order. */
	fallback: v.optional(v.array(text)),
	/** Models for long requests and for requests with images, each a model of the profile or `profile/model`. */
	routes: v.optional(routes),
	/** Describes images to models that cannot see them: a model of the profile or `profile/model`. */
	vision: v.optional(text),
	/** Profiles whose models may be chosen beside this one's, as `profile/model`. */
	also: v.optional(v.array(text)),
	/** A fallback is also reported in the conversation, in a line before the reply. */
	announceFallback: v.optional(v.boolean()),
	limits: v.optional(
		v.strictObject({
			requestsPerMinute: v.optional(tokens),
			tokensPerMinute: v.optional(tokens),
			concurrency: v.optional(tokens),
			/** Most that one run may use. */
			...spending,
			/** Most of a day, over all runs. */
			perDay: v.optional(v.strictObject(spending)),
		}),
	),
	/** Longest waits in seconds: for the first token, and without progress after it. */
	patience: v.optional(v.strictObject({ firstToken: v.optional(tokens), progress: v.optional(tokens) })),
	/** Search engine for Claude Code's WebSearch if the provider has no search. */
	search: v.optional(
		v.strictObject({
			engine: v.picklist(["searxng", "brave", "tavily", "exa"]),
			url: v.optional(text),
			key: v.optional(keyReference),
		}),
	),
	/** Every exchange is recorded in full, redacted, as with `--trace`. */
	trace: v.optional(v.boolean()),
	/** Regular expressions of what must never be recorded, in addition to keys and tokens. */
	redact: v.optional(v.array(v.pipe(text, v.check(isPattern, "must be a regular expression")))),
	/** Why the profile cannot be used: the error when it is chosen. */
	unavailable: v.optional(text),
};

const definitionEntries = {
	aliases: v.optional(v.array(profileName)),
	/** Name or file of the profile whose values this one starts from. */
	extends: v.optional(text),
};

/** A profile file. Every field is optional, because a file may override only a few values of another. */
export const ProfileFileSchema = v.strictObject({
	name: v.optional(profileName),
	...definitionEntries,
	...profileEntries,
});

/** A profile in a config file, under its name. */
const profileOverrides = v.strictObject({ ...definitionEntries, ...profileEntries });

/** One entry of the `modelOverrides` block that people paste into their settings. */
export const ModelOverrideSchema = v.strictObject({
	provider: v.picklist(["openai-compatible", "anthropic-compatible"]),
	baseURL: text,
	apiKey: v.optional(text),
	model: text,
});

/**
 * The user's `config.*` or a project's file. `profile` chooses a profile; the other fields override values of that
 * profile only, so that a key or an address never reaches another provider.
 */
export const ConfigFileSchema = v.strictObject({
	profile: v.optional(text),
	...profileEntries,
	/** At the start, one line says if the chosen profile was never checked or its grade fell. */
	checkReminder: v.optional(v.boolean()),
	/** Overrides and new profiles, by name. */
	profiles: v.optional(v.record(profileName, profileOverrides)),
	modelOverrides: v.optional(v.record(text, ModelOverrideSchema)),
});

export type ProfileFile = v.InferOutput<typeof ProfileFileSchema>;
export type ConfigFile = v.InferOutput<typeof ConfigFileSchema>;
export type EndpointFile = v.InferOutput<typeof endpoint>;
export type ModelFile = v.InferOutput<typeof model>;
export type ModelOverride = v.InferOutput<typeof ModelOverrideSchema>;
