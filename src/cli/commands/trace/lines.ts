import { duration } from "../../../platform/figures.ts";
import type { UsualFigures } from "../../../trace/explain/figures.ts";
import { notableKinds } from "../../../trace/explain/rules/index.ts";
import { usageTexts } from "../../../trace/record/cost.ts";
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

/** One exchange as a row of a table. `usual`: what is usual in its session. */
export function exchangeRow(record: ExchangeRecord, usual?: UsualFigures): string[] {
	const { number, startedAt, purpose, servedModel, requestedModel, status, firstToken } = record;
	const { input, output, cost } = usageTexts(record);
	const notable = notableKinds(record, usual).join(", ");
	const isBad = status >= 400 || record.failure !== undefined;
	return [
		String(number),
		clock(startedAt),
		purpose,
		servedModel || requestedModel,
		isBad ? style.error(status === 0 ? "aborted" : String(status)) : String(status),
		firstToken === undefined ? "" : duration(firstToken),
		duration(record.duration),
		input,
		output,
		cost,
		notable === "" ? "" : style.warning(notable),
	];
}

/** Local time of day. */
export function clock(milliseconds: number): string {
	return new Date(milliseconds).toTimeString().slice(0, 8);
}
