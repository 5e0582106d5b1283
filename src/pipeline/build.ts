import type { DecodeContext, Dialect, UpstreamRequest } from "../dialects/dialect.ts";
import type { Target } from "../profile/model/target.ts";
import type { Note } from "../protocol/divergence.ts";
import type { MessageEvent } from "../protocol/events.ts";
import { grammar } from "../protocol/grammar.ts";
import { collectEvents, messageEvents } from "../protocol/message-events.ts";
import type { Message, MessageRequest } from "../protocol/messages.ts";
import { newMessage } from "../protocol/new-message.ts";
import { chain, runStage, type Sink, type Stage } from "../protocol/stage.ts";
import { repairRequest, responseRepairs } from "../repairs/index.ts";
import type { RepairContext, RequestChange } from "../repairs/repair.ts";
import { adaptHistory } from "./adapt-history.ts";
import { boundedInputs } from "./bounded-inputs.ts";
import { editBody, withoutRefusedTools } from "./edit-body.ts";
import { type DescribedImages, withDescriptions } from "./images.ts";
import { noticeBefore } from "./notice.ts";
import type { DocumentReader } from "./read-documents.ts";
import { ReplyReader } from "./reply-reader.ts";
import { shortDescriptions } from "./short-descriptions.ts";

/** What the stages of both directions need. Replay and tests mint ids that count, so the same input gives the same output. */
export interface PipelineContext {
	dialect: Dialect;
	target: Target;
	mintId: (prefix: string) => string;
	note: Note;
}

/**
 * What an attempt depends on besides the client's request and the target. A full trace records it, so that a replay goes
 * through the same stages.
 */
export interface AttemptInputs extends RequestChange {
	/** Text from cc-any that goes before the reply. */
	notice?: string | undefined;
	/** How many empty turns the same request got before. */
	earlierEmptyTurns?: number | undefined;
	/** Descriptions of images that the target cannot see. */
	images?: DescribedImages | undefined;
}

export interface EncodedRequest {
	/** The request after its repairs: what was encoded. */
	repaired: MessageRequest;
	outgoing: UpstreamRequest;
}

/** The request side: added turns → text of documents and of images if the target takes text only → repairs → encode. */
export async function buildRequest(
	request: MessageRequest,
	context: PipelineContext,
	{ betas, documents, images, ...change }: RequestInputs,
): Promise<EncodedRequest> {
	const asked = changed(request, change, context.target);
	const isTextOnly = context.target.quirks.documents === "text";
	const read = isTextOnly ? await documents.read(asked, context.note) : asked;
	return encodeRequest(images ? withDescriptions(read, images, context.target, context.note) : read, context, betas);
}

/** What the request side depends on besides the client's request and the target. */
interface RequestInputs extends RequestChange, Pick<AttemptInputs, "images"> {
	betas: readonly string[];
	documents: DocumentReader;
}

/** The Messages API requires tools if the history has calls; elsewhere a server may not know `tool_choice: none`. */
function changed(request: MessageRequest, { addedTurns, withoutTools }: RequestChange, { dialect }: Target) {
	const messages = addedTurns ? [...request.messages, ...addedTurns] : request.messages;
	if (!withoutTools) return addedTurns ? { ...request, messages } : request;
	if (dialect === "anthropic") return { ...request, messages, tool_choice: { type: "none" } } as const;
	const { tools: _tools, ...rest } = request;
	return { ...rest, messages };
}

/** The request side without I/O: repairs → encode → edits for what the endpoint refuses. */
export function encodeRequest(
	request: MessageRequest,
	{ dialect, target, mintId, note }: PipelineContext,
	betas: readonly string[],
): EncodedRequest {
	const offered = withoutRefusedTools(request, target, note);
	const repaired = repairRequest(offered, { target, mintId, note }, target.disabledRepairs);
	const adapted = adaptHistory(shortDescriptions(repaired, target, note), target, note);
	const outgoing = dialect.encode(adapted, target, note, betas);
	return { repaired, outgoing: { ...outgoing, body: editBody(outgoing.body, target.quirks.bodyEdits, note) } };
}

/** What the reply side asks and reports; whoever runs it decides. */
export interface ReplyHooks extends Pick<RepairContext, "isCommitted" | "onEmptyTurn" | "onAskAgain"> {
	/** The decoder has made an event, which the repairs may hold back. */
	onDecoded?: (event: MessageEvent) => void;
	/** The provider has said that the reply is complete, though usage may still come. */
	onSettled?: () => void;
	/** The provider has named the model of its reply, or its counts. */
	onStated?: NonNullable<DecodeContext["stated"]>;
}

/** The reply side: bytes → SSE frames → decode → gather → repairs → notice → grammar → `next`. */
export function readReply(
	encoded: EncodedRequest,
	context: PipelineContext,
	options: AttemptInputs & ReplyHooks,
	next: Sink<MessageEvent>,
): ReplyReader {
	const stages = replyStages({ ...context, ...options, request: encoded.repaired });
	return decodeReply(encoded, context, stages(next), options);
}

/** The codec's part of the reply side: bytes → SSE frames → decode → gather → `next`. */
export function decodeReply(
	{ repaired: request, outgoing: { toolNames } }: EncodedRequest,
	{ dialect, target, mintId, note }: PipelineContext,
	next: Sink<MessageEvent>,
	{ onSettled: settled, onStated: stated }: Pick<ReplyHooks, "onSettled" | "onStated"> = {},
): ReplyReader {
	const context = { request, target, toolNames, mintId, note, settled, stated };
	const decodeIn = (found: Dialect) => {
		if (found !== dialect) {
			const done = `translated; use --dialect ${found.name} for this endpoint`;
			note({ kind: "other-wire", where: "response", seen: `a reply in ${found.name}, not ${dialect.name}`, done });
		}
		return found.decode(context);
	};
	return new ReplyReader(dialect, decodeIn, next);
}

/** The part of the reply side that is the same for every dialect: repairs → notice → grammar. */
export function replyStages(
	context: RepairContext & Pick<AttemptInputs, "notice"> & Pick<ReplyHooks, "onDecoded">,
): Stage<MessageEvent, MessageEvent> {
	const { target, note, notice, onDecoded } = context;
	const stages = responseRepairs
		.filter(({ name }) => !target.disabledRepairs.includes(name))
		.map((repair) => repair.stage(context));
	stages.unshift(boundedInputs());
	if (onDecoded) stages.unshift(watch(onDecoded));
	if (notice) stages.push(noticeBefore(notice));
	const report = (seen: string) => note({ kind: "grammar", where: "response", seen, done: "passed on unchanged" });
	return chain([...stages, grammar(report)]);
}

function watch(onEvent: (event: MessageEvent) => void): Stage<MessageEvent, MessageEvent> {
	return (next) => ({
		push(event) {
			onEvent(event);
			next.push(event);
		},
		end: () => next.end(),
	});
}

/**
 * The tool call in a text that a server could not read as one (Groq's `failed_generation`), as a reply. Undefined when
 * the text holds no call of an offered tool.
 */
export function recoverCall(
	text: string,
	context: Pick<RepairContext, "request" | "target" | "mintId" | "note">,
): Message | undefined {
	const reply = newMessage(context.target.model, [{ type: "text", text }], context.mintId);
	const message = collectEvents(runStage(replyStages(context), messageEvents(reply)));
	return message?.content.some((block) => block.type === "tool_use") ? message : undefined;
}
