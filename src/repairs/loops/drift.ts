import type { Divergence } from "../../protocol/divergence.ts";
import {
	contentBlocks,
	isText,
	type MessageRequest,
	type ToolResultBlock,
	type Usage,
} from "../../protocol/messages.ts";
import { toolRounds } from "../tool-rounds.ts";

/** How the model did in one exchange of a session. */
export interface Turn {
	/** The model's output had to be repaired. */
	isRepaired: boolean;
	/** A tool call failed, other than a command with an exit code: a failing test says nothing about the model. */
	isError: boolean;
	/** The model repeated its last call, and got the same result. */
	isRepeated: boolean;
	/** Share of the prompt that came from the provider's cache, 0 to 1; undefined: unknown. */
	cached: number | undefined;
}

/** Repairs of the model's output. The others are about providers. */
const MODEL_KINDS = new Set([
	"leaked-tool-call",
	"tool-input",
	"tool-call-name",
	"control-token",
	"empty-turn",
	"repeated-call",
]);

/** The latest turns are compared with at least as many turns before them. */
const WINDOW_TURNS = 10;
const MIN_BASELINE_TURNS = 10;
/** Share of bad turns in the window, and its rise over the baseline, from which drift is reported. */
const MIN_BAD_SHARE = 0.6;
const MIN_RISE = 0.4;
/** Cached share of the prompt before and in the window: the cache used to hit and no longer does. */
const MIN_CACHED_BEFORE = 0.5;
const MAX_CACHED_NOW = 0.1;

/**
 * Watches one session for a model that degrades: many repairs, tool errors and repeated calls after few (users
 * report it for turns 30 to 40), or a prompt cache that no longer hits. Reports it once.
 */
export class DriftWatch {
	readonly #turns: Turn[] = [];
	#isReported = false;

	/** Adds a turn. Returns the divergence to report, at most once. */
	observe(turn: Turn): Divergence | undefined {
		if (this.#isReported) return undefined;
		this.#turns.push(turn);
		if (this.#turns.length < MIN_BASELINE_TURNS + WINDOW_TURNS) return undefined;
		const seen = this.#rise() ?? this.#cacheLoss();
		if (seen === undefined) return undefined;
		this.#isReported = true;
		return {
			kind: "drift",
			where: "session",
			seen,
			done: "reported: /compact or a new session helps most models; if not, use the fallback model",
		};
	}

	#rise(): string | undefined {
		const before = this.#turns.slice(0, -WINDOW_TURNS);
		const now = this.#turns.slice(-WINDOW_TURNS);
		const [share, baseline] = [badShare(now), badShare(before)];
		// Rounded, because 0.6 - 0.2 is a little less than 0.4.
		const rise = Math.round((share - baseline) * 1000) / 1000;
		if (share < MIN_BAD_SHARE || rise < MIN_RISE) return undefined;
		return `${Math.round(share * WINDOW_TURNS)} of the last ${WINDOW_TURNS} turns were repaired, failed or repeated; ${Math.round(baseline * 100)} % before`;
	}

	#cacheLoss(): string | undefined {
		const before = meanCached(this.#turns.slice(0, -WINDOW_TURNS));
		const now = meanCached(this.#turns.slice(-WINDOW_TURNS));
		if (before === undefined || now === undefined || before < MIN_CACHED_BEFORE || now > MAX_CACHED_NOW)
			return undefined;
		return `the prompt cache held ${Math.round(before * 100)} % of the prompt and now holds ${Math.round(now * 100)} %`;
	}
}

/** The turn of a completed exchange. Undefined for requests without tools (titles, checks). */
export function turnOf(
	request: MessageRequest,
	divergences: readonly Divergence[],
	usage: Partial<Usage> | undefined,
): Turn | undefined {
	if (!request.tools?.length) return undefined;
	const latest = toolRounds(request).filter(({ messageIndex }) => messageIndex === request.messages.length - 1);
	return {
		isRepaired: divergences.some(({ kind }) => MODEL_KINDS.has(kind)),
		isError: latest.some(({ isError, result }) => isError && !isExitCode(result)),
		isRepeated: latest.some(({ run }) => run > 1),
		cached: cachedShare(usage),
	};
}

/** Claude Code 2.1.x begins the result of a failed command so. */
function isExitCode({ content }: ToolResultBlock): boolean {
	const [first] = contentBlocks(content);
	return first !== undefined && isText(first) && first.text.startsWith("Exit code ");
}

function cachedShare(usage: Partial<Usage> | undefined): number | undefined {
	if (usage?.cache_read_input_tokens === undefined) return undefined;
	const all = (usage.input_tokens ?? 0) + usage.cache_read_input_tokens + (usage.cache_creation_input_tokens ?? 0);
	return all > 0 ? usage.cache_read_input_tokens / all : undefined;
}

function badShare(turns: readonly Turn[]): number {
	return turns.filter((turn) => turn.isRepaired || turn.isError || turn.isRepeated).length / turns.length;
}

function meanCached(turns: readonly Turn[]): number | undefined {
	const known = turns.flatMap(({ cached }) => cached ?? []);
	return known.length < WINDOW_TURNS / 2 ? undefined : known.reduce((sum, share) => sum + share, 0) / known.length;
}
