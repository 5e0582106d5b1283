import type { DialectName, Quirks } from "./quirks.ts";

/** Prices in US dollars per million tokens. An absent price is unknown, never zero. */
export interface Price {
	input?: number | undefined;
	output?: number | undefined;
	cacheRead?: number | undefined;
	cacheWrite?: number | undefined;
}

/** Where one request goes: one model at one endpoint, with all that a codec and `send` need to know of it. */
export interface Target {
	/** Name of the profile, for messages and records. */
	profile: string;
	/** Model id that the provider is asked for. */
	model: string;
	dialect: DialectName;
	/** Without a trailing slash; the dialect appends its own path. */
	baseUrl: string;
	/** The provider's key; undefined where none is needed. Never logged, never given to the child. */
	key: string | undefined;
	/** Reads the key anew, where a command prints it. */
	renewKey?: (() => Promise<string | undefined>) | undefined;
	/** Header that carries the key; `{key}` stands for it. Default `authorization: Bearer {key}`. */
	auth: { header: string; value: string };
	/** Further headers: lower-case names, values already resolved. */
	headers: Readonly<Record<string, string>>;
	quirks: Quirks;
	/** Tokens; undefined: unknown. */
	contextWindow: number | undefined;
	/** Tokens; undefined: unknown. */
	maxOutput: number | undefined;
	vision: boolean;
	/** Whether the model thinks: never, when asked, always. */
	thinking: "none" | "toggle" | "always";
	price: Price | undefined;
	/** The profile's own limits towards its provider. */
	limits: {
		requestsPerMinute?: number | undefined;
		tokensPerMinute?: number | undefined;
		concurrency?: number | undefined;
	};
	/** Longest waits in seconds, where the profile names them. */
	patience: { firstToken?: number | undefined; progress?: number | undefined };
	/** Names of repairs that are switched off. */
	disabledRepairs: readonly string[];
	/** Counts how often the provider has refused reasoning of its own in this run: what is older is not sent back. */
	reasoningGeneration?: number | undefined;
	/** The same model over the profile's other endpoints, for one that demands another wire. Absent: there is none. */
	alternatives?: readonly Alternative[] | undefined;
}

/** What is different about a target over another dialect. */
export type Alternative = Pick<Target, "dialect" | "baseUrl" | "auth" | "headers" | "quirks">;

/** The target over another dialect of its profile; the same object when it has no such endpoint. There is no way back. */
export function withDialect(target: Target, dialect: DialectName): Target {
	const other = target.alternatives?.find((alternative) => alternative.dialect === dialect);
	if (!other) return target;
	return { ...target, ...other, alternatives: target.alternatives?.filter((alternative) => alternative !== other) };
}

/**
 * Names what is limited, learned of and tried as one: a model at an address. Two files may hold profiles of one name, so
 * that the name alone is not enough. The key is not in it.
 */
export function endpointKey({ profile, baseUrl, model }: Target): string {
	return `${profile} ${baseUrl} ${model}`;
}
