import type { UpstreamRequest } from "../../dialects/dialect.ts";
import { gateKey, type Target } from "../../profile/model/target.ts";
import { classifyFailure, type Failure } from "../../upstream/failures/classify.ts";
import type { FailureSource } from "../../upstream/failures/failure.ts";
import { isPage } from "../../upstream/failures/missing-route.ts";
import { isNoConnection, otherScheme } from "../../upstream/failures/network-codes.ts";
import { exhaustedFor } from "../../upstream/failures/retry-hint.ts";
import { FAILURES } from "../../upstream/failures/table.ts";
import type { Admission, Permit } from "../../upstream/resilience/target-gates.ts";
import { type AttemptOptions, type AttemptResult, passRecoveredCall, runAttempt } from "../attempt.ts";
import type { Exchange } from "../exchange.ts";
import { adapt } from "../learning/adapt.ts";
import { outputLimitOf } from "../learning/output-limits.ts";
import { tellChange } from "./fallback.ts";
import { refuseOversized } from "./oversized.ts";
import { maySendAgain, maySendElsewhere } from "./request-budget.ts";

/**
 * An exchange waits this long inside cc-any, if Claude Code would only come back later: it sees neither a status nor
 * a ping, and 75 s without headers are fine (measured with Claude Code 2.1.x).
 */
const MAX_WAIT_MS = 30_000;

/** With a fallback that can answer now, a target is given up after this time, and after this many retries. */
const MAX_WAIT_BEFORE_FALLBACK_MS = 6000;
const MAX_RETRIES_BEFORE_FALLBACK = 2;

/** While nothing has answered at an address, its server may be starting. */
const MAX_START_WAIT_MS = 7500;

/** The failure that is reported to Claude Code, and the target that it came from. */
export interface DeliveryFailure {
	failure: Failure;
	target: Target;
	/** The request that failed; undefined when none was sent. */
	sent?: UpstreamRequest | undefined;
}

/**
 * Gets a reply for one request: from the targets in order, each with its gate, retries and adaptations. Until
 * the first content is written none of this is visible to Claude Code; all of it is recorded. Returns the
 * failure to report; undefined when the reply was passed on.
 */
export async function deliver(exchange: Exchange): Promise<DeliveryFailure | undefined> {
	const { route, note, proxy, record, reply } = exchange;
	for (let target = route.current(); ; ) {
		const failed = await tryTarget(target, exchange);
		if (!failed) {
			tellChange(route.answered(), note, (text) => proxy.announcements.tell(text));
			return undefined;
		}
		const { failure } = failed;
		if (!FAILURES[failure.class].fallback) return failed;
		if (reply.committed) {
			route.brokeOff(exchange.fingerprint(), failure);
			return failed;
		}
		const next = route.next(failure);
		if (!next || !maySendElsewhere(record)) return failed;
		const from = `${target.profile}/${target.model}: ${failure.class}`;
		const to = `${next.profile}/${next.model}`;
		const data = { failureClass: failure.class };
		note({ kind: "fallback", where: "upstream", seen: `${from}: ${failure.message}`, done: `sent to ${to}`, data });
		if (proxy.profile.announceFallback && exchange.isShown) exchange.notice = `[cc-any: ${from}; answered by ${to}]`;
		target = next;
	}
}

/** Tries one target until it answers. Returns the last failure; undefined when the reply was passed on. */
async function tryTarget(first: Target, exchange: Exchange): Promise<DeliveryFailure | undefined> {
	const { record, note, reply, route, requestChars } = exchange;
	const { learned, keyRing, descriptions } = exchange.proxy;
	let target = learned.apply(first, requestChars);
	learned.noteKept(target, note);
	const contextWindow = learned.certainWindow(first, target) ?? Infinity;
	const oversized = await refuseOversized(contextWindow, exchange);
	if (oversized) return { failure: oversized, target };
	// Before the target's own gate and limits: nobody else waits for the descriptions.
	exchange.images = await descriptions?.of(exchange, target);
	const hasFallback = route.hasNext();
	const startedAt = performance.now();
	const deadline = startedAt + (hasFallback ? MAX_WAIT_BEFORE_FALLBACK_MS : MAX_WAIT_MS);
	for (let retries = 0; ; ) {
		const admission = await admit(target, deadline, exchange);
		if (admission.kind === "blocked") return { failure: admission.failure, target };
		record.servedModel = target.model;
		record.profile = target.profile;
		record.key = keyRing.describe(target);
		const failed = await tryOnce(target, admission.permit, exchange);
		if (!failed || reply.committed) return failed;
		const { failure, sent } = failed;
		const { class: failureClass, message, failedGeneration } = failure;
		if (failedGeneration !== undefined && passRecoveredCall(failedGeneration, target, exchange)) return undefined;
		if (!maySendAgain(record)) return failed;
		const adapted = await adaptedTarget(target, failure, sent, exchange);
		if (adapted) {
			target = adapted;
			// The endpoint may just have refused the images.
			exchange.images = await descriptions?.of(exchange, target);
			continue;
		}
		const maxRetries = Math.min(
			FAILURES[failureClass].retries,
			hasFallback ? MAX_RETRIES_BEFORE_FALLBACK : Number.POSITIVE_INFINITY,
		);
		const isTooLate = failureClass === "unreachable" && performance.now() > startedAt + MAX_START_WAIT_MS;
		if (failure.final || retries >= maxRetries || isTooLate) return failed;
		const seen = `${failureClass}: ${message}`;
		note({ kind: "retry", where: "upstream", seen, done: "sent again", data: { failureClass } });
		retries++;
	}
}

/** The target with what its failure has taught, or with another key; undefined if neither would help. */
async function adaptedTarget(
	target: Target,
	failure: Failure,
	sent: UpstreamRequest,
	{ requestChars, note, proxy: { learned, keys, keyRing } }: Exchange,
): Promise<Target | undefined> {
	const adaptation =
		adapt(target, failure, learned, { ...sent, requestChars }) ??
		(await keys.renew(target, failure, note)) ??
		keyRing.next(target, failure);
	if (!adaptation) {
		learned.reject(target, failure.message);
		return undefined;
	}
	const { target: adapted, ...divergence } = adaptation;
	note({ ...divergence, where: "upstream", seen: failure.message });
	return adapted;
}

/** Waits until the target may be sent a request, at most until the deadline. */
async function admit(target: Target, deadline: number, exchange: Exchange): Promise<Admission> {
	const { proxy, record, note, signal } = exchange;
	const arrivedAt = exchange.arrivedAt;
	const admission = await proxy.gates.admit(gateKey(target), {
		request: exchange.fingerprint,
		arrivedAt,
		deadline,
		signal,
	});
	if (admission.kind === "blocked" && record.attempts === 0) {
		const { class: failureClass, message: seen } = admission.failure;
		note({ kind: "brake", where: "upstream", seen, done: "the provider was not asked", data: { failureClass } });
	}
	return admission;
}

async function tryOnce(
	target: Target,
	permit: Permit,
	exchange: Exchange,
): Promise<(DeliveryFailure & { sent: UpstreamRequest }) | undefined> {
	const { proxy, record, signal } = exchange;
	try {
		const release = await proxy.limiterOf(target).acquire(signal, { isOptional: record.purpose === "title" });
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
		const { source, outgoing: sent } = result;
		const failure = failureOf({ ...source, maxTokens: outputLimitOf(sent.body) }, target, exchange);
		// The provider has received nothing.
		if (failure.class === "unreachable") record.attempts--;
		permit.failed(failure);
		return { failure, target, sent };
	} catch (error) {
		permit.released();
		throw error;
	}
}

function failureOf(source: FailureSource, target: Target, { proxy, route }: Exchange): Failure {
	const { answering, served } = proxy;
	const failure = classifyFailure({ ...source, model: target.model });
	// The address is right: the API answered there before.
	if (failure.class === "wrong-address" && isInBetween(source, failure) && served.has(target.baseUrl)) {
		return { ...failure, class: "intercepted" };
	}
	if (source.status > 0) answering.add(target.baseUrl);
	const isUnreachable = failure.class === "network" && isNoConnection(failure.message);
	// A fallback answers sooner than a server that may be starting.
	if (!isUnreachable || answering.has(target.baseUrl) || route.hasNext()) return failure;
	const other = otherScheme(failure.message, target.baseUrl);
	if (other !== undefined) return { ...failure, class: "unreachable", final: true, advice: `did you mean ${other}` };
	return { ...failure, class: "unreachable" };
}

/** A page or a redirect, not the API's own "not found". */
function isInBetween({ status }: FailureSource, { message }: Failure): boolean {
	return isPage(message) || (status >= 300 && status < 400);
}

function attemptOptions(target: Target, permit: Permit, { proxy, route, note }: Exchange): AttemptOptions {
	const key = gateKey(target);
	const { gates, firstTokens } = proxy;
	const startedAt = performance.now();
	const { firstToken, progress } = target.patience;
	const configured = {
		...(firstToken !== undefined && { firstTokenMs: firstToken * 1000 }),
		...(progress !== undefined && { progressMs: progress * 1000 }),
	};
	return {
		target,
		timeouts: firstTokens.timeouts(key, configured, route.hasNext()),
		onHeaders(headers) {
			const seconds = exhaustedFor(headers, Date.now());
			if (seconds === undefined) return;
			gates.usedUp(key, seconds);
			const other = proxy.keyRing.rest(target, "rate-limit", seconds);
			if (!other) return;
			const seen = `the headers say that the rate limit of ${target.keyName} is used up`;
			note({ kind: "key-switched", where: "upstream", seen, done: `${other.name} for the next request` });
		},
		onContent() {
			proxy.answering.add(target.baseUrl);
			proxy.served.add(target.baseUrl);
			permit.succeeded();
			firstTokens.observe(key, performance.now() - startedAt);
		},
	};
}
