import { endpointKey, type Target } from "../../profile/model/target.ts";
import { estimateTokens } from "../../protocol/count-tokens.ts";
import { classifyFailure, type Failure } from "../../upstream/failures/classify.ts";
import { exhaustedFor } from "../../upstream/failures/retry-hint.ts";
import { FAILURES } from "../../upstream/failures/table.ts";
import type { Permit } from "../../upstream/resilience/circuit-breaker.ts";
import { type AttemptOptions, type AttemptResult, passRecoveredCall, runAttempt } from "../attempt.ts";
import type { Exchange } from "../exchange.ts";
import { adapt } from "./learned-limits.ts";

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

/**
 * Brings one request to an answer: the targets in order, each with its breaker, its retries and its adaptions. Before
 * the commit point all of it is invisible to Claude Code, and all of it is noted.
 */
export async function deliver(exchange: Exchange): Promise<void> {
	const { route, note, proxy, reply } = exchange;
	proxy.retryBudget.earn();
	for (let target = route.current(); ; ) {
		const failure = await tryTarget(target, exchange);
		if (!failure) return;
		const next = FAILURES[failure.class].fallback ? route.next(failure) : undefined;
		// After the commit point only the next request goes to the fallback.
		if (!next || reply.committed) throw await deliveryFailure(failure, target, exchange);
		note({
			kind: "fallback",
			where: "upstream",
			seen: `${target.profile}/${target.model}: ${failure.class}: ${failure.message}`,
			done: `sent to ${next.profile}/${next.model}`,
		});
		const words = `[cc-any: ${target.profile}/${target.model}: ${failure.class}; answered by ${next.profile}/${next.model}]`;
		if (proxy.profile.announceFallback) exchange.notice = words;
		target = next;
	}
}

/** Tries one target until it answers; returns the failure that ended the trying. */
async function tryTarget(first: Target, exchange: Exchange): Promise<Failure | undefined> {
	const { signal, record, note, reply } = exchange;
	const { breaker, learned, keys, retryBudget } = exchange.proxy;
	const deadline = Date.now() + MAX_RETRY_WAIT_MS;
	let target = learned.apply(first);
	const refused = mayBeOversized(target, exchange) ? await refuseOversized(target, exchange) : undefined;
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
		const failure = await tryOnce(target, permit, exchange);
		if (!failure) return undefined;
		if (reply.committed) return failure;
		if (failure.failedGeneration !== undefined && passRecoveredCall(failure.failedGeneration, target, exchange))
			return undefined;
		const adapted = adapt(target, failure, learned) ?? (await keys.renew(target, failure, note));
		if (adapted) {
			note({ kind: adapted.kind, where: "upstream", seen: failure.message, done: adapted.done });
			target = adapted.target;
		} else if (failure.final || retries >= FAILURES[failure.class].retries || !retryBudget.spend()) {
			return failure;
		} else {
			note({ kind: "retry", where: "upstream", seen: `${failure.class}: ${failure.message}`, done: "sent again" });
		}
	}
}

async function tryOnce(target: Target, permit: Permit, exchange: Exchange): Promise<Failure | undefined> {
	const { proxy, record, signal } = exchange;
	try {
		const release = await proxy.limiterOf(target).acquire(signal);
		let result: AttemptResult;
		try {
			result = await runAttempt(exchange, attemptOptions(target, permit, exchange));
		} finally {
			release(record.usage?.input_tokens ?? 0);
		}
		if (result.kind === "answered") {
			permit.succeeded();
			return undefined;
		}
		const failure = classifyFailure(result.source);
		permit.failed(failure);
		return failure;
	} catch (error) {
		permit.released();
		throw error;
	}
}

function attemptOptions(target: Target, permit: Permit, { proxy, route }: Exchange): AttemptOptions {
	const key = endpointKey(target);
	const { breaker, firstTokens } = proxy;
	const started = Date.now();
	const { firstToken, progress } = target.patience;
	const asked = {
		...(firstToken !== undefined && { firstToken: firstToken * 1000 }),
		...(progress !== undefined && { progress: progress * 1000 }),
	};
	return {
		target,
		patience: firstTokens.patience(key, asked, route.hasNext()),
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
function mayBeOversized({ contextWindow }: Target, { requestChars }: Exchange): boolean {
	return contextWindow !== undefined && requestChars >= contextWindow * SUSPICIOUS_LENGTH;
}

/**
 * A request that surely does not fit is not sent. "Surely": even at eight characters a token, or where an estimate lowered by
 * a third is still above the window.
 */
async function refuseOversized(
	target: Target,
	{ request, requestChars, note }: Exchange,
): Promise<Failure | undefined> {
	const contextWindow = target.contextWindow ?? 0;
	const tokens = await estimateTokens(request);
	if (requestChars < contextWindow * IMPOSSIBLE_LENGTH && tokens * ESTIMATE_MARGIN < contextWindow) return undefined;
	const message = `about ${tokens} tokens do not fit the window of ${contextWindow}; the provider was not asked`;
	note({ kind: "oversized-request", where: "request", seen: `about ${tokens} tokens`, done: "refused before sending" });
	return { class: "context-overflow", message, status: 0, tokens, maximum: contextWindow };
}

/** An overflow without numbers gets the best ones there are: Claude Code compacts better with them. */
async function deliveryFailure(failure: Failure, target: Target, exchange: Exchange): Promise<DeliveryFailure> {
	const needsEstimate = failure.class === "context-overflow" && failure.tokens === undefined;
	return new DeliveryFailure(failure, target, needsEstimate ? await estimateTokens(exchange.request) : undefined);
}
