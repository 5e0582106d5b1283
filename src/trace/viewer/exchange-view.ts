import { contentBlocks, type MessageRequest } from "../../anthropic/messages.ts";
import type { Change } from "../difference.ts";
import type { ExchangeRecord } from "../exchange-record.ts";
import { type Explanation, explain } from "../explain.ts";
import type { StoredAttempt, StoredExchange } from "../read-store.ts";
import { collectEvents } from "../replay.ts";

/** A part of a request body, for a pane. */
export interface PaneRow {
	place: string;
	text: string;
	/** The rule that changed it, where it is not as it was asked, or not sent as it is. */
	rule?: string | undefined;
}

/** A tool call with its result. */
export interface ToolCard {
	id: string;
	name: string;
	input: string;
	/** Undefined: it is not known yet. */
	result?: string | undefined;
	isError: boolean;
	/** Divergences that name this call. */
	repairs: string[];
	/** Made in this reply, or told about in this request. */
	origin: "reply" | "request";
}

/** Everything the viewer shows of one exchange. */
export interface ExchangeView {
	explanation: Explanation;
	/** Undefined without a full trace. */
	bodies?: {
		asked: PaneRow[];
		sent: PaneRow[];
		frames: { time: number; bytes: number; text: string }[];
		events: { read: number; type: string; text: string }[];
		tools: ToolCard[];
		attempts: { status: number | undefined; failure: string | undefined }[];
	};
}

/** Longest text of one part that is sent to the page. */
const TEXT_LIMIT = 20_000;

/** Puts together what the viewer shows of one exchange. */
export function viewOf(record: ExchangeRecord, stored: StoredExchange | undefined): ExchangeView {
	const explanation = explain(record, stored);
	const attempt = stored?.attempts.at(-1);
	if (!stored || !attempt) return { explanation };
	const changes = explanation.changes ?? [];
	return {
		explanation,
		bodies: {
			asked: markRows(bodyRows(stored.request), changes, "from"),
			sent: markRows(bodyRows(attempt.outgoing?.body ?? {}), changes, "to"),
			frames: framesOf(attempt),
			events: attempt.events.map((event, index) => ({
				read: attempt.eventReads[index] ?? -1,
				type: event.type,
				text: cut(JSON.stringify(event)),
			})),
			tools: toolCards(stored, attempt, explanation),
			attempts: stored.attempts.map(({ head, failure }) => ({ status: head?.status, failure })),
		},
	};
}

function bodyRows(body: Record<string, unknown>): PaneRow[] {
	return Object.entries(body).flatMap(([field, value]): PaneRow[] => {
		if (field === "tools" && Array.isArray(value)) {
			return value.map((tool) => ({ place: `tools.${toolName(tool)}`, text: pretty(tool) }));
		}
		if (field === "messages" && Array.isArray(value)) {
			return value.map((message, index) => ({
				place: `messages[${index}] ${message.role}`,
				text: messageText(message),
			}));
		}
		if (field === "system") {
			const texts = contentBlocks(value as MessageRequest["system"]).map((block) => String((block as Block)["text"]));
			return [{ place: "system", text: cut(texts.join("\n\n")) }];
		}
		return [{ place: field, text: pretty(value) }];
	});
}

type Block = { type: string; [field: string]: unknown };

function toolName(tool: Record<string, unknown>): unknown {
	return tool["name"] ?? (tool["function"] as Record<string, unknown> | undefined)?.["name"] ?? tool["type"];
}

/** Texts as they are, everything else as JSON. */
function messageText({ role: _role, content, ...rest }: Record<string, unknown>): string {
	const blocks = contentBlocks((content ?? []) as MessageRequest["messages"][number]["content"]) as Block[];
	const texts = blocks.map((block) => (typeof block["text"] === "string" ? block["text"] : pretty(block)));
	const others = Object.keys(rest).length > 0 ? [pretty(rest)] : [];
	return cut([...texts, ...others].join("\n\n"));
}

function markRows(rows: PaneRow[], changes: readonly Change[], side: "from" | "to"): PaneRow[] {
	const gone = side === "from" ? "before" : "after";
	return rows.map((row) => {
		const change = changes.find((candidate) => {
			if (candidate[gone] === undefined) return false;
			if (candidate[side] !== undefined) return row.place.startsWith(`messages[${candidate[side]}] `);
			return row.place === candidate.place;
		});
		return change ? { ...row, rule: change.rule } : row;
	});
}

/** The raw reply, read by read; whole where redaction has moved the borders. */
function framesOf({ reply, reads }: StoredAttempt): NonNullable<ExchangeView["bodies"]>["frames"] {
	if (!reply) return [];
	const total = reads.reduce((sum, [, bytes]) => sum + bytes, 0);
	if (total !== reply.bytes.length) {
		return [{ time: reads[0]?.[0] ?? 0, bytes: reply.bytes.length, text: cut(reply.bytes.toString("utf8")) }];
	}
	let offset = 0;
	return reads.map(([time, bytes]) => {
		const text = cut(reply.bytes.toString("utf8", offset, offset + bytes));
		offset += bytes;
		return { time, bytes, text };
	});
}

function toolCards(
	{ request }: StoredExchange,
	attempt: StoredAttempt,
	{ record, first, others }: Explanation,
): ToolCard[] {
	const divergences = [...(first ? [first] : []), ...others, ...record.divergences];
	const repairsOf = (id: string, name: string) => {
		const named = divergences.filter(({ seen, done }) =>
			[seen, done].some((text) => text.includes(id) || text === name),
		);
		return [...new Set(named.map(({ kind, done }) => `${kind}: ${done}`))];
	};
	const history = request.messages.flatMap((message) => contentBlocks(message.content) as Block[]);
	const results = new Map(
		history.filter(({ type }) => type === "tool_result").map((block) => [String(block["tool_use_id"]), block]),
	);
	const card = (block: Block, origin: ToolCard["origin"]): ToolCard => {
		const [id, name] = [String(block["id"]), String(block["name"])];
		const result = results.get(id);
		const isError = result?.["is_error"] === true;
		const text = result && resultText(result["content"]);
		return { id, name, input: pretty(block["input"]), result: text, isError, repairs: repairsOf(id, name), origin };
	};
	const isCall = ({ type }: Block) => type === "tool_use";
	const made = ((collectEvents(attempt.events)?.content ?? []) as Block[]).filter(isCall);
	const told = history.filter(isCall).slice(-RECENT).reverse();
	return [...made.map((block) => card(block, "reply")), ...told.map((block) => card(block, "request"))];
}

/** Calls of earlier turns that are shown. */
const RECENT = 20;

function resultText(content: unknown): string {
	if (typeof content === "string") return cut(content);
	const blocks = (Array.isArray(content) ? content : []) as Block[];
	return cut(blocks.map((block) => (typeof block["text"] === "string" ? block["text"] : `[${block.type}]`)).join("\n"));
}

function pretty(value: unknown): string {
	return cut(typeof value === "string" ? value : JSON.stringify(value, null, 2));
}

function cut(text: string): string {
	return text.length > TEXT_LIMIT ? `${text.slice(0, TEXT_LIMIT)}… (${text.length} characters)` : text;
}
