import type { StopReason, Usage } from "../anthropic/messages.ts";
import type { Divergence } from "../divergence.ts";

/** What is kept of one exchange: figures and names, never a prompt or a reply. */
export interface ExchangeRecord {
	/** Counts from 1 within a run. */
	number: number;
	/** Start, in milliseconds since 1970. */
	startedAt: number;
	requestedModel: string;
	/** Model and profile that served, or were asked last. */
	servedModel: string;
	profile: string;
	stream: boolean;
	/** Requests that were sent to a provider. */
	attempts: number;
	/** Status that Claude Code received; 200 when a stream began. */
	status: number;
	/** Milliseconds from the start to the first content; undefined when none came. */
	firstToken?: number;
	/** Milliseconds from start to end. */
	duration: number;
	usage?: Partial<Usage>;
	stopReason?: StopReason | null;
	/** Names of the tools that were called. */
	tools: string[];
	/** The failure that ended it, in words. */
	failure?: string;
	divergences: Divergence[];
}
