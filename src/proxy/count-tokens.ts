import { CODECS } from "../dialects/index.ts";
import { asObject, tryParseJson } from "../platform/json.ts";
import type { Target } from "../profile/model/target.ts";
import type { Note } from "../protocol/divergence.ts";
import type { MessageRequest } from "../protocol/messages.ts";
import { mintId } from "../protocol/mint-id.ts";
import { repairRequest } from "../repairs/index.ts";
import { UpstreamFailure } from "../upstream/failures/failure.ts";
import { readText, send } from "../upstream/http/send.ts";
import type { ProxyState } from "./proxy-state.ts";

const MAX_REPLY_BYTES = 64 * 1024;

/** Time a provider has to count. Claude Code sends a dozen count requests at once and waits for all of them. */
const COUNT_TIMEOUT_MS = 5000;

/** Statuses of a server that has no route for counts. */
const NO_ROUTE_STATUSES = [404, 405, 501];

/**
 * Input tokens of a request: the provider's own count where it gives one, else a calibrated estimate. `requestChars`: see
 * `requestLength`.
 */
export async function countTokens(
	original: MessageRequest,
	requestChars: number,
	proxy: ProxyState,
	note: Note,
): Promise<number> {
	const target = proxy.route(original, requestChars, { purpose: "count" }, () => {}).current();
	const known = proxy.descriptions?.known(original, proxy.learned.apply(target));
	const { request, isComplete } = known ?? { request: original, isComplete: true };
	const isAsked = target.quirks.countTokens && isComplete;
	const counted = isAsked ? await askProvider(request, target, proxy, note) : undefined;
	return counted ?? proxy.calibration.estimate(target, request);
}

/** The provider's count; undefined, with a note, if it gives none: an estimate will do. */
async function askProvider(
	original: MessageRequest,
	target: Target,
	proxy: ProxyState,
	note: Note,
): Promise<number | undefined> {
	const { tokenCounter } = CODECS[target.dialect];
	const place = `${target.baseUrl} ${target.model}`;
	if (!tokenCounter || proxy.withoutTokenCount.has(place)) return undefined;
	const silent = { target, mintId, note: () => {} };
	const request = repairRequest(original, silent, target.disabledRepairs);
	const encoded = tokenCounter.encode(request, target, silent.note);
	try {
		const outgoing = { ...encoded, body: JSON.stringify(encoded.body) };
		const reply = await send(proxy.transport, target, outgoing, AbortSignal.timeout(COUNT_TIMEOUT_MS));
		const text = await readText(reply, MAX_REPLY_BYTES);
		const count = tokenCounter.read(asObject(tryParseJson(text)));
		if (count === undefined) noteEstimate(note, "no count in the reply");
		return count;
	} catch (error) {
		if (!(error instanceof UpstreamFailure)) throw error;
		const { status } = error.source;
		if (NO_ROUTE_STATUSES.includes(status)) proxy.withoutTokenCount.add(place);
		noteEstimate(note, status > 0 ? `status ${status}` : error.message);
		return undefined;
	}
}

function noteEstimate(note: Note, seen: string): void {
	note({ kind: "token-count", where: "upstream", seen, done: "estimated" });
}
