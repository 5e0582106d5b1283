import type { DialectName } from "../profile/model/quirks.ts";
import type { Target } from "../profile/model/target.ts";
import type { Note } from "../protocol/divergence.ts";
import type { MessageEvent } from "../protocol/events.ts";
import type { MessageRequest } from "../protocol/messages.ts";
import type { Frame } from "../protocol/sse-frames.ts";
import type { Stage } from "../protocol/stage.ts";

/** What is sent to the provider, apart from host, key and transport. */
export interface UpstreamRequest {
	/** Appended to the target's base URL. */
	path: string;
	/** Headers of the dialect; auth and profile headers are added by `send`. */
	headers: Record<string, string>;
	/** The JSON body as an object; serialised once, when it is sent. Key order is the order on the wire. */
	body: Record<string, unknown>;
	/** Provider's tool name → Claude Code's, for names that had to change. */
	toolNames: ReadonlyMap<string, string>;
}

export interface DecodeContext {
	/** The request as it was encoded. */
	request: MessageRequest;
	target: Target;
	toolNames: ReadonlyMap<string, string>;
	/** Makes a fresh id with a prefix; tests pass a counter. */
	mintId: (prefix: string) => string;
	note: Note;
	/** Called when the provider has said that its reply is complete, though usage may still come. */
	settled?: (() => void) | undefined;
}

/** A wire format: pure in both directions. One folder each, the same file names in every folder. */
export interface Dialect {
	readonly name: DialectName;
	/**
	 * Translates a request. Throws nothing for what Claude Code sends: what cannot be said is noted and adapted.
	 * `betas` are the values of the client's `anthropic-beta` header.
	 */
	encode(request: MessageRequest, target: Target, note: Note, betas?: readonly string[]): UpstreamRequest;
	/** Translates a streamed reply. Throws `UpstreamFailure` for an error frame, a damaged frame or an early end. */
	decode(context: DecodeContext): Stage<Frame, MessageEvent>;
	/** A JSON reply as frames for `decode`, so that there is one translation. Throws `UpstreamFailure` for an error object. */
	framesOf(body: string): Frame[];
	/** The route of a wire that counts the tokens of a request, where it has one. */
	readonly tokenCounter?: TokenCounter;
}

/** Asks a provider for the input tokens of a request. */
export interface TokenCounter {
	encode(request: MessageRequest, target: Target, note: Note): UpstreamRequest;
	/** The count in the provider's answer; undefined where it holds none. */
	read(reply: Record<string, unknown>): number | undefined;
}

/** A count that a provider gave: a whole number that is not negative. */
export function countOf(value: unknown): number | undefined {
	return Number.isInteger(value) && (value as number) >= 0 ? (value as number) : undefined;
}
