/**
 * The record of one thing that cc-any changed, or that went wrong, in an exchange. Every repair, downgrade, retry and
 * fallback adds one. The exit summary, the trace and the check read the same records.
 */
export interface Divergence {
	/** Stable kebab-case name of the rule, for example `orphan-tool-result` or `leaked-tool-call`. */
	readonly kind: string;
	/** For example `request.messages[4]`, `response.block[1]` or `upstream`. */
	readonly where: string;
	/** What was found, shortened. Never a secret. */
	readonly seen: string;
	/** What was done about it. */
	readonly done: string;
	/** What code needs to know of `seen` and `done`. Names and figures only, never a text of the conversation. */
	readonly data?: DivergenceData;
}

export interface DivergenceData {
	/** Names of the tools that it is about. */
	readonly tools?: readonly string[];
	/** Ids of the tool calls that it is about. */
	readonly toolCalls?: readonly string[];
	/** Body fields that were left out. */
	readonly fields?: readonly string[];
	/** cc-any itself is the cause. */
	readonly isOurs?: boolean;
	/** Class of the failure that it answers. */
	readonly failureClass?: string;
	/** The field of `routes` that chose the model. */
	readonly route?: "longContext" | "images";
	/** A parameter that the provider refused by name. */
	readonly parameter?: string;
	/** Most output tokens that the provider accepts. */
	readonly maxOutput?: number;
	/** The output limit with which the request was sent again. */
	readonly outputTokens?: number;
}

/** Whose behavior departs from what was expected. `unknown` where what was seen does not say it. */
export type ResponsibleParty = "client" | "cc-any" | "network" | "provider" | "model" | "unknown";

/** Records a divergence. */
export type Note = (divergence: Divergence) => void;

const MAX_EXCERPT_CHARS = 160;

/** Shortens foreign text for `Divergence.seen`. */
export function excerpt(text: string): string {
	return text.length <= MAX_EXCERPT_CHARS ? text : `${text.slice(0, MAX_EXCERPT_CHARS)}… (${text.length} characters)`;
}
