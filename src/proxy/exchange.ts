import type { ServerResponse } from "node:http";
import type { UpstreamRequest } from "../dialects/dialect.ts";
import { loadDialect } from "../dialects/index.ts";
import { readReply } from "../pipeline/read-reply.ts";
import { recoverCall } from "../pipeline/recover-call.ts";
import { endpointKey, type Target } from "../profile/model/target.ts";
import type { Note } from "../protocol/divergence.ts";
import type { MessageEvent } from "../protocol/events.ts";
import { grammar } from "../protocol/grammar.ts";
import type { Message, MessageRequest } from "../protocol/messages.ts";
import { mintId } from "../protocol/mint-id.ts";
import { replay } from "../protocol/replay.ts";
import { chain, type Sink, type Stage, sink } from "../protocol/stage.ts";
import { repairRequest, responseRepairs } from "../repairs/index.ts";
import { endLoop } from "../repairs/loops/end-loop.ts";
import type { ExchangeRecord } from "../trace/record/exchange-record.ts";
import type { ClientMarks } from "../trace/record/purpose.ts";
import type { Taps } from "../trace/record/taps.ts";
import { UpstreamFailure } from "../upstream/failures/failure.ts";
import { type Cancellable, Cancellation } from "../upstream/http/cancellation.ts";
import { send } from "../upstream/http/send.ts";
import type { TransportReply } from "../upstream/http/transport.ts";
import { IdleWatch } from "../upstream/resilience/idle-watch.ts";
import { askAgain } from "./delivery/ask-again.ts";
import { type AttemptHooks, deliver } from "./delivery/delivery.ts";
import { noteSilentTruncation } from "./delivery/silent-truncation.ts";
import type { Run } from "./proxy-state.ts";
import { announce } from "./replies/announce.ts";
import { failReply } from "./replies/fail-reply.ts";
import { type Reply, StreamReply, WholeReply } from "./replies/reply.ts";
import { isWatched, SmoothReply } from "./replies/smooth.ts";
import { fitToExchanges } from "./v8-flags.ts";
import { answerWebSearch, unansweredSearch } from "./web-search.ts";

/** Characters of a request from which on it is worth comparing with the one before. */
const LONG = 50_000;

/** What else is known of a request of Claude Code's. */
export interface ClientRequest {
	/** Values of its `anthropic-beta` header. */
	betas: readonly string[];
	/** Of its JSON, in UTF-16 units. */
	length: number;
	marks: ClientMarks;
}

/**
 * THE LINE: one Messages API request from Claude Code, through the stages, to one reply.
 *
 * routeModel → repairRequest → encode → send → readReply (decode, gather) → repairs → grammar → reply (→ smooth)
 */
export async function runExchange(
	request: MessageRequest,
	{ betas, length, marks }: ClientRequest,
	response: ServerResponse,
	run: Run,
): Promise<void> {
	const record = run.newRecord(request, marks);
	const taps = run.recorder.open(record, request, betas);
	const note: Note = (divergence) => record.divergences.push(divergence);
	const signal = new Cancellation();
	// A client that goes away, at any stage, aborts the upstream request: nobody pays for tokens that nobody reads.
	response.on("close", () => response.writableFinished || signal.abort());
	const reply = replyFor(request, response, run);
	try {
		const notice = run.takeDriftNotice(request);
		const exchange: Exchange = { betas, length, notice, reply, record, taps, note, run, signal };
		const attempt = (first: Target, hooks: AttemptHooks) =>
			askAgain(request, first, (asked, target) => runAttempt({ exchange, request: asked, target, hooks }));
		const committed = () => reply.committed;
		const recover = (target: Target, text: string) => {
			const call = recoverCall(text, { request, target, mintId, note });
			if (call) answerLocally(call, reply, record);
			return call !== undefined;
		};
		const route = run.route(request, length, note);
		const local = answerHere(request, route.current(), { run, signal, note });
		const shared = run.resilience;
		if (local) answerLocally(await local, reply, record);
		else await deliver({ shared, request, length, route, record, note, committed, attempt, recover, signal });
		reply.end();
		record.status = 200;
	} catch (error) {
		if (signal.aborted) record.failure = "the client went away";
		else failReply(error, reply, record);
	} finally {
		reply.close();
		record.duration = Date.now() - record.startedAt;
		taps.end();
		run.watchDrift(request, record);
		run.onExchange(record);
		fitToExchanges();
	}
}

function replyFor(request: MessageRequest, response: ServerResponse, run: Run): Reply {
	if (request.stream !== true) return new WholeReply(response);
	const stream = new StreamReply(response);
	const { disabledRepairs: disabled } = run.profile;
	const isSmoothed = isWatched(response.req.headers["user-agent"]) && !disabled.includes("smoothing");
	return isSmoothed ? new SmoothReply(stream) : stream;
}

/** The answer to a request that no provider is asked for: a call that goes in circles, a search. */
function answerHere(
	request: MessageRequest,
	target: Target,
	{ run, signal, note }: Pick<Exchange, "run" | "signal" | "note">,
): Message | Promise<Message> | undefined {
	const ended = endLoop(request, target, { mintId, note });
	const search = ended ? undefined : unansweredSearch(request, target);
	if (!search) return ended;
	const { profile, transport } = run;
	return answerWebSearch(request, search, { target, engine: profile.search, transport, signal, note });
}

/** A reply that no provider was asked for. */
function answerLocally(message: Message, reply: Reply, record: ExchangeRecord): void {
	for (const event of replay(message)) {
		recordEvent(event, record);
		reply.push(event);
	}
}

/** What all attempts of one exchange have in common. */
interface Exchange {
	/** Values of the client's `anthropic-beta` header. */
	betas: readonly string[];
	/** Of the client's request in JSON. */
	length: number;
	run: Run;
	/** A line for the user that this exchange is to carry. */
	notice: string | undefined;
	reply: Reply;
	record: ExchangeRecord;
	taps: Taps;
	note: Note;
	signal: Cancellable;
}

interface Attempt {
	exchange: Exchange;
	request: MessageRequest;
	target: Target;
	hooks: AttemptHooks;
}

/** One request to one target, through the whole line. Throws `UpstreamFailure`. */
async function runAttempt({ exchange, request: asked, target, hooks }: Attempt): Promise<void> {
	const { reply, record, note, taps, run } = exchange;
	const dialect = await loadDialect(target.dialect);
	const readable = target.quirks.documents === "text" ? await run.documents.read(asked, note) : asked;
	const request = repairRequest(readable, { target, mintId, note }, target.disabledRepairs);
	const outgoing = dialect.encode(request, target, note, exchange.betas);
	const { toolNames } = outgoing;
	const cancellation = new Cancellation(exchange.signal);
	const watch = new IdleWatch(hooks.patience, cancellation);
	record.attempts++;
	record.tools = [];
	reply.restart();
	taps.requestOut(target, outgoing);
	try {
		const upstream = await sendBody(outgoing, target, exchange, cancellation);
		hooks.onHeaders(upstream.headers);
		taps.headIn(upstream);
		const decode = dialect.decode({ request, target, toolNames, mintId, note, settled: () => watch.settle() });
		const line = { dialect, decode, next: responseLine({ exchange, request, target, hooks }, watch) };
		await readReply(upstream, line, { reply, taps, note, watch });
		noteSilentTruncation(target, asked, record.usage, exchange.length, note);
		run.calibration.observe(target, asked, record.usage);
	} catch (error) {
		cancellation.abort();
		const failure = watch.stalled ?? error;
		if (failure instanceof UpstreamFailure) taps.failureIn(failure.source);
		throw failure;
	} finally {
		watch.stop();
		cancellation.end();
	}
}

/** The body of a long conversation is for the most part the last one's. It is not kept while its reply comes. */
function sendBody(
	{ path, headers, body }: UpstreamRequest,
	target: Target,
	{ run, record, length }: Exchange,
	signal: Cancellable,
): Promise<TransportReply> {
	const { claudeSession, agent } = record;
	const written =
		length < LONG ? JSON.stringify(body) : run.bodies.write(`${endpointKey(target)} ${claudeSession} ${agent}`, body);
	return send(run.transport, target, { path, headers, body: written }, signal);
}

/** The stages from the decoder to the reply. */
function responseLine({ exchange, request, target, hooks }: Attempt, watch: IdleWatch): Sink<MessageEvent> {
	const { note, reply, record, taps, run } = exchange;
	const isCommitted = () => reply.committed;
	const context = { request, target, mintId, note, isCommitted, emptyTurns: run.emptyTurns };
	const stages = responseRepairs
		.filter(({ name }) => !target.disabledRepairs.includes(name))
		.map((repair) => repair.stage(context));
	const check = grammar((violation) =>
		note({ kind: "grammar", where: "response", seen: violation, done: "passed on unchanged" }),
	);
	const last = sink((event: MessageEvent) => {
		if (event.type === "content_block_start" && event.index === 0) hooks.onContent();
		recordEvent(event, record);
		taps.eventOut(event);
		reply.push(event);
	});
	// What the repairs hold back is progress too: a long tool input leaves only when it is complete.
	const progress: Stage<MessageEvent, MessageEvent> = (next) => ({
		push(event) {
			watch.progress();
			next.push(event);
		},
		end: () => next.end(),
	});
	const line = hooks.announcement ?? exchange.notice;
	if (line && request.tools?.length) stages.push(announce(line));
	return chain([progress, ...stages])(check(last));
}

function recordEvent(event: MessageEvent, record: ExchangeRecord): void {
	if (event.type === "message_start") {
		record.usage = event.message.usage;
	} else if (event.type === "content_block_start") {
		record.firstToken ??= Date.now() - record.startedAt;
		if (event.content_block.type === "tool_use") record.tools.push(event.content_block.name);
	} else if (event.type === "message_delta") {
		record.usage = { ...record.usage, ...event.usage };
		record.stopReason = event.delta.stop_reason;
	}
}
