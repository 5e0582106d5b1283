import { excerpt } from "../../protocol/divergence.ts";
import { withoutQuotes } from "../explain/rules.ts";
import type { ExchangeRecord } from "./exchange-record.ts";

/** The record without what may quote the conversation; a provider's own words, which may be a page, are shortened. */
export function lightRecord(record: ExchangeRecord): ExchangeRecord {
	const divergences = record.divergences
		.map(withoutQuotes)
		.map((divergence) => ({ ...divergence, seen: excerpt(divergence.seen), done: excerpt(divergence.done) }));
	return { ...record, divergences, ...(record.failure !== undefined && { failure: excerpt(record.failure) }) };
}
