import { asObject, isObject, type JsonObject } from "../../platform/json.ts";
import type { MessageEvent } from "../../protocol/events.ts";
import { MessageWriter } from "../../protocol/message-writer.ts";
import { sink } from "../../protocol/stage.ts";
import type { DecodeContext } from "../dialect.ts";
import { isPresent } from "../frames.ts";
import { ChatMessageReader } from "../openai-chat/message-reader.ts";
import type { ChatDelta } from "../openai-chat/wire.ts";
import type { LooseEvent } from "./wire.ts";

/** What a reply says. */
export type Said = "text" | "thinking" | "tool_use";

/** Fields of chat completions that hold what a reply says; the Messages API has none of them. */
const FIELDS: Readonly<Record<string, Said>> = {
	reasoning_content: "thinking",
	reasoning: "thinking",
	reasoning_details: "thinking",
	content: "text",
	refusal: "text",
	tool_calls: "tool_use",
	function_call: "tool_use",
};
const NAMES = Object.keys(FIELDS);

/** What an event says in fields of chat completions. */
export interface ChatPart {
	delta: JsonObject;
	/** A message, not a piece of one. */
	isWhole: boolean;
	finishReason: unknown;
	usage: unknown;
}

/**
 * Separates an event of a half-translated reply: `own` is what the Messages API documents, undefined if that is
 * nothing; `parts` are fields of chat completions in it, in its message or in its delta. A correct event is its own.
 */
export function separateChatFields(event: LooseEvent): { own: LooseEvent | undefined; parts: ChatPart[] } {
	const { message, delta } = event;
	const parts = [
		...partsOf(event, false),
		...(isObject(message) ? partsOf(message, true) : []),
		...(isObject(delta) ? partsOf(delta, false) : []),
	];
	if (parts.length === 0) return { own: event.type === "" ? undefined : event, parts };
	const own: LooseEvent = { ...withoutFields(event), type: event.type };
	if (isObject(message)) own.message = withoutFields(message);
	if (isObject(delta)) own.delta = withoutFields(delta);
	const isNothing = event.type === "" || (event.type === "content_block_delta" && !saysAnything(own.delta));
	return { own: isNothing ? undefined : own, parts };
}

function partsOf(holder: JsonObject, isWhole: boolean): ChatPart[] {
	const choice = asObject(Array.isArray(holder["choices"]) ? holder["choices"][0] : undefined);
	const nested = [
		...(isObject(choice["delta"]) ? [partOf(choice["delta"], false, choice, holder)] : []),
		...(isObject(choice["message"]) ? [partOf(choice["message"], true, choice, holder)] : []),
	];
	const isHolding = NAMES.some((name) => isField(holder, name)) || isPresent(holder["finish_reason"]);
	return isHolding ? [...nested, partOf(holder, isWhole, holder, {})] : nested;
}

function partOf(said: JsonObject, isWhole: boolean, choice: JsonObject, chunk: JsonObject): ChatPart {
	const delta = Object.fromEntries(NAMES.filter((name) => isField(said, name)).map((name) => [name, said[name]]));
	return { delta, isWhole, finishReason: choice["finish_reason"], usage: chunk["usage"] };
}

/** The content of a Message is a list, and a delta with a documented type has no other (`compaction_delta` has a text). */
function isField(holder: JsonObject, name: string): boolean {
	const value = holder[name];
	if (name === "content") return typeof value === "string" && value !== "" && !/_delta$/.test(String(holder["type"]));
	return Array.isArray(value) ? value.length > 0 : isPresent(value);
}

function withoutFields(holder: JsonObject): JsonObject {
	const isOwn = (name: string) =>
		!(NAMES.includes(name) && isField(holder, name)) && !["finish_reason", "choices"].includes(name);
	return Object.fromEntries(Object.entries(holder).filter(([name]) => isOwn(name)));
}

function saysAnything(delta: unknown): boolean {
	return Object.entries(asObject(delta)).some(([name, value]) => !["type", "role"].includes(name) && isPresent(value));
}

/** The part's thinking, and the rest of it: the thinking of a message comes before its content. */
export function thinkingFirst(parts: readonly ChatPart[]): { thinking: ChatPart[]; rest: ChatPart[] } {
	const only = (part: ChatPart, isThinking: boolean): ChatPart => {
		const fields = Object.entries(part.delta).filter(([name]) => (FIELDS[name] === "thinking") === isThinking);
		return { ...part, delta: Object.fromEntries(fields) };
	};
	return { thinking: parts.map((part) => only(part, true)), rest: parts.map((part) => only(part, false)) };
}

/** Reads such parts with the decoder of chat completions, into blocks. */
export class ChatFieldReader {
	readonly #context: DecodeContext;
	readonly #writer: MessageWriter;
	readonly #message: ChatMessageReader;
	#isRead = false;
	#isRepeated = false;

	/** `write` takes the block events. Their indexes are their own. */
	constructor(context: DecodeContext, write: (event: MessageEvent) => void) {
		this.#context = context;
		const { target, mintId, note } = context;
		this.#writer = new MessageWriter(sink(write), { model: target.model, mintId, note, usedIds: new Set() });
		this.#message = new ChatMessageReader(this.#writer, context);
	}

	/** `said` is what the reply has said in its own fields: that is not read again. */
	read({ delta, isWhole }: ChatPart, said: ReadonlySet<Said>): void {
		const names = Object.keys(delta);
		const fresh = names.filter((name) => FIELDS[name] && !said.has(FIELDS[name]));
		if (fresh.length < names.length && !this.#isRepeated) {
			this.#isRepeated = true;
			this.#note("repeated-message", names.join(", "), "left out: the reply has it in its own fields");
		}
		if (fresh.length > 0 && !this.#isRead) {
			this.#isRead = true;
			const done = "read as chat completions; the dialect openai-chat may suit this endpoint better";
			this.#note("chat-fields", fresh.join(", "), done);
		}
		const unread: ChatDelta = Object.fromEntries(fresh.map((name) => [name, delta[name]]));
		this.#message.read(unread, isWhole);
	}

	/** The reply is over: writes what was held back. */
	end(): void {
		this.#message.end();
		this.#writer.flush();
	}

	#note(kind: string, seen: string, done: string): void {
		this.#context.note({ kind, where: "response", seen, done });
	}
}
