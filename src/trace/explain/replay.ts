import type { UpstreamRequest } from "../../dialects/dialect.ts";
import { CODECS } from "../../dialects/index.ts";
import { buildRequest, decodeReply, encodeRequest, type PipelineContext, readReply } from "../../pipeline/build.ts";
import { DocumentReader } from "../../pipeline/read-documents.ts";
import type { ReplyReader } from "../../pipeline/reply-reader.ts";
import type { Target } from "../../profile/model/target.ts";
import type { Divergence } from "../../protocol/divergence.ts";
import { type MessageEvent, singleEvents } from "../../protocol/events.ts";
import { MessageCollector } from "../../protocol/message-events.ts";
import type { Message, MessageRequest } from "../../protocol/messages.ts";
import type { Sink } from "../../protocol/stage.ts";
import { UpstreamFailure } from "../../upstream/failures/failure.ts";
import type { StoredAttempt } from "../store/read-store.ts";

/** What a recorded attempt gives when it goes through the pipeline again. */
export interface Replayed extends ReplayedReply {
	outgoing: UpstreamRequest;
	requestDivergences: Divergence[];
}

/** What a reply gave: its events up to its end, or up to the failure. */
export interface ReplayedReply {
	events: MessageEvent[];
	message: Message | undefined;
	divergences: Divergence[];
	failure: { message: string; status: number; body: string } | undefined;
}

/** What a replay needs of a recorded attempt. */
export type RecordedReply = Pick<StoredAttempt, "betas" | "reply"> & Partial<Pick<StoredAttempt, "inputs" | "reads">>;

/** Ids that count, so that the same input always gives the same output. */
export function countingIds(): (prefix: string) => string {
	let count = 0;
	return (prefix) => `${prefix}minted${String(++count).padStart(2, "0")}`;
}

/**
 * Runs a request and its recorded reply through the stages of a live exchange, in the reads in which the reply came.
 * `isStreamed`: Claude Code asked for a stream, so that content reached it before the reply was complete.
 */
export async function replayAttempt(
	request: MessageRequest,
	target: Target,
	{ betas, reply, inputs = {}, reads }: RecordedReply,
	isStreamed: boolean,
): Promise<Replayed> {
	const requestDivergences: Divergence[] = [];
	const context = await contextOf(target, requestDivergences);
	const { addedTurns, withoutTools, images } = inputs;
	const change = { addedTurns, withoutTools, images };
	const encoded = await buildRequest(request, context, { betas, ...change, documents: new DocumentReader() });
	const output = new ReplayOutput();
	const hooks = {
		isCommitted: () => isStreamed && output.isWritten,
		onAskAgain: addedTurns || withoutTools ? undefined : () => output.stop(),
	};
	const reader = readReply(encoded, replyContext(context, output), { ...inputs, ...hooks }, output);
	const replayed = runReply(reader, output, reply && inReads(reply.bytes, reads));
	return { outgoing: encoded.outgoing, requestDivergences, ...replayed };
}

/** Runs a request and a recorded reply through the codec of the target's dialect alone, as its fixtures show it. */
export async function replayCodec(
	request: MessageRequest,
	target: Target,
	{ betas, reply }: Pick<StoredAttempt, "betas" | "reply">,
): Promise<Replayed> {
	const requestDivergences: Divergence[] = [];
	const context = await contextOf(target, requestDivergences);
	const encoded = encodeRequest(request, context, betas);
	const output = new ReplayOutput();
	const reader = decodeReply(encoded, replyContext(context, output), output);
	const replayed = runReply(reader, output, reply && [reply.bytes]);
	return { outgoing: encoded.outgoing, requestDivergences, ...replayed };
}

async function contextOf(target: Target, divergences: Divergence[]): Promise<PipelineContext> {
	const dialect = CODECS[target.dialect];
	return { dialect, target, mintId: countingIds(), note: (divergence) => divergences.push(divergence) };
}

/** The ids of a reply are counted from 1, as those of a request are. */
function replyContext({ dialect, target }: PipelineContext, { divergences }: ReplayOutput): PipelineContext {
	return { dialect, target, mintId: countingIds(), note: (divergence) => divergences.push(divergence) };
}

/** Collects what a reply gives. */
class ReplayOutput implements Sink<MessageEvent> {
	readonly events: MessageEvent[] = [];
	readonly divergences: Divergence[] = [];
	readonly #collector = new MessageCollector();
	/** The reply is complete or was discarded: what still comes is not read. */
	isOver = false;
	/** Content has been passed on in an earlier read: a live exchange writes it at the end of the read. */
	isWritten = false;

	get message(): Message | undefined {
		return this.#collector.message;
	}

	push(event: MessageEvent): void {
		if (event.type === "message_stop") this.isOver = true;
		this.events.push(...singleEvents(event));
		this.#collector.push(event);
	}

	end(): void {}

	stop(): void {
		this.isOver = true;
	}

	endRead(): void {
		this.isWritten ||= this.events.some(({ type }) => type !== "message_start" && type !== "ping");
	}
}

function runReply(reader: ReplyReader, output: ReplayOutput, reads: readonly Uint8Array[] | undefined): ReplayedReply {
	const { events, divergences } = output;
	const replayed: ReplayedReply = { events, message: undefined, divergences, failure: undefined };
	if (!reads) return replayed;
	try {
		for (const bytes of reads) {
			reader.push(bytes);
			if (output.isOver) break;
			output.endRead();
		}
		if (!output.isOver) reader.end();
		replayed.message = output.message;
	} catch (error) {
		if (!(error instanceof UpstreamFailure)) throw error;
		replayed.failure = { message: error.message, status: error.source.status, body: error.source.body };
	}
	return replayed;
}

/** The bytes in the reads in which they came; redaction may have made them shorter. */
function inReads(bytes: Uint8Array, reads: StoredAttempt["reads"] = []): Uint8Array[] {
	const pieces: Uint8Array[] = [];
	let start = 0;
	for (const [, length] of reads) {
		pieces.push(bytes.subarray(start, start + length));
		start += length;
	}
	return [...pieces, bytes.subarray(start)].filter(({ length }) => length > 0);
}

/** How two replies differ: in blocks, stop reason and usage. Ids are not compared: each replay mints new ones. */
export function messageChanges(
	before: Message | undefined,
	after: Message | undefined,
): { place: string; before: string | undefined; after: string | undefined }[] {
	const [old, now] = [factsOfMessage(before), factsOfMessage(after)];
	return [...new Set([...old.keys(), ...now.keys()])]
		.filter((place) => old.get(place) !== now.get(place))
		.map((place) => ({ place, before: old.get(place), after: now.get(place) }));
}

function factsOfMessage(message: Message | undefined): Map<string, string> {
	const facts = new Map<string, string>();
	if (!message) return facts;
	for (const [index, block] of message.content.entries()) {
		const fields = block as { [field: string]: unknown };
		const value = fields["text"] ?? fields["thinking"] ?? JSON.stringify(fields["input"] ?? fields);
		const name = block.type === "tool_use" ? `tool_use ${fields["name"]}` : block.type;
		facts.set(`block[${index}]`, `${name}: ${value}`);
	}
	facts.set("stop_reason", String(message.stop_reason));
	for (const [name, value] of Object.entries(message.usage)) facts.set(`usage.${name}`, JSON.stringify(value));
	return facts;
}
