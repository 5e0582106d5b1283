import { dollars, duration, tokens } from "../../platform/figures.ts";
import type { Divergence } from "../../protocol/divergence.ts";
import { inputTokens } from "../record/cost.ts";
import type { ExchangeRecord, PrefixBreak } from "../record/exchange-record.ts";

/** What is usual for the replies of one model in a session: medians. */
interface Usual {
	exchanges: number;
	/** Milliseconds from sending to the first content. */
	wait: number;
	longestGap: number;
	reads: number;
	/** Input tokens that were not read from the cache. */
	fresh: number;
}

/** By profile and model. */
export type UsualFigures = ReadonlyMap<string, Usual>;

export const NOTHING_USUAL: UsualFigures = new Map();

/** Fewer exchanges say too little about what is usual. */
const MIN_EXCHANGES = 4;
/** Claude Code shows a stall after this time. */
const STALL_MS = 20_000;
/** Shorter waits are no fault, however short the others are. */
const MIN_SLOW_MS = 2500;
const SLOW_FACTOR = 5;
/** A prompt of this many tokens that the cache does not have takes its time to read. */
const LONG_PROMPT_TOKENS = 8000;
const LONG_PROMPT_FACTOR = 4;
/** A shorter text may well come in one piece. */
const MIN_LUMP_CHARS = 200;
/** A text that was held back until it was complete comes after a wait. */
const MIN_LUMP_WAIT_MS = 1000;
const MIN_USUAL_READS = 4;
const UNKNOWN = "?";

/** The medians of a session. Healthy or not: one bad exchange of ten does not change them. */
export function usualFigures(records: readonly ExchangeRecord[]): UsualFigures {
	const groups = new Map<string, ExchangeRecord[]>();
	for (const record of records) {
		if (waitOf(record) === undefined) continue;
		const key = modelKey(record);
		groups.set(key, [...(groups.get(key) ?? []), record]);
	}
	const usual = new Map<string, Usual>();
	for (const [key, group] of groups) {
		const median = (of: (record: ExchangeRecord) => number) => medianOf(group.map(of));
		usual.set(key, {
			exchanges: group.length,
			wait: median((record) => waitOf(record) ?? 0),
			longestGap: median(({ longestGap = 0 }) => longestGap),
			reads: median(({ contentReads = 0 }) => contentReads),
			fresh: median(freshTokens),
		});
	}
	return usual;
}

/** What the figures of an exchange show, beside what is usual in its session. */
export function findingsOfFigures(record: ExchangeRecord, usual: UsualFigures): Divergence[] {
	const known = usual.get(modelKey(record));
	const compared = known && known.exchanges >= MIN_EXCHANGES ? known : undefined;
	const found = [cancelled(record, compared), slowFirstToken(record, compared), stall(record, compared)];
	return [...found, lump(record, compared), prefixFinding(record)].filter((finding) => finding !== undefined);
}

type Finder = (record: ExchangeRecord, usual: Usual | undefined) => Divergence | undefined;

const cancelled: Finder = ({ status, failure, sentAt = 0, firstToken, duration: total }, usual) => {
	if (status !== 0 || failure === undefined) return undefined;
	const seen = `the client closed the connection after ${duration(total)}`;
	const isLate = firstToken === undefined && total - sentAt > slowAfter(usual);
	if (!isLate) return figure("cancelled", seen, "the request to the provider was cancelled");
	return figure("no-answer", `${seen}, without any content`, "the request to the provider was cancelled");
};

const slowFirstToken: Finder = (record, usual) => {
	const wait = waitOf(record);
	if (wait === undefined || wait < slowAfter(usual)) return undefined;
	const fresh = freshTokens(record);
	const isLong = fresh > LONG_PROMPT_TOKENS && fresh > LONG_PROMPT_FACTOR * (usual?.fresh ?? 0);
	if (isLong && wait < STALL_MS) return undefined;
	const others = usual ? `, ${duration(usual.wait)} in others` : "";
	return figure("slow-first-token", `${duration(wait)} from the request to the first token${others}`);
};

const stall: Finder = ({ longestGap = 0 }, usual) => {
	const limit = usual ? Math.max(MIN_SLOW_MS, SLOW_FACTOR * usual.longestGap) : STALL_MS;
	if (longestGap < Math.min(limit, STALL_MS)) return undefined;
	return figure("stall", `a pause of ${duration(longestGap)} in the stream`);
};

const lump: Finder = (record, usual) => {
	const { stream, contentReads, contentChars = 0, tools } = record;
	// Many servers send a call only when it is complete.
	if (!stream || contentReads !== 1 || contentChars < MIN_LUMP_CHARS || tools.length > 0) return undefined;
	const wait = waitOf(record) ?? 0;
	if (wait < MIN_LUMP_WAIT_MS && (usual?.reads ?? 0) < MIN_USUAL_READS) return undefined;
	return figure("lump", `${contentChars} characters in one piece after ${duration(wait)}`);
};

const FINDING_OF_PART: Readonly<Record<string, string>> = {
	system: "system-changed",
	tools: "tools-changed",
	model: "model-switched",
};

/** A changed history belongs to compaction and to edits of the user. */
function prefixFinding({ prefixBreak, divergences }: ExchangeRecord): Divergence | undefined {
	const kind = FINDING_OF_PART[prefixBreak?.part ?? prefixBreak?.place ?? ""];
	if (!prefixBreak || kind === undefined) return undefined;
	// A fallback has another model, and is a finding of its own.
	if (kind === "model-switched" && divergences.some((divergence) => divergence.kind === "fallback")) return undefined;
	const { place, byte, cause, isOurs } = prefixBreak;
	const seen = `${cause}, from byte ${byte} of ${place} on`;
	return { ...figure(kind, seen, lostText(prefixBreak)), ...(isOurs && { data: { isOurs } }) };
}

function lostText({ lostTokens, lostCost }: PrefixBreak): string {
	const lost = lostTokens === undefined ? UNKNOWN : tokens(lostTokens);
	return `${lost} cached tokens lost, cost ${lostCost === undefined ? UNKNOWN : dollars(lostCost)}`;
}

function figure(kind: string, seen: string, done = "recorded"): Divergence {
	return { kind, where: "figures", seen, done };
}

function slowAfter(usual: Usual | undefined): number {
	return usual ? Math.min(STALL_MS, Math.max(MIN_SLOW_MS, SLOW_FACTOR * usual.wait)) : STALL_MS;
}

/** Milliseconds from sending the last attempt to the first content. */
function waitOf({ firstToken, sentAt }: ExchangeRecord): number | undefined {
	return firstToken === undefined || sentAt === undefined ? undefined : firstToken - sentAt;
}

function freshTokens({ usage }: ExchangeRecord): number {
	return inputTokens(usage) - (usage?.cache_read_input_tokens ?? 0);
}

function modelKey({ profile, servedModel }: ExchangeRecord): string {
	return `${profile}/${servedModel}`;
}

function medianOf(values: readonly number[]): number {
	return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
