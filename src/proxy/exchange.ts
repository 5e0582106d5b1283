import type { ServerResponse } from "node:http";
import type { DescribedImages } from "../pipeline/images.ts";
import type { Note } from "../protocol/divergence.ts";
import { deltaText, type MessageEvent } from "../protocol/events.ts";
import { messageEvents } from "../protocol/message-events.ts";
import type { Message, MessageRequest } from "../protocol/messages.ts";
import type { ExchangeRecord } from "../trace/record/exchange-record.ts";
import { type ClientMarks, isShownTurn } from "../trace/record/purpose.ts";
import type { Taps } from "../trace/record/taps.ts";
import { Cancellation } from "../upstream/http/cancellation.ts";
import type { Booking } from "./budget/budget.ts";
import type { Route } from "./delivery/fallback.ts";
import { fingerprintOf } from "./fingerprint.ts";
import type { ProxyState } from "./proxy-state.ts";
import { type Reply, StreamReply, WholeReply } from "./replies/reply.ts";
import { isWatched, SmoothReply } from "./replies/smooth.ts";

/** A Messages API request as it was read from Claude Code. */
export interface ClientRequest {
	request: MessageRequest;
	/** See `requestLength`. */
	requestChars: number;
	/** Values of the `anthropic-beta` header. */
	betas: readonly string[];
	/** Which session and subagent sent it. */
	marks: ClientMarks;
}

/** One Messages API request from Claude Code and its reply. Every step on its way reads and writes this one object. */
export interface Exchange extends Omit<ClientRequest, "marks"> {
	readonly proxy: ProxyState;
	/** The targets to try, primary first. */
	readonly route: Route;
	readonly reply: Reply;
	readonly record: ExchangeRecord;
	readonly taps: Taps;
	/** Adds a divergence to the record. */
	readonly note: Note;
	/** Claude Code, not another client of the proxy: it reacts to statuses in ways of its own. */
	readonly isClaudeCode: boolean;
	/** Aborted when the client disconnects: nobody pays for tokens that nobody reads. */
	readonly signal: Cancellation;
	/** Identifies the conversation that is sent, so that Claude Code's retries of it are recognized. */
	readonly fingerprint: () => string;
	/** Of `performance.now()`. */
	readonly arrivedAt: number;
	/** A person reads the reply, so a text from cc-any may go before it. */
	readonly isShown: boolean;
	/** Text from cc-any that goes before the reply: which fallback answered, or that the model is degrading. */
	notice: string | undefined;
	/** Descriptions of the images that the present target cannot see. */
	images?: DescribedImages | undefined;
	/** Its place within the user's budget. */
	booking?: Booking | undefined;
}

export function openExchange(client: ClientRequest, response: ServerResponse, proxy: ProxyState): Exchange {
	const { marks, ...received } = client;
	const { request, requestChars, betas } = received;
	const record = proxy.newRecord(request, marks);
	const note: Note = (divergence) => record.divergences.push(divergence);
	const signal = new Cancellation();
	const isShown = isShownTurn(request, record.purpose, marks);
	response.on("close", () => response.writableFinished || signal.abort());
	return {
		...received,
		proxy,
		route: proxy.route(request, requestChars, record, note),
		reply: replyFor(request, response, proxy),
		record,
		taps: proxy.recorder.open(record, request, betas),
		note,
		isClaudeCode: response.req.headers["user-agent"]?.startsWith("claude-cli/") ?? false,
		signal,
		fingerprint: fingerprintOf(request, marks),
		arrivedAt: performance.now(),
		isShown,
		notice: isShown ? noticeFor(request, response, proxy) : undefined,
	};
}

function noticeFor(request: MessageRequest, response: ServerResponse, proxy: ProxyState): string | undefined {
	const isRead = isWatched(response.req.headers["user-agent"]);
	const notices = [proxy.drift.take(request), ...(isRead ? proxy.announcements.take() : [])];
	return notices.filter((notice) => notice !== undefined).join("\n") || undefined;
}

function replyFor(request: MessageRequest, response: ServerResponse, proxy: ProxyState): Reply {
	if (request.stream !== true) return new WholeReply(response);
	const stream = new StreamReply(response);
	const { disabledRepairs: disabled } = proxy.profile;
	const isSmoothed = isWatched(response.req.headers["user-agent"]) && !disabled.includes("smoothing");
	return isSmoothed ? new SmoothReply(stream) : stream;
}

/** Passes one event of the reply on to Claude Code, and notes in the record what it says. */
export function passEvent(event: MessageEvent, { record, reply }: Pick<Exchange, "record" | "reply">): void {
	if (event.type === "message_start") {
		record.usage = event.message.usage;
	} else if (event.type === "content_block_start") {
		record.firstToken ??= Date.now() - record.startedAt;
		if (event.content_block.type === "tool_use") record.tools.push(event.content_block.name);
	} else if (event.type === "content_block_delta") {
		record.contentChars = (record.contentChars ?? 0) + (deltaText(event.delta)?.length ?? 0);
	} else if (event.type === "message_delta") {
		record.usage = { ...record.usage, ...event.usage };
		record.stopReason = event.delta.stop_reason;
	}
	reply.push(event);
}

/** Replies with a whole message that no provider streamed. */
export function passMessage(message: Message, exchange: Pick<Exchange, "record" | "reply">): void {
	for (const event of messageEvents(message)) passEvent(event, exchange);
}
