import type { DialectName } from "../profile/model/quirks.ts";
import type { Target } from "../profile/model/target.ts";
import type { Note } from "../protocol/divergence.ts";
import type { MessageEvent } from "../protocol/events.ts";
import type { MessageRequest } from "../protocol/messages.ts";
import type { Frame } from "../protocol/sse-frames.ts";
import type { Stage } from "../protocol/stage.ts";

/** A request to a provider, without host, key and transport. */
export interface UpstreamRequest {
	/** Appended to the target's base URL. */
	path: string;
	/** Headers of the dialect. `send` adds those of authentication and of the profile. */
	headers: Record<string, string>;
	/** The JSON body. It is serialised once, when it is sent; the order of its keys is the order on the wire. */
	body: Record<string, unknown>;
	/** Provider's tool name → Claude Code's, for the names that had to change. */
	toolNames: ReadonlyMap<string, string>;
}

export interface DecodeContext {
	/** The request as it was encoded. */
	request: MessageRequest;
	target: Target;
	toolNames: ReadonlyMap<string, string>;
	/** Makes a new id with a prefix. Tests pass a counter. */
	mintId: (prefix: string) => string;
	note: Note;
	/** Called when the provider has declared its reply complete. Usage may still follow. */
	settled?: (() => void) | undefined;
	/** Called with the model that the reply names, and with its counts as they came; possibly several times. */
	stated?: ((model: unknown, usage: unknown) => void) | undefined;
}

/** A wire format. Both directions are pure. Each dialect is a folder, with the same file names in all of them. */
export interface Dialect {
	readonly name: DialectName;
	/**
	 * Translates a request. Does not throw: whatever the wire cannot express is adapted and noted. `betas` are the values
	 * of the client's `anthropic-beta` header.
	 */
	encode(request: MessageRequest, target: Target, note: Note, betas?: readonly string[]): UpstreamRequest;
	/** Translates a streamed reply. Throws `UpstreamFailure` for an error frame, a damaged frame or an early end. */
	decode(context: DecodeContext): Stage<Frame, MessageEvent>;
	/** A JSON reply as frames for `decode`, the only translation. Throws `UpstreamFailure` for an error object. */
	framesOf(body: string): Frame[];
	/** Matches fields that differ in every frame of a stream and say nothing about the reply, such as counters. */
	readonly varyingFields?: RegExp;
	/** Where an endpoint lists its models, and what such a request needs besides the key. */
	readonly modelList: { path: string; headers: Record<string, string> };
	/** Absent if the wire has no route that counts tokens. */
	readonly tokenCounter?: TokenCounter;
}

/** Asks a provider for the input tokens of a request. */
export interface TokenCounter {
	encode(request: MessageRequest, target: Target, note: Note): UpstreamRequest;
	/** The count in the provider's reply; undefined if there is none. */
	read(reply: Record<string, unknown>): number | undefined;
}

/** A token count as a provider reports it: a whole number that is not negative. */
export function countOf(value: unknown): number | undefined {
	return typeof value === "number" && Number.isInteger(value) && value >= 0 ? value : undefined;
}
