import type { ServerResponse } from "node:http";
import type { Message } from "../protocol/messages.ts";
import { mintId } from "../protocol/mint-id.ts";
import { endLoop } from "../repairs/loops/end-loop.ts";
import { inputTokens } from "../trace/record/cost.ts";
import { type DeliveryFailure, deliver } from "./delivery/delivery.ts";
import { type ClientRequest, type Exchange, openExchange, passMessage } from "./exchange.ts";
import type { ProxyState } from "./proxy-state.ts";
import { failDelivery, failInternally } from "./replies/failure-response.ts";
import { withUncaughtErrors } from "./uncaught-errors.ts";
import { answerWebSearch, unsupportedSearchTool } from "./web-search.ts";

/** Answers one Messages API request: without a provider where that is possible, else from the first target that can. */
export async function runExchange(client: ClientRequest, response: ServerResponse, proxy: ProxyState): Promise<void> {
	const exchange = openExchange(client, response, proxy);
	const { request, reply, record, taps } = exchange;
	try {
		const failure = await withUncaughtErrors(() => answer(exchange));
		if (failure) failDelivery(failure, exchange);
		else {
			reply.end();
			record.status = 200;
		}
	} catch (error) {
		if (exchange.signal.aborted) record.failure = "the client disconnected";
		else failInternally(error, exchange);
		// After an uncaught error its work may still go on.
		exchange.signal.abort();
	} finally {
		reply.close();
		record.duration = Date.now() - record.startedAt;
		// Most providers count at the end: the zeros of a reply that broke off, or that the user stopped, are no counts.
		if (record.stopReason === undefined && inputTokens(record.usage) === 0) delete record.usage;
		taps.end();
		settleBudget(exchange);
		proxy.drift.observe(request, record);
		proxy.onExchange(record);
	}
}

/** Pushes the events of the reply. Returns the failure, where no target could answer. */
async function answer(exchange: Exchange): Promise<DeliveryFailure | undefined> {
	const message = await answerWithoutProvider(exchange);
	if (message) {
		passMessage(message, exchange);
		return undefined;
	}
	const refused = await bookBudget(exchange);
	if (refused) return refused;
	const { repeatedFailures, nearbyAddresses } = exchange.proxy;
	const repeated = await repeatedFailures.find(exchange);
	if (repeated) return repeated;
	const failed = await deliver(exchange);
	if (!failed) return undefined;
	const explained = await nearbyAddresses.explain(failed, exchange.proxy);
	repeatedFailures.add(explained, exchange);
	return explained;
}

/** Takes a place within the user's budget. Returns the failure to report, where it is used up. */
async function bookBudget(exchange: Exchange): Promise<DeliveryFailure | undefined> {
	const { proxy, requestChars, route } = exchange;
	const target = route.current();
	const booked = await proxy.budget?.book(requestChars, target.price);
	if (booked && "class" in booked) return { failure: booked, target };
	exchange.booking = booked;
	return undefined;
}

/** Counts what the exchange has used, and prepares a warning for the next turn. */
function settleBudget({ booking, record, route, proxy, note }: Exchange): void {
	if (!booking) return;
	for (const divergence of booking.settle(record, route.current().price)) {
		note(divergence);
		if (divergence.kind === "budget-warning") proxy.announcements.announce(`${divergence.seen}; ${divergence.done}`);
	}
	record.budget = proxy.budget?.text;
}

/** Ends a turn that repeats one call over and over, and answers searches that the provider does not support. */
function answerWithoutProvider(exchange: Exchange): Message | Promise<Message> | undefined {
	const { request, route, note } = exchange;
	const target = route.current();
	const ended = endLoop(request, target, { mintId, note });
	if (ended) return ended;
	const search = unsupportedSearchTool(request, target);
	return search && answerWebSearch(exchange, search, target);
}
