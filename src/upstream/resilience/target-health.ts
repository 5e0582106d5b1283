import type { Failure } from "../failures/classify.ts";
import { FAILURES } from "../failures/table.ts";
import { EVENT_MS, Evidence } from "./evidence.ts";
import { FailingRequests, MAX_NAMED_WAIT_MS } from "./failing-requests.ts";
import { Pacing } from "./pacing.ts";

/**
 * Pauses between the probes of a target that is down, and the longest, which repeats. The first is skipped, unless the
 * target was down only for a moment the last time.
 */
const PROBE_PAUSES_MS = [500, 1000, 2000, 4000, 8000];
const MAX_PROBE_PAUSE_MS = 15_000;

/**
 * A request that has been under way for this multiple of the time of the last refusal has not been refused: no other request
 * waits for it. After a blip, a connection that has held for the shortest time shows that connections hold again.
 */
const REFUSAL_TIMES = 3;
const MIN_HOLDS_MS = 150;
const SLOW_MS = 2000;

/** Longest pause because the headers of a reply say that a limit is used up: some providers send that with each reply. */
const MAX_HINT_PAUSE_MS = 1000;

/** Requests under way when a target answers again after more than a moment; each reply allows one more, up to the maximum. */
const FIRST_WINDOW = 3;
const MAX_WINDOW = 64;
/** With an earlier pause, it was down only for a moment. */
const LONG_PAUSE = 3;

/** Reported for a request that waited in vain if nothing has failed yet. */
const NEVER_ANSWERED: { failure: Failure; namedUntil: number } = {
	failure: { class: "overloaded", message: "the target has not answered yet", status: 0 },
	namedUntil: Number.NEGATIVE_INFINITY,
};

/** One request under way. `request` identifies its body; it is computed only after a failure. */
export interface SentAttempt {
	readonly request: () => string;
	readonly sentAt: number;
}

/**
 * What is known about one target, as a state machine without a clock of its own: outcomes go in, and out comes when
 * the next request may be sent. All times are milliseconds of a monotonic clock.
 */
export class TargetHealth {
	readonly #evidence = new Evidence();
	/** How likely it is that a wait which the provider named applies to all requests, not only to the refused one. */
	readonly #waits = new Evidence();
	readonly #pacing = new Pacing();
	readonly #failing: FailingRequests;
	readonly #random: () => number;
	/** Requests without an outcome, oldest first. */
	readonly #underWay = new Set<SentAttempt>();
	/** How long the last failure took that says something about the target. */
	#refusalMs = SLOW_MS;
	#window = Number.POSITIVE_INFINITY;
	/** `pause`: position of the next pause. */
	#down: { nextProbeAt: number; pause: number } | undefined;
	#firstPause = 1;
	/** The last failure that says something about the target, and the end of the wait that the provider named. */
	#last: { failure: Failure; namedUntil: number } | undefined;
	/** No request is sent before this time: the provider named it. */
	#heldUntil = Number.NEGATIVE_INFINITY;
	/** When the headers of a reply said that a limit is used up, and until when. */
	#usedUp: { at: number; until: number } | undefined;
	/** A request was answered while they said so: they are not believed any more. */
	#isHintWrong = false;

	constructor(random: () => number = Math.random) {
		this.#random = random;
		this.#failing = new FailingRequests(random);
	}

	/** One request at a time finds out whether the target answers. */
	get isDoubtful(): boolean {
		return this.#down !== undefined || this.#evidence.isHalf;
	}

	/** When this request may be sent, as far as is known now. */
	readyAt(now: number, request: () => string): number {
		const { isHalf, eventAt } = this.#evidence;
		const earliest = this.#down ? this.#down.nextProbeAt : isHalf ? eventAt + EVENT_MS : now;
		const free = Math.max(this.#freeAt(now), this.#twinFreeAt(now, request));
		return Math.max(earliest, free, this.#heldUntil, this.#pacing.readyAt(now));
	}

	/** The same request of several clients, which has failed, is sent once at a time. */
	#twinFreeAt(now: number, request: () => string): number {
		const own = this.#failing.isEmpty ? undefined : this.#failing.find(request());
		if (!own) return now;
		const since = Math.max(now - SLOW_MS, own.failedAt);
		const twin = [...this.#underWay].find((attempt) => attempt.sentAt > since && attempt.request() === request());
		return twin ? twin.sentAt + SLOW_MS : now;
	}

	/** When the requests under way let another one go. */
	#freeAt(now: number): number {
		const held = now - this.#holdsMs;
		const since = this.isDoubtful ? this.#evidence.eventAt : Number.NEGATIVE_INFINITY;
		const sent = [...this.#underWay].map(({ sentAt }) => sentAt).filter((sentAt) => sentAt > since);
		const isFirstEnough = this.isDoubtful && !this.#down;
		const blocking = isFirstEnough ? sent[0] : sent.at(this.#down ? -1 : -this.#window);
		return blocking !== undefined && blocking > held ? blocking + this.#holdsMs : now;
	}

	/** A request that has been under way for this long has not been refused: the target refuses sooner. */
	get #holdsMs(): number {
		return Math.min(SLOW_MS, Math.max(MIN_HOLDS_MS, REFUSAL_TIMES * this.#refusalMs));
	}

	/** No outcome of another request lets this one go before then: one that has failed has pauses of its own. */
	pausedUntil(request: () => string): number {
		const own = this.#failing.isEmpty ? undefined : this.#failing.find(request());
		const { nextProbeAt = Number.NEGATIVE_INFINITY } = this.#down ?? {};
		return Math.max(own?.pausedUntil ?? Number.NEGATIVE_INFINITY, this.#heldUntil, nextProbeAt);
	}

	/** It fails again and again while other requests succeed. */
	isPoison(request: () => string): boolean {
		return !this.#failing.isEmpty && this.#failing.isPoison(request());
	}

	/** The failure to report for a request that is not sent, with the rest of the wait that the provider named. */
	failureFor(request: () => string, now: number): Failure {
		const own = this.#failing.isEmpty ? undefined : this.#failing.find(request());
		const { failure, namedUntil } = own && own.namedUntil > now ? own : (this.#last ?? NEVER_ANSWERED);
		const seconds = (namedUntil - now) / 1000;
		return { ...failure, retryAfter: seconds > 0 ? seconds : undefined };
	}

	sent(request: () => string, now: number): SentAttempt {
		const attempt = { request, sentAt: now };
		this.#underWay.add(attempt);
		this.#pacing.sent(now);
		return attempt;
	}

	/** The first content of its reply arrived. */
	succeeded(attempt: SentAttempt, now: number): void {
		this.#underWay.delete(attempt);
		this.#failing.succeeded(attempt.request, attempt.sentAt);
		this.#evidence.succeeded(attempt.sentAt);
		this.#waits.succeeded(attempt.sentAt);
		this.#pacing.accepted(now);
		if (this.#usedUp && attempt.sentAt > this.#usedUp.at && now < this.#usedUp.until) this.#isHintWrong = true;
		if (this.#down) {
			const isLong = this.#down.pause > LONG_PAUSE;
			if (isLong) this.#window = FIRST_WINDOW;
			this.#firstPause = isLong ? 1 : 0;
			this.#down = undefined;
		} else {
			this.#window = this.#window >= MAX_WINDOW ? Number.POSITIVE_INFINITY : this.#window + 1;
		}
	}

	/** It failed, perhaps after its first content. */
	failed(attempt: SentAttempt, reported: Failure, now: number): void {
		this.#underWay.delete(attempt);
		const { health, retries } = FAILURES[reported.class];
		const isLimited = health === "limited";
		const failure = isLimited ? this.#withHint(reported, now) : reported;
		const request = attempt.request();
		if (retries > 0) this.#failing.failed(request, failure, now);
		if (health === "unknown" || this.#failing.isPoison(request)) return;
		const isCut = failure.class === "network" || failure.class === "truncated" || failure.class === "stalled";
		const event = { sentAt: attempt.sentAt, now, isCut };
		const hasWait = failure.retryAfter !== undefined;
		const isPaced = isLimited && this.#pacing.refused(attempt.sentAt, now, hasWait);
		if (hasWait) this.#waits.failed(request, event);
		// Among requests that are accepted, a wait is only for the one that was refused, until more are refused than by chance.
		const isForAll = !this.#pacing.isAccepting(now) || this.#waits.isGeneral;
		this.#hold(isForAll ? (failure.retryAfter ?? 0) : 0, failure, now);
		if (!isLimited) this.#pacing.accepted(now);
		if (isPaced || (isLimited && hasWait)) return;
		this.#evidence.failed(request, event);
		// A connection that breaks does so at any time.
		this.#refusalMs = isCut ? 0 : now - attempt.sentAt;
		if (this.#down) {
			if (attempt.sentAt >= this.#down.nextProbeAt) this.#pauseProbes(this.#down.pause, now);
		} else if (this.#evidence.isConclusive) {
			this.#pauseProbes(this.#firstPause, now);
		}
	}

	/** Its outcome says nothing about the target: the client disconnected, for example. */
	released(attempt: SentAttempt): void {
		this.#underWay.delete(attempt);
	}

	/**
	 * The headers of a good reply say that a limit is used up. Requests pause for a moment; when one is refused then, its wait
	 * is known.
	 */
	usedUp(seconds: number, now: number): void {
		if (this.#isHintWrong || (this.#usedUp && now < this.#usedUp.until)) return;
		this.#usedUp = { at: now, until: now + seconds * 1000 };
		this.#heldUntil = Math.max(this.#heldUntil, Math.min(this.#usedUp.until, now + MAX_HINT_PAUSE_MS));
	}

	#withHint(failure: Failure, now: number): Failure {
		const seconds = ((this.#usedUp?.until ?? now) - now) / 1000;
		return seconds > 0 ? { ...failure, retryAfter: failure.retryAfter ?? seconds } : failure;
	}

	/** Pauses the target for as long as the provider named. */
	#hold(seconds: number, failure: Failure, now: number): void {
		const namedUntil = Math.max(this.#last?.namedUntil ?? now, now + seconds * 1000);
		this.#last = { failure, namedUntil };
		this.#heldUntil = Math.min(namedUntil, now + MAX_NAMED_WAIT_MS);
		if (this.#heldUntil < namedUntil) this.#down = { nextProbeAt: this.#heldUntil, pause: this.#firstPause };
	}

	#pauseProbes(pause: number, now: number): void {
		const pauseMs = PROBE_PAUSES_MS[Math.floor(pause)] ?? MAX_PROBE_PAUSE_MS;
		const jittered = Math.min(MAX_PROBE_PAUSE_MS, pauseMs * (1 + 0.1 * this.#random()));
		// A probe that fails at a target that often fails says less, and the pauses grow less.
		this.#down = { nextProbeAt: now + jittered, pause: pause + this.#evidence.weight };
	}
}
