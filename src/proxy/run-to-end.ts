import { inputTokens } from "../trace/record/cost.ts";
import type { DeliveryFailure } from "./delivery/delivery.ts";
import type { Exchange } from "./exchange.ts";
import { failDelivery, failInternally } from "./replies/failure-response.ts";
import { withUncaughtErrors } from "./uncaught-errors.ts";

/**
 * Runs an exchange: its reply ends as its answer does, and its record is complete, however it ended. Returns the failure that
 * the answer was.
 */
export async function runToEnd(
	exchange: Exchange,
	answer: (exchange: Exchange) => Promise<DeliveryFailure | undefined>,
): Promise<DeliveryFailure | undefined> {
	const { request, reply, record, taps, proxy } = exchange;
	try {
		const failure = await withUncaughtErrors(() => answer(exchange));
		if (failure) failDelivery(failure, exchange);
		else {
			reply.end();
			record.status = 200;
		}
		return failure;
	} catch (error) {
		if (exchange.signal.aborted) record.failure = "the client disconnected";
		else failInternally(error, exchange);
		// After an uncaught error its work may still go on.
		exchange.signal.abort();
		return undefined;
	} finally {
		reply.close();
		record.duration = Date.now() - record.startedAt;
		// Most providers count at the end: the zeros of a reply that broke off, or that the user stopped, are no counts.
		if (record.stopReason === undefined && inputTokens(record.usage) === 0) delete record.usage;
		taps.end();
		leaveBudget(exchange);
		proxy.drift.observe(request, record);
		proxy.onExchange(record);
	}
}

/**
 * Takes a place within the user's budget. Returns the failure to report if it is used up. `isPart`: of another exchange,
 * which has a place and cannot be waited for.
 */
export async function bookBudget(exchange: Exchange, isPart = false): Promise<DeliveryFailure | undefined> {
	const { proxy, requestChars, route, signal } = exchange;
	const target = route.current();
	const booked = await proxy.budget?.book(requestChars, target.price, { signal, isPart });
	if (booked && "class" in booked) return { failure: booked, target };
	exchange.booking = booked;
	return undefined;
}

/** Makes room for the next request; the replies are counted already. */
function leaveBudget({ booking, record, proxy }: Exchange): void {
	if (!booking) return;
	booking.end();
	record.budget = proxy.budget?.text;
}
