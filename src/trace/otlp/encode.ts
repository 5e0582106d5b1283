import { createHash } from "node:crypto";
import { version } from "../../../package.json";
import type { Divergence } from "../../protocol/divergence.ts";
import { inputTokens } from "../record/cost.ts";
import { type ExchangeRecord, failureClassOf } from "../record/exchange-record.ts";
import type { SessionHead } from "../record/session-log.ts";

/**
 * Spans in OTLP's JSON form: ids in hexadecimal, 64-bit numbers as strings.
 * Source: opentelemetry.io/docs/specs/otlp, and /docs/specs/semconv/gen-ai/gen-ai-spans for the names.
 */
export interface Span {
	traceId: string;
	spanId: string;
	parentSpanId?: string;
	name: string;
	kind: number;
	startTimeUnixNano: string;
	endTimeUnixNano: string;
	attributes: Attribute[];
	events: { timeUnixNano: string; name: string; attributes: Attribute[] }[];
	status: { code: number; message?: string };
}

interface Attribute {
	key: string;
	value: AttributeValue;
}

type AttributeValue =
	| { stringValue: string }
	| { intValue: string }
	| { doubleValue: number }
	| { arrayValue: { values: AttributeValue[] } };

const KIND = { internal: 1, client: 3 } as const;
const STATUS = { unset: 0, error: 2 } as const;

/** Prompt and reply in the form of the GenAI semantic conventions, if the user wants them sent. */
export interface SpanContent {
	input: string;
	output: string;
}

/** One exchange as a client span of the session's trace. */
export function exchangeSpan(record: ExchangeRecord, session: string, content?: SpanContent): Span {
	const { failure, startedAt } = record;
	return {
		traceId: idOf(session, 32),
		spanId: idOf(`${session} ${record.number}`, 16),
		parentSpanId: idOf(`${session} session`, 16),
		name: `chat ${record.servedModel || record.requestedModel}`,
		kind: KIND.client,
		startTimeUnixNano: nanoseconds(startedAt),
		endTimeUnixNano: nanoseconds(startedAt + record.duration),
		attributes: exchangeAttributes(record, session, content),
		events: record.divergences.map((divergence) => divergenceEvent(divergence, startedAt + record.duration)),
		status: failure ? { code: STATUS.error, message: failure } : { code: STATUS.unset },
	};
}

function exchangeAttributes(record: ExchangeRecord, session: string, content: SpanContent | undefined): Attribute[] {
	const { usage, firstToken, stopReason } = record;
	return attributesOf({
		"gen_ai.operation.name": "chat",
		"gen_ai.provider.name": record.profile,
		"gen_ai.request.model": record.requestedModel,
		"gen_ai.response.model": record.servedModel || undefined,
		"gen_ai.conversation.id": record.claudeSession ?? session,
		"gen_ai.agent.id": record.agent,
		"gen_ai.response.finish_reasons": stopReason ? [stopReason] : undefined,
		// By the convention, cached tokens are input tokens too.
		"gen_ai.usage.input_tokens": usage && inputTokens(usage),
		"gen_ai.usage.output_tokens": usage?.output_tokens,
		"gen_ai.usage.cache_read.input_tokens": usage?.cache_read_input_tokens,
		"gen_ai.usage.cache_creation.input_tokens": usage?.cache_creation_input_tokens,
		"error.type": failureClassOf(record),
		"http.response.status_code": record.status || undefined,
		"gen_ai.input.messages": content?.input,
		"gen_ai.output.messages": content?.output,
		"cc_any.session": session,
		"cc_any.exchange": record.number,
		"cc_any.purpose": record.purpose,
		"cc_any.attempts": record.attempts,
		"cc_any.cost_usd": record.cost === undefined ? undefined : new Double(record.cost),
		"cc_any.time_to_first_token": firstToken === undefined ? undefined : new Double(firstToken / 1000),
		"cc_any.tokens_per_second": record.tokensPerSecond === undefined ? undefined : new Double(record.tokensPerSecond),
		"cc_any.tools": record.tools.length > 0 ? record.tools : undefined,
		"cc_any.prefix_break": record.prefixBreak && `${record.prefixBreak.place}: ${record.prefixBreak.cause}`,
	});
}

function divergenceEvent({ kind, where, seen, done }: Divergence, time: number): Span["events"][number] {
	return {
		timeUnixNano: nanoseconds(time),
		name: "cc_any.divergence",
		attributes: attributesOf({
			"cc_any.divergence.kind": kind,
			"cc_any.divergence.where": where,
			"cc_any.divergence.seen": seen || undefined,
			"cc_any.divergence.done": done || undefined,
		}),
	};
}

/** The session as the parent span of its exchanges. */
export function sessionSpan(head: SessionHead, endedAt: number): Span {
	return {
		traceId: idOf(head.session, 32),
		spanId: idOf(`${head.session} session`, 16),
		name: "invoke_agent Claude Code",
		kind: KIND.internal,
		startTimeUnixNano: nanoseconds(head.startedAt),
		endTimeUnixNano: nanoseconds(endedAt),
		attributes: attributesOf({
			"gen_ai.operation.name": "invoke_agent",
			"gen_ai.agent.name": "Claude Code",
			"gen_ai.provider.name": head.profile,
			"cc_any.session": head.session,
		}),
		events: [],
		status: { code: STATUS.unset },
	};
}

/** The body of one export request. */
export function exportRequest(spans: readonly Span[]): object {
	const resource = { attributes: attributesOf({ "service.name": "cc-any", "service.version": version }) };
	return { resourceSpans: [{ resource, scopeSpans: [{ scope: { name: "cc-any", version }, spans }] }] };
}

/** A number that is sent as a double even if it is an integer. */
class Double {
	readonly value: number;
	constructor(value: number) {
		this.value = value;
	}
}

function attributesOf(fields: Record<string, string | number | Double | string[] | undefined>): Attribute[] {
	return Object.entries(fields).flatMap(([key, value]) =>
		value === undefined ? [] : [{ key, value: otlpValue(value) }],
	);
}

function otlpValue(value: string | number | Double | string[]): AttributeValue {
	if (value instanceof Double) return { doubleValue: value.value };
	if (typeof value === "number") return { intValue: String(value) };
	if (typeof value === "string") return { stringValue: value };
	return { arrayValue: { values: value.map((text) => ({ stringValue: text })) } };
}

/** An id derived from a name, so that children know the id of their parent. */
function idOf(name: string, length: number): string {
	return createHash("sha256").update(name).digest("hex").slice(0, length);
}

function nanoseconds(milliseconds: number): string {
	return `${Math.round(milliseconds)}000000`;
}
