import { loadDialect } from "../dialects/index.ts";
import { asObject, tryParseJson } from "../platform/json.ts";
import type { Target } from "../profile/model/target.ts";
import type { Note } from "../protocol/divergence.ts";
import type { MessageRequest } from "../protocol/messages.ts";
import { mintId } from "../protocol/mint-id.ts";
import { repairRequest } from "../repairs/index.ts";
import { UpstreamFailure } from "../upstream/failures/failure.ts";
import { readText, send } from "../upstream/http/send.ts";
import type { Run } from "./proxy-state.ts";

const REPLY_LIMIT = 64 * 1024;

/** Time a provider has for a count, in milliseconds; Claude Code asks for a dozen at once and waits for all. */
const PATIENCE = 5000;

/** What a server answers that has no such route. */
const NO_ROUTE = [404, 405, 501];

/**
 * Input tokens of a request: the provider's own count where it gives one, else a calibrated estimate. `length`: of the
 * request's JSON.
 */
export async function countTokens(request: MessageRequest, length: number, run: Run, note: Note): Promise<number> {
	const target = run.route(request, length, () => {}).current();
	const counted = target.quirks.countTokens ? await askProvider(request, target, run, note) : undefined;
	return counted ?? run.calibration.estimate(target, request);
}

/** A count is a convenience: where the provider fails, that is noted, and the estimate stands in. */
async function askProvider(
	original: MessageRequest,
	target: Target,
	run: Run,
	note: Note,
): Promise<number | undefined> {
	const { tokenCount } = await loadDialect(target.dialect);
	const place = `${target.baseUrl} ${target.model}`;
	if (!tokenCount || run.uncounted.has(place)) return undefined;
	const silent = { target, mintId, note: () => {} };
	const request = repairRequest(original, silent, target.disabledRepairs);
	const encoded = tokenCount.encode(request, target, silent.note);
	try {
		const outgoing = { ...encoded, body: JSON.stringify(encoded.body) };
		const reply = await send(run.transport, target, outgoing, AbortSignal.timeout(PATIENCE));
		const text = await readText(reply, REPLY_LIMIT);
		const count = tokenCount.read(asObject(tryParseJson(text)));
		if (count === undefined) noteEstimate(note, "no count in the reply");
		return count;
	} catch (error) {
		if (!(error instanceof UpstreamFailure)) throw error;
		const { status } = error.source;
		if (NO_ROUTE.includes(status)) run.uncounted.add(place);
		noteEstimate(note, status > 0 ? `status ${status}` : error.message);
		return undefined;
	}
}

function noteEstimate(note: Note, seen: string): void {
	note({ kind: "token-count", where: "upstream", seen, done: "estimated" });
}
