import {
	type DescribedImages,
	digestOf,
	type ImageOutcome,
	unseenImages,
	withDescriptions,
} from "../../pipeline/images.ts";
import type { Destination } from "../../profile/model/profile.ts";
import type { Target } from "../../profile/model/target.ts";
import type { ImageBlock, MessageRequest } from "../../protocol/messages.ts";
import { Cancellation } from "../../upstream/http/cancellation.ts";
import { Limiter } from "../../upstream/resilience/limiter.ts";
import type { Exchange } from "../exchange.ts";
import { type Answer, askVision, type FailedCall } from "./ask-vision.ts";

/** Images stay in a conversation and come again with every request. More than these: the one not used longest is forgotten. */
const MAX_IMAGES = 500;
const MAX_AT_ONCE = 4;

/** A description that is being written, and how many exchanges wait for it. */
interface Call {
	answer: Promise<Answer>;
	cancellation: Cancellation;
	waiting: number;
}

interface Pause {
	failure: FailedCall;
	/** Of `now()`. */
	until: number;
}

interface Options {
	ask?: typeof askVision;
	now?: () => number;
}

/**
 * Descriptions of images for models that cannot see them. Each image is described once while this proxy runs, so the same
 * image is the same text in every request, and prompt caches go on.
 */
export class ImageDescriptions {
	readonly #destination: Destination;
	readonly #ask: typeof askVision;
	readonly #now: () => number;
	readonly #limiter = new Limiter({ concurrency: MAX_AT_ONCE });
	readonly #texts = new Map<string, string>();
	readonly #pauses = new Map<string, Pause>();
	/** After a failure that another image would have too. */
	#pauseOfAll: Pause | undefined;
	readonly #calls = new Map<string, Call>();

	constructor(destination: Destination, { ask = askVision, now = () => performance.now() }: Options = {}) {
		this.#destination = destination;
		this.#ask = ask;
		this.#now = now;
	}

	/**
	 * The images of an exchange that a target cannot see, described; undefined if there is none. Rejects when the exchange
	 * is aborted.
	 */
	async of(exchange: Exchange, target: Target): Promise<DescribedImages | undefined> {
		const { request, record } = exchange;
		const images = record.purpose === "vision" ? [] : unseenImages(request, target);
		if (images.length === 0) return undefined;
		const entries = images.map(async (image) => [digestOf(image), await this.#outcomeOf(image, exchange)] as const);
		return { by: this.#name, outcomes: Object.fromEntries(await Promise.all(entries)) };
	}

	/** The request with the descriptions that are known. Asks nobody; `isComplete`: no image lacks one. */
	known(request: MessageRequest, target: Target): { request: MessageRequest; isComplete: boolean } {
		const images = unseenImages(request, target).map(digestOf);
		const outcomes = images.flatMap((digest): [string, ImageOutcome][] => {
			const text = this.#texts.get(digest);
			return text === undefined ? [] : [[digest, { text, isCached: true }]];
		});
		const described = { by: this.#name, outcomes: Object.fromEntries(outcomes) };
		return {
			request: withDescriptions(request, described, target, () => {}),
			isComplete: outcomes.length === images.length,
		};
	}

	get #name(): string {
		return `${this.#destination.profile.name}/${this.#destination.model}`;
	}

	async #outcomeOf(image: ImageBlock, exchange: Exchange): Promise<ImageOutcome> {
		const digest = digestOf(image);
		const text = this.#texts.get(digest);
		if (text !== undefined) {
			keepLatest(this.#texts, digest, text);
			return { text, isCached: true };
		}
		const answer = this.#failureOf(digest) ?? (await this.#join(image, digest, exchange));
		if ("text" in answer) return { text: answer.text, isCached: false };
		return { reason: answer.reason, failure: answer.failure };
	}

	#failureOf(digest: string): FailedCall | undefined {
		const pauses = [this.#pauses.get(digest), this.#pauseOfAll];
		return pauses.find((pause) => pause && pause.until > this.#now())?.failure;
	}

	#start(image: ImageBlock, digest: string, exchange: Exchange): Call {
		const cancellation = new Cancellation();
		const call = { answer: this.#describe(image, digest, exchange, cancellation), cancellation, waiting: 0 };
		this.#calls.set(digest, call);
		const forget = () => this.#forget(digest, call);
		call.answer.then(forget, forget);
		return call;
	}

	#forget(digest: string, call: Call): void {
		if (this.#calls.get(digest) === call) this.#calls.delete(digest);
	}

	async #describe(image: ImageBlock, digest: string, exchange: Exchange, signal: Cancellation): Promise<Answer> {
		const release = await this.#limiter.acquire(signal);
		try {
			// While it waited, another call may have failed.
			const failed = this.#failureOf(digest);
			if (failed) return failed;
			const answer = await this.#ask(image, this.#destination, exchange, signal);
			if ("text" in answer) keepLatest(this.#texts, digest, answer.text);
			else if (!signal.aborted) this.#pause(digest, answer);
			return answer;
		} finally {
			release(0);
		}
	}

	#pause(digest: string, failure: FailedCall): void {
		const pause = { failure, until: this.#now() + failure.seconds * 1000 };
		if (failure.isOfAll) this.#pauseOfAll = pause;
		else keepLatest(this.#pauses, digest, pause);
	}

	/** Waits for the call for an image, which ends when nobody waits for it any more. */
	#join(image: ImageBlock, digest: string, exchange: Exchange): Promise<Answer> {
		const { signal } = exchange;
		const call = this.#calls.get(digest) ?? this.#start(image, digest, exchange);
		call.waiting++;
		return new Promise((resolve, reject) => {
			const onAbort = () => {
				if (--call.waiting === 0) {
					this.#forget(digest, call);
					call.cancellation.abort(signal.reason);
				}
				reject(signal.reason);
			};
			if (signal.aborted) return onAbort();
			signal.addEventListener("abort", onAbort);
			call.answer.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
		});
	}
}

function keepLatest<Value>(values: Map<string, Value>, key: string, value: Value): void {
	values.delete(key);
	values.set(key, value);
	const [oldest] = values.keys();
	if (values.size > MAX_IMAGES && oldest !== undefined) values.delete(oldest);
}
