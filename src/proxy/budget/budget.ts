import { counted, dollars as inDollars, tokens as inTokens } from "../../platform/figures.ts";
import type { Budget as Limits } from "../../profile/model/budget.ts";
import type { Target } from "../../profile/model/target.ts";
import { CHARS_PER_TOKEN } from "../../protocol/count-tokens.ts";
import type { Divergence } from "../../protocol/divergence.ts";
import type { Usage } from "../../protocol/messages.ts";
import { costOf, inputTokens } from "../../trace/record/cost.ts";
import type { Failure } from "../../upstream/failures/classify.ts";
import { type Cancellable, waitIn } from "../../upstream/http/cancellation.ts";
import { DayLog, type Spending } from "./day-log.ts";

/** Share of a limit from which the user is warned. */
const WARNING_SHARE = 0.8;

/** One limit and how much of it is used. */
interface Gauge {
	/** `limits.perDay.dollars` */
	field: string;
	/** `this session`, `today` */
	period: string;
	limit: number;
	used: number;
	text: (amount: number) => string;
	/** What a request under way will use at least. */
	expected: (request: Expected) => number;
}

interface Expected {
	tokens: number;
	dollars: number;
}

export interface BudgetOptions {
	profile: string;
	limits: Limits;
	/** Where the days are kept; absent: only this process counts. */
	folder?: string | undefined;
}

/** Who served a reply, and for which price. */
type Served = Pick<Target, "profile" | "model" | "price">;

/** A place for one request within the budget. */
export interface Booking {
	/** Counts one reply. Returns what the user should know. */
	count(usage: Partial<Usage> | undefined, target: Served): Divergence[];
	/** Ends the request. */
	end(): void;
}

/**
 * Keeps a run and a day within the limits of the profile. What is used is known when a reply has ended, so a request is
 * refused before it is sent and never cut. Near a limit, requests wait for those under way instead of all passing at once.
 */
export class Budget {
	readonly #limits: Limits;
	readonly #days: DayLog;
	readonly #session: Spending = { dollars: 0, tokens: 0 };
	readonly #underWay = new Set<Expected>();
	readonly #warned = new Set<string>();
	readonly #waiting: (() => void)[] = [];
	#unpriced = 0;

	constructor({ profile, limits, folder }: BudgetOptions) {
		this.#limits = limits;
		this.#days = new DayLog(folder, profile);
	}

	/**
	 * A place for a request of this length; or the failure to report, where the budget is used up. Rejects when the signal
	 * is aborted. `isPart`: the request is part of one under way, which it must not wait for.
	 */
	async book(
		requestChars: number,
		price: Target["price"],
		{ signal, isPart = false }: { signal: Cancellable; isPart?: boolean },
	): Promise<Booking | Failure> {
		for (;;) {
			const gauges = this.#gauges();
			const empty = gauges.find(({ used, limit }) => used >= limit);
			if (empty) return this.#failure(empty);
			if (isPart || gauges.every((gauge) => this.#hasRoom(gauge))) break;
			await waitIn(this.#waiting, signal);
		}
		const tokens = requestChars / CHARS_PER_TOKEN;
		const expected = { tokens, dollars: (tokens * (price?.input ?? 0)) / 1_000_000 };
		this.#underWay.add(expected);
		return {
			count: (usage, target) => this.#count(usage, target),
			end: () => {
				this.#underWay.delete(expected);
				for (const waiting of this.#waiting.splice(0)) waiting();
			},
		};
	}

	/** `$4.12 of $5.00`, for the limit that is nearest. */
	get text(): string {
		const gauges = this.#gauges().toSorted((a, b) => b.used / b.limit - a.used / a.limit);
		const [first] = gauges;
		return first ? `${first.text(first.used)} of ${first.text(first.limit)} ${first.period}` : "";
	}

	#count(usage: Partial<Usage> | undefined, { profile, model, price }: Served): Divergence[] {
		const notes: Divergence[] = [];
		const tokens = inputTokens(usage) + (usage?.output_tokens ?? 0);
		const cost = costOf(usage, price);
		const dollars = cost ?? 0;
		this.#session.tokens += tokens;
		this.#session.dollars += dollars;
		if (tokens > 0 && cost === undefined && this.#hasMoneyLimit) {
			this.#unpriced++;
			const seen = `the price of ${profile}/${model} is unknown`;
			notes.push({ kind: "budget-unpriced", where: "session", seen, done: "its cost is not counted" });
		}
		if (tokens > 0) notes.push(...this.#log({ dollars, tokens }));
		return [...notes, ...this.#warnings()];
	}

	#log(spending: Spending): Divergence[] {
		try {
			this.#days.add(spending, new Date());
			return [];
		} catch (error) {
			const seen = error instanceof Error ? error.message : String(error);
			return [{ kind: "budget-lost", where: "session", seen, done: "counted in this process only" }];
		}
	}

	/** One for each limit, once. */
	#warnings(): Divergence[] {
		const low = this.#gauges().filter(
			({ field, used, limit }) => used >= limit * WARNING_SHARE && !this.#warned.has(field),
		);
		return low.map((gauge): Divergence => {
			this.#warned.add(gauge.field);
			const seen = `${gauge.text(gauge.used)} of ${gauge.text(gauge.limit)} are used ${gauge.period}${this.#unknown}`;
			return {
				kind: "budget-warning",
				where: "session",
				seen,
				done: `cc-any refuses requests at ${gauge.text(gauge.limit)}`,
			};
		});
	}

	#failure({ field, period, limit, used, text }: Gauge): Failure {
		const message = `the budget is used up: ${text(used)} of ${text(limit)} ${period} (${field})${this.#unknown}`;
		const wait = period === TODAY ? " or wait until tomorrow" : "";
		const advice = `raise ${field} in the profile${wait}, then go on with: cc-any --continue`;
		return { class: "budget", message, status: 0, advice };
	}

	get #unknown(): string {
		return this.#unpriced === 0 ? "" : `, and ${counted(this.#unpriced, "reply", "replies")} of unknown price`;
	}

	get #hasMoneyLimit(): boolean {
		return this.#limits.dollars !== undefined || this.#limits.perDay?.dollars !== undefined;
	}

	#hasRoom({ used, limit, expected }: Gauge): boolean {
		const requests = [...this.#underWay];
		return requests.length === 0 || used + requests.reduce((sum, request) => sum + expected(request), 0) < limit;
	}

	#gauges(): Gauge[] {
		const { perDay = {}, ...perSession } = this.#limits;
		const hasDay = perDay.dollars !== undefined || perDay.tokens !== undefined;
		return [
			...gaugesOf(perSession, this.#session, "limits", "this session"),
			...(hasDay ? gaugesOf(perDay, this.#days.total(new Date()), "limits.perDay", TODAY) : []),
		];
	}
}

const TODAY = "today";

function gaugesOf(limits: Omit<Limits, "perDay">, used: Spending, field: string, period: string): Gauge[] {
	const all: (Omit<Gauge, "limit" | "field" | "period"> & { name: keyof Spending })[] = [
		{ name: "dollars", used: used.dollars, text: inDollars, expected: (request) => request.dollars },
		{
			name: "tokens",
			used: used.tokens,
			text: (count) => `${inTokens(count)} tokens`,
			expected: (request) => request.tokens,
		},
	];
	return all.flatMap(({ name, ...gauge }) => {
		const limit = limits[name];
		return limit === undefined ? [] : [{ ...gauge, limit, field: `${field}.${name}`, period }];
	});
}
