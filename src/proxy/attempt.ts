import type { UpstreamRequest } from "../dialects/dialect.ts";
import { CODECS } from "../dialects/index.ts";
import {
	type AttemptInputs,
	buildRequest,
	type EncodedRequest,
	type PipelineContext,
	readReply,
	recoverCall,
} from "../pipeline/build.ts";
import type { Target } from "../profile/model/target.ts";
import type { MessageEvent } from "../protocol/events.ts";
import { mintId } from "../protocol/mint-id.ts";
import { type Sink, sink } from "../protocol/stage.ts";
import type { RequestChange } from "../repairs/repair.ts";
import { type FailureSource, UpstreamFailure } from "../upstream/failures/failure.ts";
import { Cancellation } from "../upstream/http/cancellation.ts";
import { send } from "../upstream/http/send.ts";
import type { TransportReply } from "../upstream/http/transport.ts";
import { IdleWatch, type ReplyTimeouts } from "../upstream/resilience/reply-timeouts.ts";
import { countReply, PartialReply } from "./budget/count-reply.ts";
import { maySendElsewhere } from "./delivery/request-budget.ts";
import { countedInput, noteSilentTruncation } from "./delivery/token-counts.ts";
import { type Exchange, passEvent, passMessage } from "./exchange.ts";
import { outputLimitOf } from "./learning/output-limits.ts";
import { noteCounts, ReplyClaims } from "./reply-claims.ts";

export interface AttemptOptions {
	target: Target;
	timeouts: ReplyTimeouts;
	/** Called with the headers of a successful reply. */
	onHeaders: (headers: Readonly<Record<string, string>>) => void;
	/** Called when the first content arrives. */
	onContent: () => void;
}

export type AttemptResult =
	| { kind: "answered" }
	/** `outgoing`: the request as it was sent. */
	| { kind: "failed"; source: FailureSource; outgoing: UpstreamRequest };

/** A repair discarded the reply: the request is to be sent again with this change. */
interface AskAgain {
	kind: "ask-again";
	change: RequestChange;
}

/**
 * Sends the exchange's request to one target and streams its reply to Claude Code. If a repair asks for it, sends it
 * once more with a change. Rejects when the exchange is aborted, and for bugs.
 */
export async function runAttempt(exchange: Exchange, options: AttemptOptions): Promise<AttemptResult> {
	let change: RequestChange | undefined;
	for (;;) {
		const result = await sendOnce(exchange, options, change);
		if (result.kind !== "ask-again") return result;
		change = result.change;
	}
}

async function sendOnce(
	exchange: Exchange,
	options: AttemptOptions,
	change: RequestChange | undefined,
): Promise<AttemptResult | AskAgain> {
	const { reply, record, taps, proxy } = exchange;
	const { target } = options;
	const prepared = await prepare(exchange, target, change);
	const { outgoing } = prepared.encoded;
	const cancellation = new Cancellation(exchange.signal);
	const watch = new IdleWatch(options.timeouts, cancellation);
	const sentAt = Date.now();
	record.attempts++;
	record.tools = [];
	record.contentChars = 0;
	const [claims, partial] = [new ReplyClaims(), new PartialReply()];
	let isWhole = false;
	reply.restart();
	taps.requestOut(target, outgoing, prepared.inputs);
	try {
		const { path, headers, body } = outgoing;
		const upstream = await send(proxy.transport, target, { path, headers, body: JSON.stringify(body) }, cancellation);
		reply.answered();
		options.onHeaders(upstream.headers);
		taps.headIn(upstream);
		const result = await passReply(upstream, {
			exchange,
			...prepared,
			isAgain: change !== undefined,
			watch,
			claims,
			partial,
			onContent: options.onContent,
		});
		if (result.kind === "ask-again") return result;
		isWhole = true;
		noteClaims(claims, target, outgoing, exchange);
		proxy.calibration.observe(target, prepared.encoded.repaired, record.usage);
		proxy.learned.confirm(target, { body: outgoing.body, inputTokens: countedInput(record.usage), sentAt });
		return result;
	} catch (error) {
		return failedResult(watch.stalled ?? error, outgoing, exchange);
	} finally {
		if (!isWhole) cancellation.abort();
		countReply(isWhole ? undefined : partial, target, exchange);
		watch.stop();
		cancellation.detach();
	}
}

/** Throws what is no failure of the provider, and every error of an aborted exchange. */
function failedResult(error: unknown, outgoing: UpstreamRequest, { taps, signal }: Exchange): AttemptResult {
	if (!(error instanceof UpstreamFailure)) throw error;
	taps.failureIn(error.source);
	if (signal.aborted) throw error;
	return { kind: "failed", source: error.source, outgoing };
}

/** A request to one target, and everything that its reply is read with. */
interface PreparedRequest {
	context: PipelineContext;
	encoded: EncodedRequest;
	inputs: AttemptInputs;
}

async function prepare(
	{ request, betas, images, notice, note, proxy }: Exchange,
	target: Target,
	change: RequestChange | undefined,
): Promise<PreparedRequest> {
	const context = { dialect: CODECS[target.dialect], target, mintId, note };
	const encoded = await buildRequest(request, context, { betas, ...change, images, documents: proxy.documents });
	const earlierEmptyTurns = proxy.emptyTurns.countOf(encoded.repaired);
	return { context, encoded, inputs: { ...change, images, notice, earlierEmptyTurns } };
}

/** Compares a complete reply with what the provider says of it. */
function noteClaims(claims: ReplyClaims, target: Target, { body }: UpstreamRequest, exchange: Exchange): void {
	const { request, requestChars, record, note, proxy } = exchange;
	const { usage, stopReason, contentChars = 0 } = record;
	noteCounts({ claims, usage, stopReason, contentChars, requestChars, maxOutput: outputLimitOf(body) }, note);
	noteSilentTruncation(target, request, usage, requestChars, note);
	proxy.servedModels.noteModel(target, claims, note);
}

interface ReplyContext extends PreparedRequest {
	exchange: Exchange;
	/** The request is already sent again because of its reply. */
	isAgain: boolean;
	watch: IdleWatch;
	claims: ReplyClaims;
	partial: PartialReply;
	onContent: () => void;
}

/** Passes the reply through its stages to Claude Code, one write for each read. */
async function passReply(
	upstream: TransportReply,
	{ exchange, context, encoded, inputs, isAgain, watch, claims, partial, onContent }: ReplyContext,
): Promise<{ kind: "answered" } | AskAgain> {
	const { reply, record, note, taps, proxy } = exchange;
	let change: RequestChange | undefined;
	let isComplete = false;
	const output = replyOutput(exchange, onContent, () => {
		isComplete = true;
	});
	const hooks = {
		isCommitted: () => reply.committed,
		onEmptyTurn: () => proxy.emptyTurns.add(encoded.repaired),
		// Asking twice is enough: the second reply passes as it is.
		onAskAgain: isAgain || !maySendElsewhere(record) ? undefined : (wanted: RequestChange) => (change = wanted),
		onDecoded: (event: MessageEvent) => {
			watch.progress();
			partial.add(event);
		},
		onSettled: () => watch.settle(),
		onStated: claims.state,
	};
	const reader = readReply(encoded, context, { ...inputs, ...hooks }, output);
	const broken = await upstream.read((bytes) => {
		taps.bytesIn(bytes);
		reader.push(bytes);
		// Some servers keep the socket open after the last event; that event is written together with the end.
		if (isComplete || change) return false;
		return reply.flush();
	});
	if (broken && !watch.settled) throw broken;
	// A connection that breaks after the finish reason has nothing more to say.
	if (broken)
		note({ kind: "open-end", where: "upstream", seen: "a finish reason without an end", done: "accepted as the end" });
	if (!isComplete && !change) reader.end();
	return change ? { kind: "ask-again", change } : { kind: "answered" };
}

/** The last sink: writes each event to the trace, to the record and to Claude Code. */
function replyOutput(exchange: Exchange, onContent: () => void, onComplete: () => void): Sink<MessageEvent> {
	return sink((event) => {
		if (event.type === "content_block_start" && event.index === 0) onContent();
		if (event.type === "message_stop") onComplete();
		exchange.taps.eventOut(event);
		passEvent(event, exchange);
	});
}

/**
 * Replies with the tool call in a text that a server could not read as one (Groq's `failed_generation`); false when the
 * text holds no call of an offered tool.
 */
export function passRecoveredCall(text: string, target: Target, exchange: Exchange): boolean {
	const { request, note, reply } = exchange;
	const message = recoverCall(text, { request, target, mintId, note });
	if (!message) return false;
	// The failed reply may have begun.
	reply.restart();
	passMessage(message, exchange);
	return true;
}
