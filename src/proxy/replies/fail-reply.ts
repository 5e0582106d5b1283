import { errorBody } from "../../protocol/errors.ts";
import type { ExchangeRecord } from "../../trace/record/exchange-record.ts";
import { DeliveryFailure } from "../delivery/delivery.ts";
import { type FailureResponse, failureResponse } from "./failure-response.ts";
import type { Reply } from "./reply.ts";

/** The one place where a failure becomes an answer. A provider's key that its error text repeats is masked. */
export function failReply(error: unknown, reply: Reply, record: ExchangeRecord): void {
	const response = error instanceof DeliveryFailure ? providerFailure(error, record) : ownFailure(error, record);
	record.status = reply.committed ? 200 : response.status;
	reply.fail(response);
}

function providerFailure(
	{ failure, target, estimatedTokens }: DeliveryFailure,
	record: ExchangeRecord,
): FailureResponse {
	const message = target.key ? failure.message.replaceAll(target.key, "[key]") : failure.message;
	record.failure = `${failure.class}: ${message}`;
	record.failureClass = failure.class;
	const { profile, model, contextWindow } = target;
	return failureResponse({ ...failure, message }, { profile, model, estimatedTokens, contextWindow });
}

/** A bug of cc-any: it costs this exchange and nothing else. */
function ownFailure(error: unknown, record: ExchangeRecord): FailureResponse {
	const message = `cc-any failed: ${error instanceof Error ? error.message : String(error)} (cc-any trace explain last)`;
	record.failure = message;
	return { status: 500, headers: { "x-should-retry": "false" }, body: errorBody("api_error", message) };
}
