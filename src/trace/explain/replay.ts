import type { Dialect, UpstreamRequest } from "../../dialects/dialect.ts";
import { loadDialect } from "../../dialects/index.ts";
import type { Target } from "../../profile/model/target.ts";
import type { Divergence } from "../../protocol/divergence.ts";
import type { MessageEvent } from "../../protocol/events.ts";
import { grammar } from "../../protocol/grammar.ts";
import { MessageCollector } from "../../protocol/message-events.ts";
import type { Message, MessageRequest } from "../../protocol/messages.ts";
import { type Frame, sseFrames } from "../../protocol/sse-frames.ts";
import { chain, type Sink, sink } from "../../protocol/stage.ts";
import { repairRequest, responseRepairs } from "../../repairs/index.ts";
import { UpstreamFailure } from "../../upstream/failures/failure.ts";
import type { StoredAttempt } from "../store/read-store.ts";

/** What a recorded reply comes to when it goes through the line again. */
export interface Replayed {
	outgoing: UpstreamRequest;
	requestDivergences: Divergence[];
	events: MessageEvent[];
	message: Message | undefined;
	divergences: Divergence[];
	failure: { message: string; status: number; body: string } | undefined;
}

/** Ids that count, so that the same input always gives the same output. */
export function countingIds(): (prefix: string) => string {
	let count = 0;
	return (prefix) => `${prefix}minted${String(++count).padStart(2, "0")}`;
}

/** Sends a request and a recorded reply through encoder, decoder and, where wanted, the repairs of the reply. */
export async function replayReply(
	request: MessageRequest,
	target: Target,
	{ betas, reply }: Pick<StoredAttempt, "betas" | "reply">,
	options: { repairs: boolean },
): Promise<Replayed> {
	const dialect = await loadDialect(target.dialect);
	const requestDivergences: Divergence[] = [];
	const noteRequest = (divergence: Divergence) => requestDivergences.push(divergence);
	const disabled = target.disabledRepairs;
	const repaired = repairRequest(request, { target, mintId: countingIds(), note: noteRequest }, disabled);
	const outgoing = dialect.encode(repaired, target, noteRequest, betas);
	const replayed: Replayed = {
		outgoing,
		requestDivergences,
		events: [],
		message: undefined,
		divergences: [],
		failure: undefined,
	};
	if (reply) decodeInto(replayed, dialect, options.repairs ? repaired : request, target, reply, options.repairs);
	return replayed;
}

function decodeInto(
	replayed: Replayed,
	dialect: Dialect,
	request: MessageRequest,
	target: Target,
	reply: NonNullable<StoredAttempt["reply"]>,
	withRepairs: boolean,
): void {
	const collector = new MessageCollector();
	const mintId = countingIds();
	const note = (divergence: Divergence) => replayed.divergences.push(divergence);
	const last = sink<MessageEvent>((event) => {
		replayed.events.push(event);
		collector.push(event);
	});
	const context = { request, target, mintId, note, isCommitted: () => false };
	const enabled = responseRepairs.filter(({ name }) => withRepairs && !target.disabledRepairs.includes(name));
	const check = grammar((seen) => note({ kind: "grammar", where: "response", seen, done: "passed on unchanged" }));
	const line = chain(enabled.map((repair) => repair.stage(context)))(withRepairs ? check(last) : last);
	try {
		const { toolNames } = replayed.outgoing;
		drive(dialect, dialect.decode({ ...context, toolNames })(line), reply);
		replayed.message = collector.message;
	} catch (error) {
		if (!(error instanceof UpstreamFailure)) throw error;
		replayed.failure = { message: error.message, status: error.source.status, body: error.source.body };
	}
}

function drive(dialect: Dialect, decoder: Sink<Frame>, { bytes, isStream }: NonNullable<StoredAttempt["reply"]>): void {
	if (isStream) {
		const line = sseFrames()(decoder);
		line.push(bytes);
		line.end();
		return;
	}
	for (const frame of dialect.framesOf(bytes.toString("utf8"))) decoder.push(frame);
	decoder.end();
}

/** Adds recorded events up to the message that Claude Code got; undefined where there was none. */
export function collectEvents(events: readonly MessageEvent[]): Message | undefined {
	const collector = new MessageCollector();
	for (const event of events) collector.push(event);
	return collector.message;
}

/** How two replies differ: blocks, stop reason and usage. Ids are made anew each time and do not count. */
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
