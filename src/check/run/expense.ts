import { inputTokens } from "../../trace/record/cost.ts";
import type { SeenExchange } from "./ask.ts";

/** What was sent, and what it cost. */
export interface Expense {
	requests: number;
	inputTokens: number;
	outputTokens: number;
	/** US dollars; undefined when a price is unknown. */
	cost: number | undefined;
	/** Milliseconds. */
	duration: number;
}

export function noExpense(): Expense {
	return { requests: 0, inputTokens: 0, outputTokens: 0, cost: 0, duration: 0 };
}

/** Adds one exchange. One unknown cost makes the total unknown. */
export function spend(spent: Expense, { usage, cost }: Pick<SeenExchange, "usage" | "cost">): void {
	spent.requests++;
	spent.inputTokens += inputTokens(usage);
	spent.outputTokens += usage?.output_tokens ?? 0;
	spent.cost = cost === undefined || spent.cost === undefined ? undefined : spent.cost + cost;
}
