import type { ServerResponse } from "node:http";
import type { MessageEvent } from "../anthropic/events.ts";
import { grammar } from "../anthropic/grammar.ts";
import type { Message, MessageRequest } from "../anthropic/messages.ts";
import { mintId } from "../anthropic/mint-id.ts";
import { replay } from "../anthropic/replay.ts";
import type { Dialect } from "../dialects/dialect.ts";
import { loadDialect } from "../dialects/index.ts";
import type { Note } from "../divergence.ts";
import type { Target } from "../profile/target.ts";
import { endLoop } from "../repairs/guard/end-loop.ts";
import { repairRequest, responseRepairs } from "../repairs/index.ts";
import { recoverCall } from "../repairs/recover-call.ts";
import { chain, type Sink, type Stage, sink } from "../stage.ts";
import type { ExchangeRecord } from "../trace/exchange-record.ts";
import { UpstreamFailure } from "../upstream/failure.ts";
import type { Frame } from "../upstream/frame.ts";
import { DEFAULT_PATIENCE, IdleWatch } from "../upstream/idle.ts";
import { send } from "../upstream/send.ts";
import { sseFrames } from "../upstream/sse-frames.ts";
import type { Transport, TransportReply } from "../upstream/transport.ts";
import { askAgain } from "./ask-again.ts";
import { type AttemptHooks, DeliveryFailure, deliver } from "./delivery.ts";
import { failureResponse } from "./failure-response.ts";
import { type Reply, StreamReply, WholeReply } from "./reply.ts";
import type { Run } from "./run.ts";
import { isWatched, SmoothReply } from "./smooth.ts";

/**
 * THE LINE: one Messages API request from Claude Code, through the stages, to one reply.
 *
 * routeModel → repairRequest → encode → send → sseFrames → decode → repairs → grammar → reply (→ smooth)
 */
export async function runExchange(
	request: MessageRequest,
	betas: readonly string[],
	response: ServerResponse,
	run: Run,
): Promise<void> {
	const record = run.newRecord(request);
	const note: Note = (divergence) => record.divergences.push(divergence);
	const abort = new AbortController();
	// A client that goes away, at any stage, aborts the upstream request: nobody pays for tokens that nobody reads.
	response.on("close", () => abort.abort());
	const reply = replyFor(request, response, run);
	try {
		const transport = await run.transport();
		const attempt = (first: Target, hooks: AttemptHooks) =>
			askAgain(request, first, (request, target) =>
				runAttempt({ request, betas, target, hooks, reply, record, note, run, signal: abort.signal, transport }),
			);
		const committed = () => reply.committed;
		const recover = (target: Target, text: string) => {
			const call = recoverCall(text, { request, target, mintId, note });
			if (call) answerLocally(call, reply, record);
			return call !== undefined;
		};
		const route = run.route(request, note);
		const local = endLoop(request, route.current(), { mintId, note });
		if (local) answerLocally(local, reply, record);
		else {
			const delivery = { request, route, record, note, committed, attempt, recover };
			await deliver({ ...run.resilience, ...delivery, signal: abort.signal });
		}
		reply.end();
		record.status = 200;
	} catch (error) {
		if (abort.signal.aborted) record.failure = "the client went away";
		else failReply(error, reply, record);
	} finally {
		reply.close();
		record.duration = Date.now() - record.startedAt;
		run.watchDrift(request, record);
		run.onExchange(record);
	}
}

function replyFor(request: MessageRequest, response: ServerResponse, run: Run): Reply {
	if (request.stream !== true) return new WholeReply(response);
	const stream = new StreamReply(response);
	const { disabledRepairs: disabled } = run.profile;
	const isSmoothed = isWatched(response.req.headers["user-agent"]) && !disabled.includes("smoothing");
	return isSmoothed ? new SmoothReply(stream) : stream;
}

/** A reply that no provider was asked for. */
function answerLocally(message: Message, reply: Reply, record: ExchangeRecord): void {
	for (const event of replay(message)) {
		recordEvent(event, record);
		reply.push(event);
	}
}

interface Attempt {
	request: MessageRequest;
	target: Target;
	/** Values of the client's `anthropic-beta` header. */
	betas: readonly string[];
	run: Run;
	hooks: AttemptHooks;
	reply: Reply;
	record: ExchangeRecord;
	note: Note;
	signal: AbortSignal;
	transport: Transport;
}

/** One request to one target, through the whole line. Throws `UpstreamFailure`. */
async function runAttempt(attempt: Attempt): Promise<void> {
	const { target, reply, note, transport } = attempt;
	const dialect = await loadDialect(target.dialect);
	const request = repairRequest(attempt.request, { target, mintId, note }, target.disabledRepairs);
	const { path, headers, body, toolNames } = dialect.encode(request, target, note, attempt.betas);
	const abort = new AbortController();
	const signal = AbortSignal.any([abort.signal, attempt.signal]);
	const watch = new IdleWatch(DEFAULT_PATIENCE, abort);
	attempt.record.attempts++;
	attempt.record.tools = [];
	reply.restart();
	try {
		const upstream = await send(transport, target, { path, headers, body: JSON.stringify(body) }, signal);
		const decode = dialect.decode({ request, target, toolNames, mintId, note });
		await pump(upstream, dialect, decode(responseLine(attempt, request, watch)), reply);
	} catch (error) {
		throw watch.stalled ?? error;
	} finally {
		watch.stop();
		abort.abort();
	}
}

/** The stages from the decoder to the reply. */
function responseLine(attempt: Attempt, request: MessageRequest, watch: IdleWatch): Sink<MessageEvent> {
	const { target, note, reply, record, hooks } = attempt;
	const stages = responseRepairs
		.filter(({ name }) => !target.disabledRepairs.includes(name))
		.map((repair) =>
			repair.stage({
				request,
				target,
				mintId,
				note,
				isCommitted: () => reply.committed,
				emptyTurns: attempt.run.emptyTurns,
			}),
		);
	const check = grammar((violation) =>
		note({ kind: "grammar", where: "response", seen: violation, done: "passed on unchanged" }),
	);
	const last = sink((event: MessageEvent) => {
		if (event.type === "content_block_start") hooks.onContent();
		recordEvent(event, record);
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
	return chain([progress, ...stages])(check(last));
}

/** Drives the bytes of a reply through the line. One read leaves as one write. */
async function pump(upstream: TransportReply, dialect: Dialect, line: Sink<Frame>, reply: Reply): Promise<void> {
	let bytes: Sink<Uint8Array> | undefined;
	const whole: Uint8Array[] = [];
	for await (const chunk of upstream.body) {
		// A JSON body may come where a stream was asked for, and the reverse: the first byte tells, not the header.
		if (!bytes && whole.length === 0 && !looksLikeJson(chunk)) bytes = sseFrames()(line);
		if (!bytes) {
			whole.push(chunk);
			continue;
		}
		bytes.push(chunk);
		await reply.flush();
		// The answer is complete; some servers leave the socket open after it.
		if (reply.complete) return;
	}
	if (bytes) {
		bytes.end();
	} else {
		for (const frame of dialect.framesOf(Buffer.concat(whole).toString("utf8"))) line.push(frame);
		line.end();
	}
}

function looksLikeJson(chunk: Uint8Array): boolean {
	const first = chunk.find((byte) => byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09);
	return first === 0x7b || first === 0x5b;
}

function recordEvent(event: MessageEvent, record: ExchangeRecord): void {
	if (event.type === "message_start") {
		record.usage = event.message.usage;
	} else if (event.type === "content_block_start") {
		record.firstToken ??= Date.now() - record.startedAt;
		if (event.content_block.type === "tool_use") record.tools.push((event.content_block as { name: string }).name);
	} else if (event.type === "message_delta") {
		record.usage = { ...record.usage, ...event.usage };
		record.stopReason = event.delta.stop_reason;
	}
}

/** The one place where a failure becomes an answer. A provider's key that its error text repeats is masked. */
function failReply(error: unknown, reply: Reply, record: ExchangeRecord): void {
	const context =
		error instanceof DeliveryFailure
			? {
					profile: error.target.profile,
					model: error.target.model,
					estimatedTokens: error.estimatedTokens,
					contextWindow: error.target.contextWindow,
				}
			: { profile: record.profile, model: record.servedModel };
	const failure =
		error instanceof DeliveryFailure
			? error.failure
			: ({ class: "deterministic", status: 500, message: `cc-any failed: ${describe(error)}` } as const);
	const key = error instanceof DeliveryFailure ? error.target.key : undefined;
	const message = key ? failure.message.replaceAll(key, "[key]") : failure.message;
	const response = failureResponse({ ...failure, message }, context);
	if (!(error instanceof DeliveryFailure)) response.status = 500;
	record.status = reply.committed ? 200 : response.status;
	record.failure = `${failure.class}: ${message}`;
	reply.fail(response);
}

function describe(error: unknown): string {
	return error instanceof UpstreamFailure || error instanceof Error ? error.message : String(error);
}
