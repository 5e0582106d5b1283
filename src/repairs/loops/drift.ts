import type { Divergence } from "../../protocol/divergence.ts";
import type { MessageRequest, Usage } from "../../protocol/messages.ts";
import { toolRounds } from "../tool-history.ts";

/** What one exchange of a session tells about the model's health. */
export interface Turn {
	/** Something that the model wrote had to be repaired. */
	isRepaired: boolean;
	/** A tool refused or failed what the model asked for. */
	isError: boolean;
	/** The model repeated its last call, and got the same result. */
	isRepeated: boolean;
	/** Part of the prompt that came from the provider's cache, 0 to 1; undefined: not told. */
	cached: number | undefined;
}

/** Repairs of what a model wrote; the others are about providers. */
const MODEL_KINDS = new Set([
	"leaked-tool-call",
	"tool-input",
	"tool-call-name",
	"control-token",
	"empty-turn",
	"repeated-call",
]);

/** Turns that are looked at, and turns of healthy work before them that they are compared with. */
const WINDOW = 10;
const BASELINE = 10;
/** Bad turns of the window, and how far above the beginning they must be, before anything is said. */
const BAD_SHARE = 0.6;
const RISE = 0.4;
const CACHE_BEFORE = 0.5;
const CACHE_NOW = 0.1;

/**
 * Watches one session for a model that degrades: repairs, tool errors and repeated calls that become many where they
 * were few (the reports are of turns 30 to 40), or a prompt cache that no longer hits. Says so once.
 */
export class DriftWatch {
	readonly #turns: Turn[] = [];
	#isTold = false;

	/** Adds a turn; returns what there is to say, at most once. */
	observe(turn: Turn): Divergence | undefined {
		if (this.#isTold) return undefined;
		this.#turns.push(turn);
		if (this.#turns.length < BASELINE + WINDOW) return undefined;
		const seen = this.#rise() ?? this.#cacheLoss();
		if (seen === undefined) return undefined;
		this.#isTold = true;
		return {
			kind: "drift",
			where: "session",
			seen,
			done: "told: /compact or a new session helps most models, the fallback model is the other way",
		};
	}

	#rise(): string | undefined {
		const before = this.#turns.slice(0, -WINDOW);
		const now = this.#turns.slice(-WINDOW);
		const [share, baseline] = [badShare(now), badShare(before)];
		if (share < BAD_SHARE || share - baseline < RISE) return undefined;
		return `${Math.round(share * WINDOW)} of the last ${WINDOW} turns were repaired, failed or repeated; ${Math.round(baseline * 100)} % before`;
	}

	#cacheLoss(): string | undefined {
		const before = meanCached(this.#turns.slice(0, -WINDOW));
		const now = meanCached(this.#turns.slice(-WINDOW));
		if (before === undefined || now === undefined || before < CACHE_BEFORE || now > CACHE_NOW) return undefined;
		return `the prompt cache held ${Math.round(before * 100)} % of the prompt and now holds ${Math.round(now * 100)} %`;
	}
}

/** A turn from what is known when its exchange is over. Undefined for requests that carry no tools (titles, checks). */
export function turnOf(
	request: MessageRequest,
	divergences: readonly Divergence[],
	usage: Partial<Usage> | undefined,
): Turn | undefined {
	if (!request.tools?.length) return undefined;
	const latest = toolRounds(request).filter(({ messageIndex }) => messageIndex === request.messages.length - 1);
	return {
		isRepaired: divergences.some(({ kind }) => MODEL_KINDS.has(kind)),
		isError: latest.some(({ isError }) => isError),
		isRepeated: latest.some(({ run }) => run > 1),
		cached: cachedShare(usage),
	};
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
	return known.length < WINDOW / 2 ? undefined : known.reduce((sum, share) => sum + share, 0) / known.length;
}
