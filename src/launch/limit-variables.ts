import type { Variables } from "../platform/paths.ts";
import { type Model, modelOf, type Profile } from "../profile/model/profile.ts";
import { mainModel } from "./main-model.ts";

/** Claude Code reduces a greater CLAUDE_CODE_MAX_OUTPUT_TOKENS to this. */
const MAX_OUTPUT_TOKENS = 128_000;

/**
 * Claude Code reads a smaller CLAUDE_CODE_AUTO_COMPACT_WINDOW as this, with a warning at each start. The smaller of both
 * window variables counts, so this value does no harm (measured with 2.1.197 and 2.1.332).
 */
const MIN_COMPACT_WINDOW_TOKENS = 100_000;

/**
 * Claude Code compacts when the window less the output limit, of which at most 20,000 tokens count, less 13,000 tokens is
 * full (measured with 2.1.197 and 2.1.332). With its ordinary output limit of 32,000 tokens, a window of 32k would be
 * full from the start, so the output gets this share of a small window.
 */
const SMALL_WINDOW_OUTPUT_SHARE = 1 / 8;
const COUNTED_OUTPUT_TOKENS = 20_000;
const COMPACT_BUFFER_TOKENS = 13_000;
const DEFAULT_OUTPUT_TOKENS = 32_000;

/** A window that Claude Code does not call one of a million tokens. */
const MAX_ORDINARY_WINDOW_TOKENS = 200_000;

/**
 * Tokens of Claude Code's system prompt and tools before the first word: about 14,000 with 2.1.332; 2.1.197 itself
 * estimates 20,000.
 */
const FIRST_PROMPT_TOKENS = 15_000;

/**
 * The limits of the main model: Claude Code has one window for all its models. The proxy limits the requests to each of
 * the others. A lower value of the user's stays. Both window variables are needed: 2.1.197 never compacts with only the
 * first. Unknown limits are not set.
 */
export function limitVariables(profile: Profile, parent: Variables, requested?: string): Record<string, string> {
	const { owner, model } = mainModel(profile, requested);
	const { id, maxOutput } = model;
	const window = windowWithRoutes(model.contextWindow, owner === profile ? profile : undefined);
	const variables: Record<string, string> = {};
	const limit = (name: string, value: number | undefined): void => {
		if (value !== undefined) variables[name] = String(Math.min(value, positive(parent[name]) ?? value));
	};
	limit("CLAUDE_CODE_MAX_CONTEXT_TOKENS", window);
	limit("CLAUDE_CODE_AUTO_COMPACT_WINDOW", window && Math.max(window, MIN_COMPACT_WINDOW_TOKENS));
	limit("CLAUDE_CODE_MAX_OUTPUT_TOKENS", outputLimit(window, maxOutput));
	// "Default" in `/model` of 2.1.197 is `foo[1m]` without this. With a greater window, 2.1.332 warns about it.
	const isBelow = window !== undefined && window <= MAX_ORDINARY_WINDOW_TOKENS;
	if (isBelow && !isClaudeModel(id)) variables["CLAUDE_CODE_DISABLE_1M_CONTEXT"] = "1";
	return variables;
}

/** The conversation may grow into the window of the model for long requests. */
function windowWithRoutes(window: number | undefined, profile: Profile | undefined): number | undefined {
	const long = profile?.routes?.longContext;
	if (!long || window === undefined) return window;
	return Math.max(window, modelOf(long.profile, long.model).contextWindow ?? window);
}

/** What the user should know about the window: Claude Code has no setting that would change it. */
export function windowWarning({ id, contextWindow: window, maxOutput }: Model): string | undefined {
	if (window === undefined) {
		if (isClaudeModel(id)) return undefined;
		return `the context window of ${id} is not known, so Claude Code assumes 1,000,000 tokens and may compact too late; --context 32k, or \`contextWindow\` in the profile, sets it`;
	}
	if (compactsAt(window, maxOutput) >= FIRST_PROMPT_TOKENS) return undefined;
	const size = window.toLocaleString("en-US");
	return `the context window of ${id}, ${size} tokens, is too small: Claude Code's own prompt has about 15,000 tokens, and it keeps 13,000 free, so it compacts the conversation after nearly every turn. Use 65,536 tokens, or at least 32,768`;
}

/** Claude Code knows the window of such a model itself, and may select one of a million tokens with `[1m]`. */
export function isClaudeModel(id: string): boolean {
	return id.startsWith("claude-");
}

function compactsAt(window: number, maxOutput: number | undefined): number {
	const output = outputLimit(window, maxOutput) ?? DEFAULT_OUTPUT_TOKENS;
	return window - Math.min(output, COUNTED_OUTPUT_TOKENS) - COMPACT_BUFFER_TOKENS;
}

function outputLimit(window: number | undefined, maxOutput: number | undefined): number | undefined {
	const isSmall = window !== undefined && window < MIN_COMPACT_WINDOW_TOKENS;
	const share = isSmall ? Math.floor(window * SMALL_WINDOW_OUTPUT_SHARE) : undefined;
	if (share === undefined && maxOutput === undefined) return undefined;
	return Math.min(share ?? Infinity, maxOutput ?? Infinity, MAX_OUTPUT_TOKENS);
}

function positive(text: string | undefined): number | undefined {
	const value = Number(text);
	return value > 0 ? value : undefined;
}
