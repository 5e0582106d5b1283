import type { UpstreamRequest } from "../../dialects/dialect.ts";
import type { Target } from "../../profile/model/target.ts";
import type { MessageEvent } from "../../protocol/events.ts";
import type { MessageRequest } from "../../protocol/messages.ts";
import { costOf } from "./cost.ts";
import type { ExchangeRecord } from "./exchange-record.ts";
import { Pace } from "./pace.ts";
import { PrefixWatch } from "./prefix.ts";
import type { Recorder, Taps } from "./taps.ts";

/** Adds measurements to the record of every exchange: times, pace, cost, and breaks of the prompt prefix. */
export function meterRecorder(): Recorder {
	const watch = new PrefixWatch();
	return { open: (record, request) => new Meter(record, request, watch) };
}

class Meter implements Taps {
	readonly #record: ExchangeRecord;
	readonly #request: MessageRequest;
	readonly #watch: PrefixWatch;
	#pace = new Pace();
	#readAt = 0;
	#target: Target | undefined;
	#body: UpstreamRequest["body"] | undefined;

	constructor(record: ExchangeRecord, request: MessageRequest, watch: PrefixWatch) {
		this.#record = record;
		this.#request = request;
		this.#watch = watch;
	}

	requestOut(target: Target, outgoing: UpstreamRequest): void {
		this.#target = target;
		this.#body = outgoing.body;
		this.#pace = new Pace();
		this.#record.sentAt = this.#now();
		this.#record.headersAt = undefined;
	}

	headIn({ headers }: { headers: Readonly<Record<string, string>> }): void {
		this.#record.headersAt = this.#now();
		const limits = statedLimits(headers);
		if (limits) this.#record.limits = limits;
	}

	bytesIn(): void {
		this.#readAt = this.#now();
	}

	eventOut(event: MessageEvent): void {
		if (event.type === "content_block_delta") this.#pace.mark(this.#readAt);
	}

	failureIn(): void {}

	end(): void {
		const record = this.#record;
		const { burstiness, marks, reads, longestGap } = this.#pace;
		record.contentReads = reads;
		record.longestGap = longestGap;
		if (burstiness !== undefined) record.burstiness = round(burstiness, 2);
		if (marks.length > 0) record.marks = [...marks];
		const rate = tokensPerSecond(record);
		if (rate !== undefined) record.tokensPerSecond = round(rate, 1);
		if (!this.#target || !this.#body) return;
		const cost = costOf(record.usage, this.#target.price);
		if (cost !== undefined) record.cost = cost;
		const broken = this.#watch.compare(record, this.#target, this.#body, this.#request);
		if (broken) record.prefixBreak = broken;
	}

	#now(): number {
		return Date.now() - this.#record.startedAt;
	}
}

/** Output tokens over the time from the first content to the end. */
function tokensPerSecond({ usage, firstToken, duration }: ExchangeRecord): number | undefined {
	const tokens = usage?.output_tokens ?? 0;
	if (tokens === 0 || firstToken === undefined || duration <= firstToken) return undefined;
	return (tokens * 1000) / (duration - firstToken);
}

function round(value: number, digits: number): number {
	return Number(value.toFixed(digits));
}

/** `x-ratelimit-limit-requests`, `anthropic-ratelimit-tokens-remaining`: a limit, or its remainder. */
const LIMIT = /^(?:x-|anthropic-)?ratelimit-((?:[a-z-]{1,40}-)?(?:limit|remaining)(?:-[a-z-]{1,40})?)$/;

/** Rate limits in the headers of a reply, if they are plain numbers; undefined without any. */
export function statedLimits(headers: Readonly<Record<string, string>>): Record<string, number> | undefined {
	let stated: Record<string, number> | undefined;
	for (const name in headers) {
		const limit = name.includes("ratelimit-") ? LIMIT.exec(name)?.[1] : undefined;
		const value = headers[name] ?? "";
		if (limit !== undefined && /^\d+$/.test(value)) stated = { ...stated, [limit]: Number(value) };
	}
	return stated;
}
