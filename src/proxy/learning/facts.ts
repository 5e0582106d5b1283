import type { BodyEdit, DialectName, Quirks } from "../../profile/model/quirks.ts";
import { type Target, withDialect } from "../../profile/model/target.ts";
import { outputWithin, type SharedWindow } from "./output-limits.ts";
import { withoutParameter } from "./refused-parameters.ts";

/** How a target differs from what its profile says. */
export interface Change {
	contextWindow?: number;
	maxOutput?: number;
	/** Prompt and requested output together must fit into it. */
	sharedWindow?: SharedWindow;
	/** Parameters for `withoutParameter`. */
	refused?: readonly string[];
	edits?: readonly BodyEdit[];
	quirks?: Partial<Quirks>;
	vision?: false;
	/** Claude Code's names of refused tools. */
	tools?: readonly string[];
	/** Digests of refused images. */
	images?: readonly string[];
	/** See `Target.reasoningGeneration`. */
	reasoningGeneration?: number;
	/** The dialect over which the model is served. */
	dialect?: DialectName;
}

/** A change after which a target does not refuse the same request again. */
export interface RefusalFact extends Pick<Change, "refused" | "edits" | "quirks" | "vision" | "tools" | "images"> {
	/** What was left out or changed, for the record. */
	done: string;
	fields?: string[];
}

/** One thing that the errors of an endpoint have taught about a model. */
export interface Fact {
	/** Facts of one slot replace each other: an endpoint has one window. */
	slot: string;
	change: Change;
	/** What is sent because of it, for people: `without stop`. */
	done: string;
	/** When it was learned, and until when it is believed, in milliseconds since 1970. */
	at: number;
	until: number;
	/** The error that taught it; "" if the request was not sent again because of it. */
	seen: string;
	/** Learned by an earlier run. */
	isKept: boolean;
	/** A request has succeeded with it. */
	isConfirmed: boolean;
}

const MINUTE_MS = 60_000;
/** A provider that changes is noticed after this time: the request is then sent as the profile says. */
export const KEPT_MS = 7 * 24 * 60 * MINUTE_MS;
/** A balance is paid in, and a limit per minute passes. */
export const PASSING_MS = 10 * MINUTE_MS;

/**
 * Whether a fact is kept for later runs. Not kept: refused tools, whose definitions may change, images, which belong to one
 * conversation, and reasoning, which only this run can tell apart.
 */
export function isLasting({ change, at, until }: Fact): boolean {
	return until - at === KEPT_MS && !change.tools && !change.images && change.reasoningGeneration === undefined;
}

/** How a change was learned. */
export interface Lesson extends Pick<Fact, "done"> {
	seen?: string;
	/** How long it is believed; a week when absent. */
	lifetimeMs?: number | undefined;
}

/** One fact for each slot, without what cannot be true. */
export function factsOf(change: Change, { done, seen = "", lifetimeMs = KEPT_MS }: Lesson, at: number): Fact[] {
	const { contextWindow, maxOutput, sharedWindow, ...others } = change;
	const changes: [slot: string, change: Change | undefined][] = [
		["context-window", isWindow(contextWindow) ? { contextWindow } : undefined],
		["max-output", isOutputLimit(maxOutput) ? { maxOutput } : undefined],
		["shared-window", sharedWindow && isWindow(sharedWindow.tokens) ? { sharedWindow } : undefined],
		[JSON.stringify(others), Object.keys(others).length > 0 ? others : undefined],
	];
	return changes.flatMap(([slot, part]) =>
		part ? [{ slot, change: part, done, seen, at, until: at + lifetimeMs, isKept: false, isConfirmed: false }] : [],
	);
}

/** Claude Code's smallest prompts do not fit into fewer tokens, and no model has more. */
const WINDOW_TOKENS = { minimum: 1024, maximum: 100_000_000 };
/** With fewer tokens no tool call is complete. Some hosted models have 512. */
const MIN_OUTPUT_LIMIT_TOKENS = 256;

function isWindow(tokens: number | undefined): tokens is number {
	return tokens !== undefined && tokens >= WINDOW_TOKENS.minimum && tokens <= WINDOW_TOKENS.maximum;
}

function isOutputLimit(tokens: number | undefined): tokens is number {
	return tokens !== undefined && tokens >= MIN_OUTPUT_LIMIT_TOKENS && tokens <= WINDOW_TOKENS.maximum;
}

/** The target with a fact, for a request of this length (see `requestLength`). */
export function withChange(target: Target, change: Change, requestChars?: number): Target {
	const { sharedWindow, edits = [], refused = [], tools = [], images = [] } = change;
	const switched = change.dialect ? withDialect(target, change.dialect) : target;
	const fitting = sharedWindow && requestChars !== undefined ? outputWithin(sharedWindow, requestChars) : undefined;
	const { quirks, refusedTools = [], refusedImages = [] } = switched;
	const changed: Target = {
		...switched,
		contextWindow: change.contextWindow ?? switched.contextWindow,
		maxOutput: lowest(switched.maxOutput, change.maxOutput, fitting),
		vision: change.vision ?? switched.vision,
		reasoningGeneration: change.reasoningGeneration ?? switched.reasoningGeneration,
		quirks: { ...quirks, ...change.quirks, bodyEdits: joined(quirks.bodyEdits, edits) },
		refusedTools: joined(refusedTools, tools),
		refusedImages: joined(refusedImages, images),
	};
	return refused.reduce((before: Target, name) => withoutParameter(before, name) ?? before, changed);
}

/** Both lists without duplicates: a change may be applied to a target that has it already. */
function joined<Item>(before: readonly Item[], added: readonly Item[]): Item[] {
	return [...new Map([...before, ...added].map((item) => [JSON.stringify(item), item])).values()];
}

function lowest(...limits: readonly (number | undefined)[]): number | undefined {
	const known = limits.filter((limit) => limit !== undefined);
	return known.length === 0 ? undefined : Math.min(...known);
}
