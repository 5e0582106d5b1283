import { loadDialect } from "../dialects/index.ts";
import { readReply } from "../pipeline/read-reply.ts";
import { recoverCall } from "../pipeline/recover-call.ts";
import type { Target } from "../profile/model/target.ts";
import type { MessageEvent } from "../protocol/events.ts";
import { grammar } from "../protocol/grammar.ts";
import type { MessageRequest } from "../protocol/messages.ts";
import { mintId } from "../protocol/mint-id.ts";
import { chain, type Sink, type Stage, sink } from "../protocol/stage.ts";
import { repairRequest, responseRepairs } from "../repairs/index.ts";
import { AskAgain } from "../repairs/response/missing-parameters.ts";
import { type FailureSource, UpstreamFailure } from "../upstream/failures/failure.ts";
import { Cancellation } from "../upstream/http/cancellation.ts";
import { send } from "../upstream/http/send.ts";
import { IdleWatch, type ReplyTimeouts } from "../upstream/resilience/reply-timeouts.ts";
import { noteSilentTruncation } from "./delivery/token-counts.ts";
import { type Exchange, passEvent, passMessage } from "./exchange.ts";
import { announce } from "./replies/announce.ts";

export interface AttemptOptions {
	target: Target;
	timeouts: ReplyTimeouts;
	/** Called with the headers of a successful reply. */
	onHeaders: (headers: Readonly<Record<string, string>>) => void;
	/** Called when the first content arrives. */
	onContent: () => void;
}

export type AttemptResult = { kind: "answered" } | { kind: "failed"; source: FailureSource };

/**
 * Sends the exchange's request to one target and streams its reply to Claude Code. A repair may ask for the reply once
 * more, with turns that tell the model what was wrong. Rejects when the exchange is aborted, and for bugs.
 */
export async function runAttempt(exchange: Exchange, options: AttemptOptions): Promise<AttemptResult> {
	const { request, signal } = exchange;
	try {
		const turns = await requestOnce(exchange, request, options);
		if (turns) {
			const { target } = options;
			const once = { ...target, quirks: { ...target.quirks, askForMissing: false } };
			const extended = { ...request, messages: [...request.messages, ...turns] };
			await requestOnce(exchange, extended, { ...options, target: once });
		}
		return { kind: "answered" };
	} catch (error) {
		if (!(error instanceof UpstreamFailure) || signal.aborted) throw error;
		return { kind: "failed", source: error.source };
	}
}

/** One request to a target. Returns the turns to ask again with; undefined when the reply was passed on. */
async function requestOnce(
	exchange: Exchange,
	asked: MessageRequest,
	options: AttemptOptions,
): Promise<AskAgain["turns"] | undefined> {
	const { reply, record, note, taps, proxy, betas } = exchange;
	const { target, timeouts, onHeaders } = options;
	const dialect = await loadDialect(target.dialect);
	const readable = target.quirks.documents === "text" ? await proxy.documents.read(asked, note) : asked;
	const request = repairRequest(readable, { target, mintId, note }, target.disabledRepairs);
	const outgoing = dialect.encode(request, target, note, betas);
	const { toolNames, path, headers, body } = outgoing;
	const cancellation = new Cancellation(exchange.signal);
	const watch = new IdleWatch(timeouts, cancellation);
	record.attempts++;
	record.tools = [];
	reply.restart();
	taps.requestOut(target, outgoing);
	try {
		const written = { path, headers, body: JSON.stringify(body) };
		const upstream = await send(proxy.transport, target, written, cancellation);
		onHeaders(upstream.headers);
		taps.headIn(upstream);
		const decode = dialect.decode({ request, target, toolNames, mintId, note, settled: () => watch.settle() });
		const pipeline = { dialect, decode, next: replyStages(exchange, request, options, watch) };
		await readReply(upstream, pipeline, { reply, taps, note, watch });
		noteSilentTruncation(target, asked, record.usage, exchange.requestChars, note);
		proxy.calibration.observe(target, asked, record.usage);
		return undefined;
	} catch (error) {
		cancellation.abort();
		if (error instanceof AskAgain) return error.turns;
		const failure = watch.stalled ?? error;
		if (failure instanceof UpstreamFailure) taps.failureIn(failure.source);
		throw failure;
	} finally {
		watch.stop();
		cancellation.detach();
	}
}

/** The stages from the decoder to the reply. */
function replyStages(
	exchange: Exchange,
	request: MessageRequest,
	{ target, onContent }: AttemptOptions,
	watch: IdleWatch,
): Sink<MessageEvent> {
	const { note, reply, taps, proxy, notice } = exchange;
	const isCommitted = () => reply.committed;
	const countEmptyTurn = () => proxy.emptyTurns.count(request);
	const context = { request, target, mintId, note, isCommitted, countEmptyTurn };
	const stages = responseRepairs
		.filter(({ name }) => !target.disabledRepairs.includes(name))
		.map((repair) => repair.stage(context));
	const check = grammar((violation) =>
		note({ kind: "grammar", where: "response", seen: violation, done: "passed on unchanged" }),
	);
	const last = sink((event: MessageEvent) => {
		if (event.type === "content_block_start" && event.index === 0) onContent();
		taps.eventOut(event);
		passEvent(event, exchange);
	});
	// Events that the repairs hold back are progress too: a long tool input is passed on only when it is complete.
	const progress: Stage<MessageEvent, MessageEvent> = (next) => ({
		push(event) {
			watch.progress();
			next.push(event);
		},
		end: () => next.end(),
	});
	if (notice && request.tools?.length) stages.push(announce(notice));
	return chain([progress, ...stages])(check(last));
}

/**
 * Replies with the tool call in a text that a server could not read as one (Groq's `failed_generation`); false when the
 * text holds no call of an offered tool.
 */
export function passRecoveredCall(text: string, target: Target, exchange: Exchange): boolean {
	const { request, note } = exchange;
	const message = recoverCall(text, { request, target, mintId, note });
	if (message) passMessage(message, exchange);
	return message !== undefined;
}
