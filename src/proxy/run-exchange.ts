import type { ServerResponse } from "node:http";
import type { Message } from "../protocol/messages.ts";
import { mintId } from "../protocol/mint-id.ts";
import { endLoop } from "../repairs/loops/end-loop.ts";
import { type DeliveryFailure, deliver } from "./delivery/delivery.ts";
import { type ClientRequest, type Exchange, openExchange, passMessage } from "./exchange.ts";
import type { ProxyState } from "./proxy-state.ts";
import { bookBudget, runToEnd } from "./run-to-end.ts";
import { answerWebSearch, unsupportedSearchTool } from "./web-search.ts";

/** Answers one Messages API request: without a provider if that is possible, else from the first target that can. */
export async function runExchange(client: ClientRequest, response: ServerResponse, proxy: ProxyState): Promise<void> {
	await runToEnd(openExchange(client, response, proxy), answer);
}

/** Pushes the events of the reply. Returns the failure, if no target could answer. */
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

/** Ends a turn that repeats one call over and over, and answers searches that the provider does not support. */
function answerWithoutProvider(exchange: Exchange): Message | Promise<Message> | undefined {
	const { request, route, note } = exchange;
	const target = route.current();
	const ended = endLoop(request, target, { mintId, note });
	if (ended) return ended;
	const search = unsupportedSearchTool(request, target);
	return search && answerWebSearch(exchange, search, target);
}
