import * as v from "valibot";
import type { ExchangeRecord } from "../record/exchange-record.ts";
import type { SessionHead } from "../record/session-log.ts";

// What every command that reads records relies on. Records are plain files: another version wrote them, or a disk damaged them.

const text = v.string();
const number = v.number();
const maybe = <Schema extends v.GenericSchema>(schema: Schema) => v.optional(schema);

const HeadSchema = v.looseObject({
	session: text,
	startedAt: number,
	profile: text,
	version: text,
	directory: text,
	pid: number,
	traced: v.boolean(),
});

const DivergenceSchema = v.looseObject({
	kind: text,
	where: text,
	seen: text,
	done: text,
	data: maybe(v.looseObject({})),
});

const PrefixBreakSchema = v.looseObject({
	place: text,
	part: maybe(text),
	isOurs: maybe(v.boolean()),
	byte: number,
	cause: text,
	lostTokens: maybe(number),
	lostCost: maybe(number),
});

const RecordSchema = v.looseObject({
	number,
	startedAt: number,
	purpose: text,
	claudeSession: maybe(text),
	agent: maybe(text),
	requestedModel: text,
	servedModel: text,
	profile: text,
	key: maybe(text),
	budget: maybe(text),
	stream: v.boolean(),
	attempts: number,
	status: number,
	sentAt: maybe(number),
	headersAt: maybe(number),
	firstToken: maybe(number),
	duration: number,
	tokensPerSecond: maybe(number),
	burstiness: maybe(number),
	marks: maybe(v.array(number)),
	limits: maybe(v.record(text, number)),
	usage: maybe(v.looseObject({})),
	cost: maybe(number),
	prefixBreak: maybe(PrefixBreakSchema),
	stopReason: maybe(v.nullable(text)),
	contentChars: maybe(number),
	contentReads: maybe(number),
	longestGap: maybe(number),
	tools: v.array(text),
	failure: maybe(text),
	failureClass: maybe(text),
	divergences: v.array(DivergenceSchema),
});

export function isSessionHead(value: unknown): value is SessionHead {
	return v.is(HeadSchema, value);
}

export function isExchangeRecord(value: unknown): value is ExchangeRecord {
	return v.is(RecordSchema, value);
}
