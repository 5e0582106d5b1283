import type { Ask } from "./run/ask.ts";

/** What one run of a probe found. */
export interface Outcome {
	passed: boolean;
	/** The claim could not be tried, for the reason in `detail`: neither passed nor failed. */
	isUnknown?: true;
	/** One line: what was seen, or what was wrong. */
	detail: string;
	/** Measures by name, unit in the name: `first token ms`. They are told, and pass or fail nothing by themselves. */
	figures?: Record<string, number>;
}

/** One claim about a provider, and how it is tried. */
export interface Probe {
	/** Stable kebab-case name. */
	name: string;
	/** What is true of a provider that passes. */
	claim: string;
	/** Part in the overall score: 3 without this no session works, 2 sessions suffer, 1 comfort and cost. */
	weight: 1 | 2 | 3;
	/** What the model must be able to do; otherwise the probe is skipped. */
	needs?: "vision" | "thinking" | "thinking-toggle" | "context-window";
	/** Requests of one run; 1 when absent. For the estimate. */
	requests?: number;
	/** Tokens that an answer takes, where that is far from a line or two. For the estimate. */
	output?: number;
	/** Fills the window: only on demand. */
	costly?: true;
	/** Kinds of divergence that are routine elsewhere and mean here that cc-any did the provider's work. */
	counts?: readonly string[];
	run(ask: Ask): Promise<Outcome>;
}
