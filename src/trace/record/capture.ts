import type { UpstreamRequest } from "../../dialects/dialect.ts";
import type { AttemptInputs } from "../../pipeline/build.ts";
import { DEFAULT_QUIRKS, type Quirks } from "../../profile/model/quirks.ts";
import type { Target } from "../../profile/model/target.ts";
import { type MessageEvent, piecesOf } from "../../protocol/events.ts";
import type { MessageRequest } from "../../protocol/messages.ts";
import type { FailureSource } from "../../upstream/failures/failure.ts";
import type { ExchangeRecord } from "./exchange-record.ts";
import { EventPacker, type PackedEvent } from "./packed-events.ts";
import type { Taps } from "./taps.ts";

/** One attempt, in a form that can be sent to another thread. */
export interface CapturedAttempt {
	target: TargetFile;
	outgoing: UpstreamRequest;
	inputs: AttemptInputs;
	head?: { status: number; headers: Readonly<Record<string, string>> };
	/** The bytes of the reply. */
	reply: Uint8Array<ArrayBuffer>;
	/** Time of each read, in milliseconds from the start of the exchange, and its size. */
	reads: [time: number, bytes: number][];
	events: PackedEvent[];
	/** Index of the read that each event came from. */
	eventReads: number[];
	failure?: FailureSource;
}

/** An exchange that has ended. */
export interface CapturedExchange {
	record: ExchangeRecord;
	request: MessageRequest;
	betas: readonly string[];
	attempts: CapturedAttempt[];
}

/** An attempt in progress. */
interface Running {
	target: Target;
	outgoing: UpstreamRequest;
	inputs: AttemptInputs;
	head?: NonNullable<CapturedAttempt["head"]>;
	chunks: Uint8Array[];
	times: number[];
	packer: EventPacker;
	eventReads: number[];
	failure?: FailureSource;
}

/** Keeps the bodies of one exchange until it has ended. Each tap costs one append to a list. */
export class Capture implements Taps {
	readonly #record: ExchangeRecord;
	readonly #request: MessageRequest;
	readonly #betas: readonly string[];
	readonly #attempts: Running[] = [];
	readonly #save: (exchange: CapturedExchange) => void;
	#last: Running | undefined;

	constructor(
		record: ExchangeRecord,
		request: MessageRequest,
		betas: readonly string[],
		save: (exchange: CapturedExchange) => void,
	) {
		this.#record = record;
		this.#request = request;
		this.#betas = betas;
		this.#save = save;
	}

	requestOut(target: Target, outgoing: UpstreamRequest, inputs: AttemptInputs): void {
		const packer = new EventPacker();
		this.#last = { target, outgoing, inputs, chunks: [], times: [], packer, eventReads: [] };
		this.#attempts.push(this.#last);
	}

	headIn({ status, headers }: { status: number; headers: Readonly<Record<string, string>> }): void {
		if (this.#last) this.#last.head = { status, headers };
	}

	bytesIn(bytes: Uint8Array): void {
		this.#last?.chunks.push(bytes);
		this.#last?.times.push(Date.now() - this.#record.startedAt);
	}

	eventOut(event: MessageEvent): void {
		if (!this.#last) return;
		this.#last.packer.push(event);
		const read = this.#last.chunks.length - 1;
		for (let count = piecesOf(event)?.length ?? 1; count > 0; count--) this.#last.eventReads.push(read);
	}

	failureIn(source: FailureSource): void {
		if (this.#last) this.#last.failure = source;
	}

	end(): void {
		this.#save({
			record: this.#record,
			request: this.#request,
			betas: this.#betas,
			attempts: this.#attempts.map(ended),
		});
	}
}

function ended({ target, chunks, times, packer, ...rest }: Running): CapturedAttempt {
	return {
		...rest,
		target: targetFile(target),
		reply: joined(chunks),
		reads: chunks.map((bytes, index) => [times[index] ?? 0, bytes.length]),
		events: packer.packed,
	};
}

/** All bytes in one buffer, which can be transferred to another thread without a copy. */
function joined(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
	const whole = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
	let offset = 0;
	for (const chunk of chunks) {
		whole.set(chunk, offset);
		offset += chunk.length;
	}
	return whole;
}

/** What a fixture needs of a target: without key, auth, headers, base URL and quirks with their default value. */
export type TargetFile = Omit<Target, Private | "quirks"> & {
	quirks: Partial<Quirks>;
};

type Private = "key" | "renewKey" | "auth" | "headers" | "baseUrl" | "alternatives";

export function targetFile({ quirks, ...target }: Target): TargetFile {
	const { key: _key, renewKey: _renew, auth: _auth, headers: _headers, ...others } = target;
	const { baseUrl: _url, alternatives: _alternatives, ...rest } = others;
	const isOwn = ([name, value]: [string, unknown]) =>
		JSON.stringify(value) !== JSON.stringify(DEFAULT_QUIRKS[name as keyof Quirks]);
	return { ...rest, quirks: Object.fromEntries(Object.entries(quirks).filter(isOwn)) };
}
