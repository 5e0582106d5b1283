import type { ExchangeRecord } from "../trace/record/exchange-record.ts";

/** Finds out whether an endpoint answers in another wire format than the one in use. Reports it once a run. */
export class WireAdvice {
	/** For example `a reply in anthropic, not openai-chat: translated; use --dialect anthropic for this endpoint`. */
	text: string | undefined;

	/** Whether this record is the first one with this advice. */
	observe({ divergences }: ExchangeRecord): boolean {
		if (this.text !== undefined) return false;
		const found = divergences.find(({ kind }) => kind === "other-wire");
		this.text = found && `${found.seen}: ${found.done}`;
		return found !== undefined;
	}
}
