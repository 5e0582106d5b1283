import type { MessageEvent } from "../anthropic/events.ts";
import type { MessageRequest } from "../anthropic/messages.ts";
import type { UpstreamRequest } from "../dialects/dialect.ts";
import type { Target } from "../profile/target.ts";
import type { FailureSource } from "../upstream/failure.ts";
import type { ExchangeRecord } from "./exchange-record.ts";
import type { Taps } from "./taps.ts";

/** One attempt as its taps saw it. */
export interface CapturedAttempt {
	target: Target;
	outgoing: UpstreamRequest;
	head?: { status: number; headers: Readonly<Record<string, string>> };
	/** The bytes of the reply, read by read. */
	reads: Uint8Array[];
	/** When each read came, in milliseconds from the start of the exchange. */
	times: number[];
	events: MessageEvent[];
	/** Which read each event came from. */
	eventReads: number[];
	failure?: FailureSource;
}

/** Holds the bodies of one exchange until it has ended. A tap costs an append to a list. */
export class Capture implements Taps {
	readonly record: ExchangeRecord;
	readonly request: MessageRequest;
	readonly betas: readonly string[];
	readonly attempts: CapturedAttempt[] = [];
	readonly #save: (capture: Capture) => void;

	constructor(
		record: ExchangeRecord,
		request: MessageRequest,
		betas: readonly string[],
		save: (capture: Capture) => void,
	) {
		this.record = record;
		this.request = request;
		this.betas = betas;
		this.#save = save;
	}

	requestOut(target: Target, outgoing: UpstreamRequest): void {
		this.attempts.push({ target, outgoing, reads: [], times: [], events: [], eventReads: [] });
	}

	headIn({ status, headers }: { status: number; headers: Readonly<Record<string, string>> }): void {
		const attempt = this.attempts.at(-1);
		if (attempt) attempt.head = { status, headers };
	}

	bytesIn(bytes: Uint8Array): void {
		const attempt = this.attempts.at(-1);
		attempt?.reads.push(bytes);
		attempt?.times.push(Date.now() - this.record.startedAt);
	}

	eventOut(event: MessageEvent): void {
		const attempt = this.attempts.at(-1);
		attempt?.events.push(event);
		attempt?.eventReads.push(attempt.reads.length - 1);
	}

	failureIn(source: FailureSource): void {
		const attempt = this.attempts.at(-1);
		if (attempt) attempt.failure = source;
	}

	end(): void {
		this.#save(this);
	}
}
