import type { UpstreamRequest } from "../../dialects/dialect.ts";
import type { AttemptInputs } from "../../pipeline/build.ts";
import type { Target } from "../../profile/model/target.ts";
import type { MessageEvent } from "../../protocol/events.ts";
import type { MessageRequest } from "../../protocol/messages.ts";
import type { FailureSource } from "../../upstream/failures/failure.ts";
import type { ExchangeRecord } from "./exchange-record.ts";

/** Observes one exchange. A tap only keeps references, and does its work at the end. */
export interface Taps {
	/** An attempt is about to be sent. `inputs`: what its reply depends on besides the request. */
	requestOut(target: Target, outgoing: UpstreamRequest, inputs: AttemptInputs): void;
	/** Its reply has begun with status 2xx. */
	headIn(head: { status: number; headers: Readonly<Record<string, string>> }): void;
	/** The bytes of one read of its reply. */
	bytesIn(bytes: Uint8Array): void;
	/** An event that is sent to Claude Code. */
	eventOut(event: MessageEvent): void;
	/** The attempt failed. Another one may follow. */
	failureIn(source: FailureSource): void;
	/** The exchange has ended and its record is complete. */
	end(): void;
}

/** Observes a session: creates the taps of each exchange. */
export interface Recorder {
	open(record: ExchangeRecord, request: MessageRequest, betas: readonly string[]): Taps;
}

/** Calls the taps of several recorders in order. */
export function joinRecorders(recorders: readonly Recorder[]): Recorder {
	const [only, ...others] = recorders;
	if (only && others.length === 0) return only;
	return {
		open(record, request, betas) {
			const taps = recorders.map((recorder) => recorder.open(record, request, betas));
			return {
				requestOut: (target, outgoing, inputs) => each((tap) => tap.requestOut(target, outgoing, inputs)),
				headIn: (head) => each((tap) => tap.headIn(head)),
				bytesIn: (bytes) => each((tap) => tap.bytesIn(bytes)),
				eventOut: (event) => each((tap) => tap.eventOut(event)),
				failureIn: (source) => each((tap) => tap.failureIn(source)),
				end: () => each((tap) => tap.end()),
			};
			function each(call: (tap: Taps) => void): void {
				for (const tap of taps) call(tap);
			}
		},
	};
}

const SILENT: Taps = {
	requestOut() {},
	headIn() {},
	bytesIn() {},
	eventOut() {},
	failureIn() {},
	end() {},
};

/** Records nothing. */
export const NO_RECORDER: Recorder = { open: () => SILENT };
