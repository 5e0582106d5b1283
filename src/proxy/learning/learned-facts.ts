import { editBody } from "../../pipeline/edit-body.ts";
import { counted } from "../../platform/figures.ts";
import { endpointKey, type Target } from "../../profile/model/target.ts";
import type { Note } from "../../protocol/divergence.ts";
import { type Change, type Fact, factsOf, isLasting, type Lesson, withChange } from "./facts.ts";
import { outputLimitOf, type SentRequest } from "./output-limits.ts";
import { imagesIn } from "./refused-images.ts";

/** Where facts are kept between runs. */
export interface FactStore {
	/** The facts about a target that are still believed. */
	read(key: string): Fact[];
	/** What went wrong with it since the last call. */
	takeProblems(): string[];
	keep(key: string, target: Target, fact: Fact): void;
	forget(key: string, fact: Fact): void;
}

/** What an answered request says about the facts. */
export interface Answered extends Pick<SentRequest, "body"> {
	/** Tokens of the prompt; 0 if the provider named none. */
	inputTokens: number;
	/** When it was sent, in milliseconds since 1970. */
	sentAt: number;
}

/**
 * What the error messages of each target have taught: its true limits, parameters and dialect. A fact is doubted: it is
 * kept for later runs only after a request has succeeded with it, and forgotten when a request succeeds that contradicts
 * it, when it did not help, and after a week.
 */
export class LearnedFacts {
	readonly #byTarget = new Map<string, Fact[]>();
	/** Facts with which the endpoint said the same as before: they are not learned again in this run. */
	readonly #useless = new Set<string>();
	readonly #store: FactStore | undefined;

	constructor(store?: FactStore) {
		this.#store = store;
	}

	/** The target with what was learned about it, for a request of this length (see `requestLength`). */
	apply(target: Target, requestChars?: number): Target {
		const changed = this.of(target).reduce((before, { change }) => withChange(before, change, requestChars), target);
		// Over another dialect other things are refused.
		return changed.dialect === target.dialect ? changed : this.apply(changed, requestChars);
	}

	/** Records which facts of earlier runs a request is sent with, and problems of the store. */
	noteKept(target: Target, note: Note): void {
		const kept = this.of(target).filter(({ isKept }) => isKept);
		const done = kept.map((fact) => fact.done).join(", ");
		const seen = `${counted(kept.length, "refusal")} in earlier runs`;
		if (kept.length > 0) note({ kind: "learned-earlier", where: "request", seen, done });
		for (const problem of this.#store?.takeProblems() ?? [])
			note({ kind: "learned-lost", where: "request", seen: problem, done: "nothing was taken from it" });
	}

	/** The profile's window, or one that this run has learned: whatever an earlier run has learned may be outdated. */
	certainWindow(first: Target, applied: Target): number | undefined {
		const isKept = this.of(applied).some(({ slot, isKept }) => slot === "context-window" && isKept);
		return isKept ? first.contextWindow : applied.contextWindow;
	}

	/** The facts about a target over its present dialect. */
	of(target: Target): readonly Fact[] {
		const key = keyOf(target);
		const facts = this.#byTarget.get(key) ?? this.#store?.read(key) ?? [];
		const believed = facts.filter(({ until }) => until > Date.now());
		this.#byTarget.set(key, believed);
		return believed;
	}

	/**
	 * Adds a change, and returns the target with everything that is known about it; undefined if the change cannot be
	 * true, or did not help before.
	 */
	learn(target: Target, change: Change, lesson: Lesson): Target | undefined {
		const key = keyOf(target);
		const facts = factsOf(change, lesson, Date.now()).filter(({ slot }) => !this.#useless.has(key + slot));
		if (facts.length === 0) return undefined;
		const isReplaced = ({ slot }: Fact) => facts.some((fact) => fact.slot === slot);
		this.#byTarget.set(key, [...this.of(target).filter((fact) => !isReplaced(fact)), ...facts]);
		return this.apply(target);
	}

	/** The endpoint says the same again, and nothing else can be changed: what was learned from this error did not help. */
	reject(target: Target, message: string): void {
		const key = keyOf(target);
		for (const fact of this.of(target)) {
			if (fact.isConfirmed || fact.seen !== message) continue;
			this.#useless.add(key + fact.slot);
			this.#forget(key, fact);
		}
	}

	/** A request was answered: facts that it contradicts are forgotten, those that it was sent with are kept. */
	confirm(target: Target, answered: Answered): void {
		const key = keyOf(target);
		for (const fact of this.of(target)) {
			if (contradicts(answered, fact)) this.#forget(key, fact);
			else if (!fact.isConfirmed && fact.at <= answered.sentAt) {
				fact.isConfirmed = true;
				if (isLasting(fact)) this.#store?.keep(key, target, fact);
			}
		}
	}

	#forget(key: string, fact: Fact): void {
		this.#byTarget.set(
			key,
			(this.#byTarget.get(key) ?? []).filter((other) => other !== fact),
		);
		if (isLasting(fact)) this.#store?.forget(key, fact);
	}
}

/** Whether a request that was answered had what the fact says is refused. */
function contradicts({ body, inputTokens }: Answered, { change }: Fact): boolean {
	const { contextWindow = Infinity, maxOutput = Infinity, sharedWindow, edits = [], vision } = change;
	const output = outputLimitOf(body) ?? 0;
	return (
		inputTokens > contextWindow ||
		output > maxOutput ||
		(sharedWindow !== undefined && inputTokens > 0 && inputTokens + output > sharedWindow.tokens) ||
		edits.some((edit) => editBody(body, [edit]) !== body) ||
		(vision === false && imagesIn(body).length > 0)
	);
}

/** A model at an address over one dialect. */
export function keyOf(target: Target): string {
	return `${endpointKey(target)} ${target.dialect}`;
}
