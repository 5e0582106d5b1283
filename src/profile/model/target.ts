import type { DialectName, Quirks } from "./quirks.ts";

/** Prices in US dollars per million tokens. An absent price is unknown, never zero. */
export interface Price extends Prices {
	/** Prices of requests with more input tokens than `tokens`, cached ones included; ascending. */
	above?: readonly (Prices & { tokens: number })[] | undefined;
}

interface Prices {
	input?: number | undefined;
	output?: number | undefined;
	cacheRead?: number | undefined;
	cacheWrite?: number | undefined;
}

/** One of several keys of a provider. */
export interface ProfileKey {
	/** Where it comes from, for messages: the name of its variable. Never the key. */
	name: string;
	value: string;
	/** Reads it again if a command prints it. */
	renewKey?: (() => Promise<string | undefined>) | undefined;
}

/** Where one request goes: one model at one endpoint, with all that a dialect and `send` need. */
export interface Target {
	/** Name of the profile, for messages and records. */
	profile: string;
	/** It has an address and no profile that could be shown by its name. */
	isAddress?: boolean | undefined;
	/** Model id in the request. */
	model: string;
	dialect: DialectName;
	/** Without a trailing slash; the dialect appends its own path. */
	baseUrl: string;
	/** What each request has after its path, without `?`. */
	query?: string | undefined;
	/** The provider's key; undefined if none is needed. Never logged, never given to the child. */
	key: string | undefined;
	/** Reads the key again if a command prints it. */
	renewKey?: (() => Promise<string | undefined>) | undefined;
	/** All keys of a provider that has several, in order, and the name of the one in `key`. */
	keys?: readonly ProfileKey[] | undefined;
	keyName?: string | undefined;
	/** Header for the key; `{key}` in `value` is replaced by it. */
	auth: { header: string; value: string };
	/** Other headers: lower-case names, variables filled in. */
	headers: Readonly<Record<string, string>>;
	quirks: Quirks;
	/** Tokens; undefined: unknown. */
	contextWindow: number | undefined;
	/** Tokens; undefined: unknown. */
	maxOutput: number | undefined;
	vision: boolean;
	/** Whether the model thinks: never, on request, always. */
	thinking: "none" | "toggle" | "always";
	price: Price | undefined;
	/** The profile's own limits for requests to its provider. */
	limits: {
		requestsPerMinute?: number | undefined;
		tokensPerMinute?: number | undefined;
		concurrency?: number | undefined;
	};
	/** Longest waits in seconds if the profile sets them. */
	patience: { firstToken?: number | undefined; progress?: number | undefined };
	/** Names of repairs that are switched off. */
	disabledRepairs: readonly string[];
	/** The user's own repairs of tool inputs, in order. */
	repairs?: readonly InputRule[] | undefined;
	/**
	 * How often the provider has rejected its own reasoning in this run: reasoning from before the last time is not sent
	 * back.
	 */
	reasoningGeneration?: number | undefined;
	/** Claude Code's names of the tools whose definitions the endpoint has refused in this run: they are not offered. */
	refusedTools?: readonly string[] | undefined;
	/** Digests of the images that the endpoint has refused in this run: a note is sent in the place of each. */
	refusedImages?: readonly string[] | undefined;
	/**
	 * The same model over the profile's other dialects, for a model that turns out to need another. Absent: there is
	 * none.
	 */
	alternatives?: readonly Alternative[] | undefined;
}

/** A narrow repair of one field of a tool's input. */
export interface InputRule {
	tool: string;
	field: string;
	/** The value that is repaired; absent: any. */
	value?: unknown;
	/** `remove` the field, `set` it to the value `to`, or `rename` it to the field `to`. */
	action: "remove" | "set" | "rename";
	to?: unknown;
	why?: string | undefined;
}

/** The parts of a target that depend on the dialect. */
export type Alternative = Pick<Target, "dialect" | "baseUrl" | "query" | "auth" | "headers" | "quirks">;

/**
 * The target over another dialect of its profile; the same object if it has no such endpoint. It cannot be switched
 * back.
 */
export function withDialect(target: Target, dialect: DialectName): Target {
	const other = target.alternatives?.find((alternative) => alternative.dialect === dialect);
	if (!other) return target;
	return { ...target, ...other, alternatives: target.alternatives?.filter((alternative) => alternative !== other) };
}

/**
 * Identifies a model at an address, which limits, gates and learned values apply to. The profile's name
 * alone is not enough: two files may have profiles of the same name. The API key is not part of it.
 */
export function endpointKey({ profile, baseUrl, model }: Target): string {
	return `${profile} ${baseUrl} ${model}`;
}

/** Identifies what a rate limit or an outage applies to: if a profile has several keys, each has its own limits. */
export function gateKey(target: Target): string {
	return target.keyName === undefined ? endpointKey(target) : `${endpointKey(target)} ${target.keyName}`;
}
