import { describeDialect } from "../../dialects/describe-dialect.ts";
import { type BodyPart, bodyParts, indented } from "../../dialects/wire-description.ts";
import type { JsonObject } from "../../platform/json.ts";
import type { DialectName } from "../../profile/model/quirks.ts";
import { collectEvents } from "../../protocol/message-events.ts";
import {
	contentBlocks,
	isToolResult,
	isToolUse,
	type ToolResultBlock,
	type ToolUseBlock,
} from "../../protocol/messages.ts";
import { type Explanation, explain } from "../explain/explain.ts";
import type { UsualFigures } from "../explain/figures.ts";
import type { RequestChange } from "../explain/request-changes.ts";
import type { ExchangeRecord } from "../record/exchange-record.ts";
import type { StoredAttempt, StoredExchange } from "../store/read-store.ts";
import { RecordedLines } from "./recorded-lines.ts";

/** A part of a request body. */
interface Part {
	place: string;
	/** Index of the message that it is; absent for anything else. */
	message?: number;
	text: string;
}

/** A part of a request body, for a pane. */
export interface PaneRow {
	place: string;
	/** The text, or the beginning of a long one. */
	text: string;
	/** Characters of the whole text. */
	length: number;
	/** The rule that changed it; absent when it is the same in both requests. */
	rule?: string | undefined;
}

/** A tool call with its result. */
export interface ToolCard {
	id: string;
	name: string;
	input: string;
	/** Absent until the next request brings it. */
	result?: string | undefined;
	isError: boolean;
	/** Divergences about this call. */
	repairs: string[];
	/** Made in this reply, or earlier. */
	origin: "reply" | "request";
}

/** What the viewer shows of one exchange. The page loads lines and long texts when they become visible. */
export interface ExchangeView {
	explanation: Explanation;
	/** Absent without a full trace. */
	bodies?: {
		asked: PaneRow[];
		sent: PaneRow[];
		/** Counts. */
		frames: number;
		events: number;
		tools: ToolCard[];
		attempts: { status: number | undefined; failure: string | undefined }[];
	};
}

/** The exchange that is open in the viewer. */
export interface OpenExchange {
	view: ExchangeView;
	/** Full texts of the parts of both bodies. */
	parts: Record<"asked" | "sent", string[]>;
	lines: RecordedLines | undefined;
}

/** Longest text of a part in the view: of a part that is shown unfolded, and of a folded one. */
const OPEN_LIMIT_CHARS = 2000;
const FOLDED_LIMIT_CHARS = 200;
/** Longest input or result of a tool call. */
const TOOL_LIMIT_CHARS = 20_000;

/** Builds the view of one exchange. */
export function viewExchange(
	record: ExchangeRecord,
	stored: StoredExchange | undefined,
	usual?: UsualFigures,
): OpenExchange {
	const explanation = explain(record, stored, usual);
	const attempt = stored?.attempts.at(-1);
	if (!stored || !attempt) return { view: { explanation }, parts: { asked: [], sent: [] }, lines: undefined };
	const changes = explanation.changes ?? [];
	const [asked, sent] = [
		paneParts(stored.request, "anthropic"),
		paneParts(attempt.outgoing?.body ?? {}, attempt.target.dialect),
	];
	const lines = new RecordedLines(attempt);
	const bodies = {
		asked: paneRows(asked, changes, "from"),
		sent: paneRows(sent, changes, "to"),
		frames: lines.frameCount,
		events: lines.eventCount,
		tools: toolCards(stored, attempt, explanation),
		attempts: stored.attempts.map(({ head, failure }) => ({ status: head?.status, failure: failure && cut(failure) })),
	};
	const parts = { asked: asked.map(({ text }) => text), sent: sent.map(({ text }) => text) };
	return { view: { explanation, bodies }, parts, lines };
}

/** The parts of a body as a person reads them, with the places that changes name. */
function panePart(part: BodyPart, messageIndex: number): Part {
	if (part.type === "tool") return { place: `tools.${part.name}`, text: indented(part.value) };
	if (part.type === "system") return { place: "system", text: part.texts.join("\n\n") };
	if (part.type === "field") return { place: part.name, text: pretty(part.value) };
	return { place: `messages[${messageIndex}] ${part.role}`, message: messageIndex, text: part.text };
}

function paneParts(body: JsonObject, dialect: DialectName): Part[] {
	let messages = 0;
	return bodyParts(body, describeDialect(dialect)).map((part) => {
		return panePart(part, part.type === "message" ? messages++ : 0);
	});
}

/** Parts as they are shown at first. Those that a rule changed are marked with it. */
function paneRows(parts: readonly Part[], changes: readonly RequestChange[], side: "from" | "to"): PaneRow[] {
	const value = side === "from" ? "before" : "after";
	const here = changes.filter((change) => change[value] !== undefined);
	return parts.map(({ place, message, text }) => {
		const change = here.find((candidate) =>
			candidate[side] === undefined ? place === candidate.place : message === candidate[side],
		);
		const preview = text.slice(0, change ? OPEN_LIMIT_CHARS : FOLDED_LIMIT_CHARS);
		return { place, text: preview, length: text.length, rule: change?.rule };
	});
}

function toolCards(
	{ request }: StoredExchange,
	attempt: StoredAttempt,
	{ record, first, others }: Explanation,
): ToolCard[] {
	const divergences = [...(first ? [first] : []), ...others, ...record.divergences];
	const repairsOf = (id: string, name: string) => {
		const named = divergences.filter(({ data }) => data?.toolCalls?.includes(id) || data?.tools?.includes(name));
		return [...new Set(named.map(({ kind, done }) => `${kind}: ${done}`))];
	};
	const history = request.messages.flatMap((message) => contentBlocks(message.content));
	const results = new Map(history.filter(isToolResult).map((block) => [block.tool_use_id, block]));
	const card = ({ id, name, input }: ToolUseBlock, origin: ToolCard["origin"]): ToolCard => {
		const result = results.get(id);
		return {
			id,
			name,
			input: cut(pretty(input)),
			result: result && cut(resultText(result.content)),
			isError: result?.is_error === true,
			repairs: repairsOf(id, name),
			origin,
		};
	};
	const made = (collectEvents(attempt.events)?.content ?? []).filter(isToolUse);
	const earlier = history.filter(isToolUse).slice(-MAX_EARLIER_CALLS).reverse();
	return [...made.map((block) => card(block, "reply")), ...earlier.map((block) => card(block, "request"))];
}

/** The latest calls of earlier turns that are shown. */
const MAX_EARLIER_CALLS = 20;

function resultText(content: ToolResultBlock["content"]): string {
	return contentBlocks(content)
		.map((block) => (block.type === "text" ? block.text : `[${block.type}]`))
		.join("\n");
}

function pretty(value: unknown): string {
	return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

function cut(text: string): string {
	return text.length > TOOL_LIMIT_CHARS ? `${text.slice(0, TOOL_LIMIT_CHARS)}… (${text.length} characters)` : text;
}
