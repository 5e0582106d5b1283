import { dollars, duration, tokens } from "../../../platform/figures.ts";
import { isDivergent } from "../../../trace/explain/explain.ts";
import { notableKinds } from "../../../trace/explain/rules/index.ts";
import { inputTokens } from "../../../trace/record/cost.ts";
import type { ExchangeRecord } from "../../../trace/record/exchange-record.ts";
import { style } from "../../ui/style.ts";

export const EXCHANGE_TITLES = ["N", "time", "purpose", "model", "status", "first", "total", "in", "out", "cost", ""];

/** Columns that are dropped on a narrow terminal, in this order. */
export const LESS_NEEDED = [
	EXCHANGE_TITLES.indexOf("first"),
	EXCHANGE_TITLES.indexOf("out"),
	EXCHANGE_TITLES.indexOf("in"),
	EXCHANGE_TITLES.indexOf("time"),
	EXCHANGE_TITLES.indexOf("model"),
	EXCHANGE_TITLES.indexOf("total"),
];

/** One exchange as a row of a table. */
export function exchangeRow(record: ExchangeRecord): string[] {
	const { number, startedAt, purpose, servedModel, requestedModel, status, firstToken, usage, cost } = record;
	const notable = notableKinds(record).join(", ");
	const isBad = status >= 400 || record.failure !== undefined;
	return [
		String(number),
		clock(startedAt),
		purpose,
		servedModel || requestedModel,
		isBad ? style.error(status === 0 ? "aborted" : String(status)) : String(status),
		firstToken === undefined ? "" : duration(firstToken),
		duration(record.duration),
		usage ? tokens(inputTokens(usage)) : "",
		usage?.output_tokens === undefined ? "" : tokens(usage.output_tokens),
		cost === undefined ? "" : dollars(cost),
		isDivergent(record) ? style.warning(notable) : notable,
	];
}

/** Local time of day. */
export function clock(milliseconds: number): string {
	return new Date(milliseconds).toTimeString().slice(0, 8);
}
