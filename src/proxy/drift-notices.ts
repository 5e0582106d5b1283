import type { MessageRequest } from "../protocol/messages.ts";
import { DriftWatch, turnOf } from "../repairs/loops/drift.ts";
import type { ExchangeRecord } from "../trace/record/exchange-record.ts";

/** Watches each session for a model that degrades, and prepares one notice for its user. */
export class DriftNotices {
	readonly #watches = new Map<string, DriftWatch>();
	readonly #notices = new Map<string, string>();

	/** Adds a finished exchange. A model that is found to degrade becomes a divergence of its record, once a session. */
	observe(request: MessageRequest, record: ExchangeRecord): void {
		const turn = turnOf(request, record.divergences, record.usage);
		if (!turn) return;
		const session = sessionOf(request);
		const watch = this.#watches.get(session) ?? new DriftWatch();
		this.#watches.set(session, watch);
		const found = watch.observe(turn);
		if (!found) return;
		record.divergences.push(found);
		this.#notices.set(session, `[cc-any: ${found.seen}. A new session or /compact helps most models.]`);
	}

	/** The notice for a session, returned once. */
	take(request: MessageRequest): string | undefined {
		const session = sessionOf(request);
		const notice = this.#notices.get(session);
		this.#notices.delete(session);
		return notice;
	}
}

/** Claude Code 2.1.x puts the id of the session into the user id. */
function sessionOf(request: MessageRequest): string {
	return String(request.metadata?.user_id ?? "");
}
