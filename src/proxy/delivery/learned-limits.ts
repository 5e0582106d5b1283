import type { DialectName } from "../../profile/model/quirks.ts";
import { endpointKey, type Target, withDialect } from "../../profile/model/target.ts";
import type { DivergenceData } from "../../protocol/divergence.ts";
import type { Failure } from "../../upstream/failures/classify.ts";
import { withoutParameter } from "./refused-parameter.ts";

interface Learned {
	contextWindow?: number;
	maxOutput?: number;
	/** Reasoning goes back with every assistant turn. */
	reasoningRequired?: boolean;
	/** Parameters that the provider refuses by name. */
	refused?: readonly string[];
	/** See `Target.reasoningGeneration`. */
	reasoningGeneration?: number;
	/** The wire that the model really wants. */
	dialect?: DialectName;
}

/** What a provider's own messages have taught in this run: the true window, the true output limit, the wire. */
export class LearnedLimits {
	readonly #byTarget = new Map<string, Learned>();

	/** The target with what was learned of it. */
	apply(target: Target): Target {
		const learned = this.#byTarget.get(keyOf(target));
		if (!learned) return target;
		const switched = learned.dialect ? withDialect(target, learned.dialect) : target;
		if (switched !== target) return this.apply(switched);
		const { contextWindow = target.contextWindow, maxOutput = target.maxOutput } = learned;
		const quirks = learned.reasoningRequired
			? { ...target.quirks, reasoningRequired: "always" as const }
			: target.quirks;
		const { reasoningGeneration = target.reasoningGeneration } = learned;
		const adapted = { ...target, contextWindow, maxOutput, quirks, reasoningGeneration };
		return (learned.refused ?? []).reduce((before: Target, name) => withoutParameter(before, name) ?? before, adapted);
	}

	refusedBy(target: Target): readonly string[] {
		return this.#byTarget.get(keyOf(target))?.refused ?? [];
	}

	learn(target: Target, fact: Learned): void {
		this.#byTarget.set(keyOf(target), { ...this.#byTarget.get(keyOf(target)), ...fact });
	}
}

/** A provider that refuses its reasoning again and again is told no more of it than this often. */
const MAX_GENERATIONS = 3;

export interface Adaptation {
	target: Target;
	/** Kind of the divergence. */
	kind: string;
	done: string;
	data?: DivergenceData;
}

/** How the request can be sent once more so that this failure does not come again; undefined when it cannot. */
export function adapt(target: Target, failure: Failure, learned: LearnedLimits): Adaptation | undefined {
	if (failure.class === "context-overflow" && failure.maximum !== undefined) {
		learned.learn(target, { contextWindow: failure.maximum });
		return undefined;
	}
	const { ceiling } = failure;
	if (failure.class === "max-tokens" && ceiling !== undefined && ceiling !== target.maxOutput) {
		learned.learn(target, { maxOutput: ceiling });
		const data = { maxOutput: ceiling };
		return {
			target: learned.apply(target),
			kind: "max-tokens-learned",
			done: `sent again with at most ${ceiling}`,
			data,
		};
	}
	if (failure.class === "reasoning-missing" && target.quirks.reasoningRequired !== "always") {
		learned.learn(target, { reasoningRequired: true });
		return {
			target: learned.apply(target),
			kind: "reasoning-restored",
			done: "sent again with reasoning on each turn",
		};
	}
	const { parameter } = failure;
	if (parameter !== undefined && withoutParameter(target, parameter)) {
		learned.learn(target, { refused: [...learned.refusedBy(target), parameter] });
		const done = `sent again without ${parameter}`;
		return { target: learned.apply(target), kind: "parameter-refused", done, data: { parameter } };
	}
	const generation = target.reasoningGeneration ?? 0;
	// Anthropic's own signatures are not ours to leave out: Claude Code does that itself when it hears of them.
	if (failure.class === "reasoning-refused" && generation < MAX_GENERATIONS && target.dialect !== "anthropic") {
		learned.learn(target, { reasoningGeneration: generation + 1 });
		const done = "sent again without the earlier reasoning";
		return { target: learned.apply(target), kind: "reasoning-scrubbed", done };
	}
	const dialect = failure.class === "wrong-dialect" ? wantedDialect(target, failure.message) : undefined;
	if (dialect) {
		learned.learn(target, { dialect });
		return { target: learned.apply(target), kind: "dialect-switched", done: `sent again over ${dialect}` };
	}
	return undefined;
}

/** Words by which an error message names a wire. */
const WIRES: Readonly<Record<DialectName, RegExp>> = {
	"openai-responses": /responses/i,
	"openai-chat": /chat[/ ]completions/i,
	anthropic: /v1\/messages|messages api/i,
	gemini: /generateContent/i,
};

/** The other wire that the message names; else Responses, which is what chat completions are most often refused for. */
function wantedDialect({ alternatives = [] }: Target, message: string): DialectName | undefined {
	const named = alternatives.find(({ dialect }) => WIRES[dialect].test(message));
	const usual = alternatives.find(({ dialect }) => dialect === "openai-responses");
	return (named ?? usual ?? alternatives[0])?.dialect;
}

function keyOf(target: Target): string {
	return `${endpointKey(target)} ${target.dialect}`;
}
