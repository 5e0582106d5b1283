import { dollars, tokens } from "../../platform/figures.ts";
import type { Divergence } from "../../protocol/divergence.ts";
import type { StopReason, Usage } from "../../protocol/messages.ts";
import type { FailureClass } from "../../upstream/failures/table.ts";
import type { Purpose } from "./purpose.ts";

/** Where a request stops continuing the one before it. A provider's prompt cache ends there. */
export interface PrefixBreak {
	/** `model`, `tools`, `system`, `messages[0]`. */
	place: string;
	/** What this place holds, whatever the wire calls it. Absent in records of 0.1.0 and older. */
	part?: "model" | "tools" | "system" | "history";
	/** Claude Code sent this part as before: cc-any changed it. */
	isOurs?: boolean;
	/** Bytes of that part's JSON that are unchanged. */
	byte: number;
	/** What changed, as names and figures: `billing line`, `tools: +WebFetch`. */
	cause: string;
	/** Tokens of the last request that were not read from the cache. Absent when the provider does not count them. */
	lostTokens?: number;
	/** What this cost in US dollars. Absent when a price is unknown. */
	lostCost?: number;
}

/** The light record of one exchange: figures and names, never a prompt or a reply. */
export interface ExchangeRecord {
	/** Counts from 1 within a run. */
	number: number;
	/** Start, in milliseconds since 1970. */
	startedAt: number;
	purpose: Purpose;
	/** Claude Code's own id of the session, and of the subagent. */
	claudeSession?: string | undefined;
	agent?: string | undefined;
	requestedModel: string;
	/** Model and profile of the last attempt. */
	servedModel: string;
	profile: string;
	/** Where the profile has several keys: the name of the one that was used last, and those that rest. */
	key?: string | undefined;
	/** How much of the user's budget was used when it ended: `$4.12 of $5.00 today`. */
	budget?: string | undefined;
	stream: boolean;
	/** Requests sent to a provider. */
	attempts: number;
	/** Status that Claude Code received; 200 when a stream began. */
	status: number;
	/** Milliseconds from the start until the last attempt was sent, and until its response headers. */
	sentAt?: number;
	headersAt?: number | undefined;
	/** Milliseconds from the start to the first content; absent without content. */
	firstToken?: number;
	/** Milliseconds from start to end. */
	duration: number;
	/** Output tokens per second, from the first content to the end. */
	tokensPerSecond?: number;
	/** See `Pace.burstiness`. */
	burstiness?: number;
	/** Times of reads with content, in milliseconds from the start, evenly thinned. */
	marks?: number[];
	/** Rate limits from the response headers: `limit-requests`, `remaining-tokens`. */
	limits?: Record<string, number>;
	usage?: Partial<Usage>;
	/** US dollars; absent when a price is unknown. */
	cost?: number;
	/** Where this request stopped continuing the one before it. */
	prefixBreak?: PrefixBreak;
	stopReason?: StopReason | null;
	/** Characters of text, reasoning and tool inputs. Absent in records of 0.1.0 and older, as are the next two. */
	contentChars?: number;
	/** Reads with content. */
	contentReads?: number;
	/** Longest time between two of them, in milliseconds. */
	longestGap?: number;
	/** Names of the tools that were called. */
	tools: string[];
	/** The failure that ended it, in words. Of a provider's failure: its class, a colon, its text. */
	failure?: string;
	/** Class of a provider's failure; absent in records of 0.1.0 and older. */
	failureClass?: FailureClass;
	divergences: Divergence[];
}

/** Class of the failure that ended an exchange. Records of 0.1.0 and older have it only as the beginning of the text. */
export function failureClassOf({ failure, failureClass }: FailureFields): string | undefined {
	return failureClass ?? failure?.split(":", 1)[0];
}

type FailureFields = { failure?: string | undefined; failureClass?: string | undefined };

/** `broke at messages[0], byte 312: billing line, 18k cached tokens lost, $0.02`. */
export function prefixText({ place, byte, cause, lostTokens, lostCost }: PrefixBreak): string {
	const lost = lostTokens === undefined ? "" : `, ${tokens(lostTokens)} cached tokens lost`;
	return `broke at ${place}, byte ${byte}: ${cause}${lost}${lostCost === undefined ? "" : `, ${dollars(lostCost)}`}`;
}
