import type { ServerResponse } from "node:http";
import type { Message } from "../protocol/messages.ts";
import { mintId } from "../protocol/mint-id.ts";
import { endLoop } from "../repairs/loops/end-loop.ts";
import { deliver } from "./delivery/delivery.ts";
import { type ClientRequest, type Exchange, openExchange, passMessage } from "./exchange.ts";
import type { ProxyState } from "./proxy-state.ts";
import { failReply } from "./replies/failure-response.ts";
import { answerWebSearch, unsupportedSearchTool } from "./web-search.ts";

/** Answers one Messages API request: without a provider where that is possible, else from the first target that can. */
export async function runExchange(client: ClientRequest, response: ServerResponse, proxy: ProxyState): Promise<void> {
	const exchange = openExchange(client, response, proxy);
	const { request, reply, record, taps } = exchange;
	try {
		const answer = await answerWithoutProvider(exchange);
		if (answer) passMessage(answer, exchange);
		else await deliver(exchange);
		reply.end();
		record.status = 200;
	} catch (error) {
		if (exchange.signal.aborted) record.failure = "the client disconnected";
		else failReply(error, reply, record);
	} finally {
		reply.close();
		record.duration = Date.now() - record.startedAt;
		taps.end();
		proxy.drift.observe(request, record);
		proxy.onExchange(record);
	}
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
