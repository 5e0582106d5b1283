import type { Target } from "../profile/target.ts";
import type { Failure } from "../upstream/classify-failure.ts";

interface Learned {
	contextWindow?: number;
	maxOutput?: number;
	/** Reasoning goes back with every assistant turn. */
	reasoningRequired?: boolean;
}

/** What a provider's own messages have taught in this run: the true window, the true output limit. */
export class LearnedLimits {
	readonly #byTarget = new Map<string, Learned>();

	/** The target with what was learned of it. */
	apply(target: Target): Target {
		const learned = this.#byTarget.get(keyOf(target));
		if (!learned) return target;
		const { contextWindow = target.contextWindow, maxOutput = target.maxOutput } = learned;
		const quirks = learned.reasoningRequired
			? { ...target.quirks, reasoningRequired: "always" as const }
			: target.quirks;
		return { ...target, contextWindow, maxOutput, quirks };
	}

	learn(target: Target, fact: Learned): void {
		this.#byTarget.set(keyOf(target), { ...this.#byTarget.get(keyOf(target)), ...fact });
	}
}

export interface Adaption {
	target: Target;
	/** Kind of the divergence. */
	kind: string;
	done: string;
}

/** How the request can be sent once more so that this failure does not come again; undefined when it cannot. */
export function adapt(target: Target, failure: Failure, learned: LearnedLimits): Adaption | undefined {
	if (failure.class === "context-overflow" && failure.maximum !== undefined) {
		learned.learn(target, { contextWindow: failure.maximum });
		return undefined;
	}
	const { ceiling } = failure;
	if (failure.class === "max-tokens" && ceiling !== undefined && ceiling !== target.maxOutput) {
		learned.learn(target, { maxOutput: ceiling });
		return { target: learned.apply(target), kind: "max-tokens-learned", done: `sent again with at most ${ceiling}` };
	}
	if (failure.class === "reasoning-missing" && target.quirks.reasoningRequired !== "always") {
		learned.learn(target, { reasoningRequired: true });
		return {
			target: learned.apply(target),
			kind: "reasoning-restored",
			done: "sent again with reasoning on each turn",
		};
	}
	return undefined;
}

function keyOf(target: Target): string {
	return `${target.profile} ${target.dialect} ${target.model}`;
}
