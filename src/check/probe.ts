import type { Ask } from "./run/ask.ts";

/** What one run of a probe found. */
export interface Outcome {
	passed: boolean;
	/** The claim could not be tried, for the reason in `detail`. Neither passed nor failed. */
	isUnknown?: true;
	/** One line: what was seen, or what was wrong. */
	detail: string;
	/** Measures by name, unit in the name: `first token ms`. They are reported, and pass or fail nothing by themselves. */
	figures?: Record<string, number>;
	/** What a lesson can be drawn from. */
	evidence?: Evidence;
}

/** Facts beside the words of an outcome or a finding. */
export interface Evidence {
	/** A call lacked a required parameter. */
	missingParameter?: boolean;
	/** The context window that the provider named when it refused a request, in tokens. */
	contextWindow?: number;
	/** Most output tokens that the provider accepts. */
	maxOutput?: number | undefined;
}

/** One claim about a provider, and how it is tested. */
export interface Probe {
	/** Stable kebab-case name. */
	name: string;
	/** What is true of a provider that passes. */
	claim: string;
	/** In the overall score. 3: no session works without this. 2: sessions suffer. 1: comfort and cost. */
	weight: 1 | 2 | 3;
	/** What the model must support; otherwise the probe is skipped. */
	needs?: "vision" | "thinking" | "thinking-toggle" | "context-window";
	/** Requests of one run; 1 when absent. For the estimate. */
	requests?: number;
	/** Output tokens of an answer, when it is far longer than a line or two. For the estimate. */
	output?: number;
	/** Fills the context window: runs only on request. */
	costly?: true;
	/** Kinds of divergence that are routine elsewhere, but mean here that cc-any did the provider's work. */
	counts?: readonly string[];
	run(ask: Ask): Promise<Outcome>;
}
