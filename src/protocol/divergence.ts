/**
 * What cc-any changed, or saw go wrong, in one exchange. Every repair, downgrade, retry and fallback records one:
 * nothing is done silently. The exit summary, the trace and the check read the same records.
 */
export interface Divergence {
	/** Stable kebab-case name of the rule, for example `orphan-tool-result` or `leaked-tool-call`. */
	readonly kind: string;
	/** Stage or place: `request.messages[4]`, `response.block[1]`, `upstream`. */
	readonly where: string;
	/** What was seen, shortened; never a secret. */
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
	/** A parameter that the provider refused by name. */
	readonly parameter?: string;
	/** Most output tokens that the provider accepts. */
	readonly maxOutput?: number;
}

/** Records a divergence. Stages get it as an argument, so that a pure stage stays free of loggers. */
export type Note = (divergence: Divergence) => void;

/** Longest excerpt of foreign text that a divergence keeps, in UTF-16 units. */
const EXCERPT_LENGTH = 160;

/** Shortens foreign text for `Divergence.seen`. */
export function excerpt(text: string): string {
	return text.length <= EXCERPT_LENGTH ? text : `${text.slice(0, EXCERPT_LENGTH)}… (${text.length} characters)`;
}
