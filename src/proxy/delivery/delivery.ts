import { endpointKey, type Target } from "../../profile/model/target.ts";
import { estimateTokens } from "../../protocol/count-tokens.ts";
import type { Note } from "../../protocol/divergence.ts";
import type { MessageRequest } from "../../protocol/messages.ts";
import type { ExchangeRecord } from "../../trace/record/exchange-record.ts";
import { classifyFailure, type Failure } from "../../upstream/failures/classify.ts";
import { UpstreamFailure } from "../../upstream/failures/failure.ts";
import { exhaustedFor } from "../../upstream/failures/retry-hint.ts";
import { FAILURES } from "../../upstream/failures/table.ts";
import type { Cancellable } from "../../upstream/http/cancellation.ts";
import type { CircuitBreaker, Permit } from "../../upstream/resilience/circuit-breaker.ts";
import type { FirstTokenTimes } from "../../upstream/resilience/first-token-times.ts";
import type { Patience } from "../../upstream/resilience/idle-watch.ts";
import type { Limiter } from "../../upstream/resilience/limiter.ts";
import type { RetryBudget } from "../../upstream/resilience/retry-budget.ts";
import type { Route } from "./fallback.ts";
import type { KeyRenewal } from "./key-renewal.ts";
import { adapt, type LearnedLimits } from "./learned-limits.ts";

/** Longest time that one exchange spends waiting to retry a target. */
const MAX_RETRY_WAIT_MS = 6000;

/** Characters of JSON per token: below the first nothing is estimated, above the second nothing can fit. */
const SUSPICIOUS_LENGTH = 2.5;
const IMPOSSIBLE_LENGTH = 8;
/** What remains of an estimate that may be a third too high. */
const ESTIMATE_MARGIN = 0.67;

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

/** What one attempt is given and reports. */
export interface AttemptHooks {
	patience: Patience;
	/** Line to put before the reply: the fallback, where the profile wants it told in the conversation. */
	announcement: string | undefined;
	/** The reply's headers have come. */
	onHeaders: (headers: Readonly<Record<string, string>>) => void;
	/** The first content has come: the target is alive. */
	onContent: () => void;
}

/** What the exchanges of one run know together of the places they go to. */
export interface Resilience {
	breaker: CircuitBreaker;
	budget: RetryBudget;
	firstTokens: FirstTokenTimes;
	limiterOf: (target: Target) => Limiter;
	/** A fallback is told in the conversation, too. */
	announces: boolean;
	learned: LearnedLimits;
	keys: KeyRenewal;
}

export interface DeliveryContext {
	/** By reference: a copy of so many fields for each exchange costs more than all else in it (docs/performance.md). */
	shared: Resilience;
	request: MessageRequest;
	/** Of the request's JSON, in UTF-16 units. */
	length: number;
	route: Route;
	/** The line that tells of a fallback, once one has happened. */
	announcement?: string | undefined;
	record: ExchangeRecord;
	note: Note;
	signal: Cancellable;
	/** Content has reached Claude Code: nothing can be tried again. */
	committed: () => boolean;
	/** Sends one attempt through the line. Throws `UpstreamFailure`. */
	attempt: (target: Target, hooks: AttemptHooks) => Promise<void>;
	/** Answers with the tool call that a server could not read; false when there is none in its text. */
	recover: (target: Target, failedGeneration: string) => boolean;
}

/**
 * Brings one request to an answer: the targets in order, each with its breaker, its retries and its adaptions. Before
 * the commit point all of it is invisible to Claude Code, and all of it is noted.
 */
export async function deliver(context: DeliveryContext): Promise<void> {
	const { route, note, shared } = context;
	shared.budget.earn();
	let current = context;
	for (let target = route.current(); ; ) {
		const failure = await tryTarget(target, current);
		if (!failure) return;
		const next = FAILURES[failure.class].fallback ? route.next(failure) : undefined;
		// After the commit point only the next request goes to the fallback.
		if (!next || context.committed()) throw await deliveryFailure(failure, target, context);
		note({
			kind: "fallback",
			where: "upstream",
			seen: `${target.profile}/${target.model}: ${failure.class}: ${failure.message}`,
			done: `sent to ${next.profile}/${next.model}`,
		});
		const words = `[cc-any: ${target.profile}/${target.model}: ${failure.class}; answered by ${next.profile}/${next.model}]`;
		if (shared.announces) current = { ...context, announcement: words };
		target = next;
	}
}

/** Tries one target until it answers; returns the failure that ended the trying. */
async function tryTarget(first: Target, context: DeliveryContext): Promise<Failure | undefined> {
	const { signal, record, note } = context;
	const { breaker, learned, keys, budget } = context.shared;
	const deadline = Date.now() + MAX_RETRY_WAIT_MS;
	let target = learned.apply(first);
	const refused = mayBeOversized(target, context) ? await refuseOversized(target, context) : undefined;
	if (refused) return refused;
	let asked = false;
	for (let retries = 0; ; retries++) {
		const permit = await breaker.admit(endpointKey(target), Math.max(0, deadline - Date.now()), signal);
		if (!("succeeded" in permit)) {
			if (!asked) note({ kind: "brake", where: "upstream", seen: permit.message, done: "the provider was not asked" });
			return permit;
		}
		asked = true;
		record.servedModel = target.model;
		record.profile = target.profile;
		const failure = await tryOnce(target, permit, context);
		if (!failure) return undefined;
		if (context.committed()) return failure;
		if (failure.failedGeneration !== undefined && context.recover(target, failure.failedGeneration)) return undefined;
		const adapted = adapt(target, failure, learned) ?? (await keys.renew(target, failure, note));
		if (adapted) {
			note({ kind: adapted.kind, where: "upstream", seen: failure.message, done: adapted.done });
			target = adapted.target;
		} else if (failure.final || retries >= FAILURES[failure.class].retries || !budget.spend()) {
			return failure;
		} else {
			note({ kind: "retry", where: "upstream", seen: `${failure.class}: ${failure.message}`, done: "sent again" });
		}
	}
}

async function tryOnce(target: Target, permit: Permit, context: DeliveryContext): Promise<Failure | undefined> {
	try {
		const release = await context.shared.limiterOf(target).acquire(context.signal);
		try {
			await context.attempt(target, hooksFor(target, permit, context));
		} finally {
			release(context.record.usage?.input_tokens ?? 0);
		}
		permit.succeeded();
		return undefined;
	} catch (error) {
		if (!(error instanceof UpstreamFailure) || context.signal.aborted) {
			permit.released();
			throw error;
		}
		const failure = classifyFailure(error.source);
		permit.failed(failure);
		return failure;
	}
}

function hooksFor(target: Target, permit: Permit, context: DeliveryContext): AttemptHooks {
	const key = endpointKey(target);
	const { breaker, firstTokens } = context.shared;
	const started = Date.now();
	const { firstToken, progress } = target.patience;
	const asked = {
		...(firstToken !== undefined && { firstToken: firstToken * 1000 }),
		...(progress !== undefined && { progress: progress * 1000 }),
	};
	return {
		announcement: context.announcement,
		patience: firstTokens.patience(key, asked, context.route.hasNext()),
		onHeaders(headers) {
			const seconds = exhaustedFor(headers, Date.now());
			if (seconds === undefined) return;
			const message = `${target.profile} says that its rate limit is used up`;
			breaker.hold(key, seconds, { class: "rate-limit", message, status: 429 });
		},
		onContent() {
			permit.succeeded();
			firstTokens.observe(key, Date.now() - started);
		},
	};
}

/** Almost no request is; the others need not wait for an estimate. */
function mayBeOversized({ contextWindow }: Target, { length }: DeliveryContext): boolean {
	return contextWindow !== undefined && length >= contextWindow * SUSPICIOUS_LENGTH;
}

/**
 * A request that surely does not fit is not sent. "Surely": even at eight characters a token, or where an estimate lowered by
 * a third is still above the window.
 */
async function refuseOversized(
	target: Target,
	{ request, length, note }: DeliveryContext,
): Promise<Failure | undefined> {
	const contextWindow = target.contextWindow ?? 0;
	const tokens = await estimateTokens(request);
	if (length < contextWindow * IMPOSSIBLE_LENGTH && tokens * ESTIMATE_MARGIN < contextWindow) return undefined;
	const message = `about ${tokens} tokens do not fit the window of ${contextWindow}; the provider was not asked`;
	note({ kind: "oversized-request", where: "request", seen: `about ${tokens} tokens`, done: "refused before sending" });
	return { class: "context-overflow", message, status: 0, tokens, maximum: contextWindow };
}

/** An overflow without numbers gets the best ones there are: Claude Code compacts better with them. */
async function deliveryFailure(failure: Failure, target: Target, context: DeliveryContext): Promise<DeliveryFailure> {
	const needsEstimate = failure.class === "context-overflow" && failure.tokens === undefined;
	return new DeliveryFailure(failure, target, needsEstimate ? await estimateTokens(context.request) : undefined);
}
