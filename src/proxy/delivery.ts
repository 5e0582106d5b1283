import { estimateTokens } from "../anthropic/count-tokens.ts";
import type { MessageRequest } from "../anthropic/messages.ts";
import type { Note } from "../divergence.ts";
import type { Target } from "../profile/target.ts";
import type { ExchangeRecord } from "../trace/exchange-record.ts";
import { type Brake, isPassing, type Pass } from "../upstream/brake.ts";
import { classifyFailure, type Failure } from "../upstream/classify-failure.ts";
import { UpstreamFailure } from "../upstream/failure.ts";
import type { Limiter } from "../upstream/limiter.ts";
import { FALLBACK_CLASSES, type Route } from "./fallback.ts";
import { adapt, type LearnedLimits } from "./learned-limits.ts";

/** Retries of one target inside one exchange, and the milliseconds that they may wait in all. */
export const MAX_RETRIES = 2;
export const RETRY_BUDGET = 6000;

/** A failure that is told to Claude Code, with what was known of the target. */
export class DeliveryFailure extends Error {
	override name = "DeliveryFailure";
	readonly failure: Failure;
	readonly target: Target;
	readonly estimatedTokens: number | undefined;

	constructor(failure: Failure, target: Target, estimatedTokens?: number) {
		super(failure.message);
		this.failure = failure;
		this.target = target;
		this.estimatedTokens = estimatedTokens;
	}
}

/** What one attempt reports while it runs. */
export interface AttemptHooks {
	/** The first content has come: the target is alive. */
	onContent: () => void;
}

export interface DeliveryContext {
	request: MessageRequest;
	route: Route;
	brake: Brake;
	limiterOf: (target: Target) => Limiter;
	learned: LearnedLimits;
	record: ExchangeRecord;
	note: Note;
	signal: AbortSignal;
	/** Content has reached Claude Code: nothing can be tried again. */
	committed: () => boolean;
	/** Sends one attempt through the line. Throws `UpstreamFailure`. */
	attempt: (target: Target, hooks: AttemptHooks) => Promise<void>;
	/** Answers with the tool call that a server could not read; false when there is none in its text. */
	recover: (target: Target, failedGeneration: string) => boolean;
}

/**
 * Brings one request to an answer: the targets in order, each with its brake, its retries and its adaptions. Before
 * the commit point all of it is invisible to Claude Code, and all of it is noted.
 */
export async function deliver(context: DeliveryContext): Promise<void> {
	const { route, note } = context;
	for (let target = route.current(); ; ) {
		const failure = await tryTarget(target, context);
		if (!failure) return;
		const next = FALLBACK_CLASSES.has(failure.class) ? route.next(target, failure) : undefined;
		// After the commit point only the next request goes to the fallback.
		if (!next || context.committed()) throw await deliveryFailure(failure, target, context);
		note({
			kind: "fallback",
			where: "upstream",
			seen: `${target.profile}/${target.model}: ${failure.class}: ${failure.message}`,
			done: `sent to ${next.profile}/${next.model}`,
		});
		target = next;
	}
}

/** Tries one target until it answers; returns the failure that ended the trying. */
async function tryTarget(first: Target, context: DeliveryContext): Promise<Failure | undefined> {
	const { brake, signal, record, note } = context;
	const deadline = Date.now() + RETRY_BUDGET;
	let target = context.learned.apply(first);
	let asked = false;
	for (let retries = 0; ; retries++) {
		const pass = await brake.admit(brakeKey(target), Math.max(0, deadline - Date.now()), signal);
		if (!("succeeded" in pass)) {
			if (!asked) note({ kind: "brake", where: "upstream", seen: pass.message, done: "the provider was not asked" });
			return pass;
		}
		asked = true;
		record.servedModel = target.model;
		record.profile = target.profile;
		const failure = await tryOnce(target, pass, context);
		if (!failure) return undefined;
		if (context.committed()) return failure;
		if (failure.failedGeneration !== undefined && context.recover(target, failure.failedGeneration)) return undefined;
		const adapted = adapt(target, failure, context.learned);
		if (adapted) {
			note({ kind: adapted.kind, where: "upstream", seen: failure.message, done: adapted.done });
			target = adapted.target;
		} else if (!isPassing(failure.class) || retries >= MAX_RETRIES) {
			return failure;
		} else {
			note({ kind: "retry", where: "upstream", seen: `${failure.class}: ${failure.message}`, done: "sent again" });
		}
	}
}

async function tryOnce(target: Target, pass: Pass, context: DeliveryContext): Promise<Failure | undefined> {
	try {
		const release = await context.limiterOf(target).acquire(context.signal);
		try {
			await context.attempt(target, { onContent: pass.succeeded });
		} finally {
			release(context.record.usage?.input_tokens ?? 0);
		}
		pass.succeeded();
		return undefined;
	} catch (error) {
		if (!(error instanceof UpstreamFailure) || context.signal.aborted) {
			pass.released();
			throw error;
		}
		const failure = classifyFailure(error.source);
		pass.failed(failure);
		// A failure that does not concern the target's health leaves the brake as it was, but ends the probe.
		if (!isPassing(failure.class)) pass.released();
		return failure;
	}
}

/** An overflow without numbers gets the best ones there are: Claude Code compacts better with them. */
async function deliveryFailure(failure: Failure, target: Target, context: DeliveryContext): Promise<DeliveryFailure> {
	const needsEstimate = failure.class === "context-overflow" && failure.tokens === undefined;
	return new DeliveryFailure(failure, target, needsEstimate ? await estimateTokens(context.request) : undefined);
}

/** The brake's view is shared by what shares a limit: endpoint, key and model. The key itself is not kept. */
function brakeKey(target: Target): string {
	return `${target.profile} ${target.baseUrl} ${target.model}`;
}
