import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { MessageEvent } from "../anthropic/events.ts";
import { grammar } from "../anthropic/grammar.ts";
import type { MessageRequest } from "../anthropic/messages.ts";
import type { Dialect } from "../dialects/dialect.ts";
import { loadDialect } from "../dialects/index.ts";
import type { Note } from "../divergence.ts";
import { type Profile, targetOf } from "../profile/profile.ts";
import type { Target } from "../profile/target.ts";
import { requestRepairs, responseRepairs } from "../repairs/index.ts";
import { chain, type Sink, sink } from "../stage.ts";
import type { ExchangeRecord } from "../trace/exchange-record.ts";
import { classifyFailure } from "../upstream/classify-failure.ts";
import { UpstreamFailure } from "../upstream/failure.ts";
import type { Frame } from "../upstream/frame.ts";
import { send } from "../upstream/send.ts";
import { sseFrames } from "../upstream/sse-frames.ts";
import type { Transport, TransportReply } from "../upstream/transport.ts";
import { failureResponse } from "./failure-response.ts";
import { type Reply, StreamReply, WholeReply } from "./reply.ts";
import { routeModel } from "./route-model.ts";

export interface ExchangeContext {
	profile: Profile;
	transport: Transport;
	/** Gets the record when the exchange has ended, however it ended. */
	onExchange: (record: ExchangeRecord) => void;
	/** Number of this exchange, from 1. */
	number: number;
}

/**
 * THE LINE: one Messages API request from Claude Code, through the stages, to one reply.
 *
 * routeModel → repairRequest → encode → send → sseFrames → decode → repairs → grammar → reply
 */
export async function runExchange(
	request: MessageRequest,
	response: ServerResponse,
	context: ExchangeContext,
): Promise<void> {
	const record = newRecord(request, context);
	const note: Note = (divergence) => record.divergences.push(divergence);
	const abort = new AbortController();
	// A client that goes away, at any stage, aborts the upstream request: nobody pays for tokens that nobody reads.
	response.on("close", () => abort.abort());
	const reply = request.stream === true ? new StreamReply(response, {}) : new WholeReply(response, {});
	try {
		const target = targetOf(context.profile, routeModel(context.profile, request.model, note));
		record.servedModel = target.model;
		await attempt({ request, target, reply, record, note, signal: abort.signal, transport: context.transport });
		record.status = 200;
	} catch (error) {
		if (!abort.signal.aborted) failReply(error, reply, record);
		else record.failure = "the client went away";
	} finally {
		record.duration = Date.now() - record.startedAt;
		context.onExchange(record);
	}
}

interface Attempt {
	request: MessageRequest;
	target: Target;
	reply: Reply;
	record: ExchangeRecord;
	note: Note;
	signal: AbortSignal;
	transport: Transport;
}

async function attempt({ request, target, reply, record, note, signal, transport }: Attempt): Promise<void> {
	const dialect = await loadDialect(target.dialect);
	const repaired = requestRepairs.reduce((current, repair) => repair.apply(current, { target, mintId, note }), request);
	const { path, headers, body, toolNames } = dialect.encode(repaired, target, note);
	record.attempts++;
	const upstream = await send(transport, target, { path, headers, body: JSON.stringify(body) }, signal);
	const decode = dialect.decode({ request: repaired, target, toolNames, mintId, note });
	const repairs = chain(responseRepairs.map((repair) => repair.stage({ request: repaired, target, mintId, note })));
	const check = grammar((violation) =>
		note({ kind: "grammar", where: "response", seen: violation, done: "passed on unchanged" }),
	);
	const line = decode(repairs(check(sink((event) => deliver(event, reply, record)))));
	await pump(upstream, dialect, line, reply);
}

/** Drives the bytes of a reply through the line. One read leaves as one write. */
async function pump(upstream: TransportReply, dialect: Dialect, line: Sink<Frame>, reply: Reply): Promise<void> {
	let bytes: Sink<Uint8Array> | undefined;
	const whole: Uint8Array[] = [];
	for await (const chunk of upstream.body) {
		// A JSON body may come where a stream was asked for, and the reverse: the first byte tells, not the header.
		if (!bytes && whole.length === 0 && !looksLikeJson(chunk)) bytes = sseFrames(line);
		if (!bytes) {
			whole.push(chunk);
			continue;
		}
		bytes.push(chunk);
		await reply.flush();
	}
	if (bytes) {
		bytes.end();
	} else {
		for (const frame of dialect.framesOf(Buffer.concat(whole).toString("utf8"))) line.push(frame);
		line.end();
	}
	reply.end();
}

function looksLikeJson(chunk: Uint8Array): boolean {
	const first = chunk.find((byte) => byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09);
	return first === 0x7b || first === 0x5b;
}

function deliver(event: MessageEvent, reply: Reply, record: ExchangeRecord): void {
	if (event.type === "message_start") {
		record.usage = event.message.usage;
	} else if (event.type === "content_block_start") {
		record.firstToken ??= Date.now() - record.startedAt;
		if (event.content_block.type === "tool_use") record.tools.push((event.content_block as { name: string }).name);
	} else if (event.type === "message_delta") {
		record.usage = { ...record.usage, ...event.usage };
		record.stopReason = event.delta.stop_reason;
	}
	reply.push(event);
}

function failReply(error: unknown, reply: Reply, record: ExchangeRecord): void {
	const failure =
		error instanceof UpstreamFailure
			? classifyFailure(error.source)
			: ({ class: "transient", status: 500, message: `cc-any failed: ${describe(error)}` } as const);
	const response = failureResponse(failure, record.profile);
	record.status = reply.committed ? 200 : response.status;
	record.failure = `${failure.class}: ${failure.message}`;
	reply.fail(response);
}

function describe(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}

function newRecord(request: MessageRequest, context: ExchangeContext): ExchangeRecord {
	return {
		number: context.number,
		startedAt: Date.now(),
		requestedModel: request.model,
		servedModel: "",
		profile: context.profile.name,
		stream: request.stream === true,
		attempts: 0,
		status: 0,
		duration: 0,
		tools: [],
		divergences: [],
	};
}

/** `toolu_` and 24 hexadecimal digits: unique over any conversation. */
export function mintId(prefix: string): string {
	return `${prefix}${randomBytes(12).toString("hex")}`;
}
