import { isObject, type JsonObject, tryParseJson } from "../../platform/json.ts";
import type { MessageWriter } from "../../protocol/message-writer.ts";
import type { ToolCallDelta } from "./wire.ts";

interface Call {
	key: number;
	id: string;
	name: string;
	input: ToolInput;
}

interface ReadOptions {
	isWhole: boolean;
	beforeNew: (delta: ToolCallDelta) => void;
}

/**
 * Assigns each piece of a tool call to its call. OpenAI numbers the calls of a reply with `index`; others omit it, send
 * 0 for every call, repeat the name, or send the id late. The rules, in order:
 *
 * - an `index` names a slot; without one the `id` decides, then the position in the list, then the latest call;
 * - in an occupied slot, another id, another name, or a second whole input begins a new call.
 */
export class ToolCallReader {
	readonly #writer: MessageWriter;
	readonly #toolNames: ReadonlyMap<string, string>;
	readonly #slots = new Map<number, Call>();
	readonly #calls: Call[] = [];

	constructor(writer: MessageWriter, toolNames: ReadonlyMap<string, string>) {
		this.#writer = writer;
		this.#toolNames = toolNames;
	}

	/**
	 * Reads the `tool_calls` of a chunk, or of a whole message, where each entry is a call. `beforeNew` runs before each new
	 * call.
	 */
	read(deltas: readonly ToolCallDelta[], { isWhole, beforeNew }: ReadOptions): void {
		for (const [offset, delta] of deltas.entries()) {
			const known = isWhole ? undefined : this.#find(delta, offset, deltas.length);
			if (!known) beforeNew(delta);
			this.#write(known ?? this.#newCall(delta, offset), delta);
		}
	}

	/** Writes everything that was held back: all calls are complete. */
	end(): void {
		for (const call of this.#calls) this.#writer.toolUse(call.key, { json: call.input.end() });
	}

	/** Closes the open call, so that another block can follow. */
	closeLast(): void {
		const last = this.#calls.at(-1);
		if (!last) return;
		this.#writer.toolUse(last.key, { json: last.input.end() });
		this.#writer.closeTool(last.key);
	}

	#find(delta: ToolCallDelta, offset: number, length: number): Call | undefined {
		const id = text(delta.id);
		const name = text(delta.function?.name);
		if (typeof delta.index === "number") return sameCall(this.#slots.get(delta.index), id, name, delta);
		if (id !== "") {
			const byId = this.#calls.find((call) => call.id === id);
			// An id that comes after the first piece belongs to the call that has none yet.
			const unnamed = this.#calls.findLast((call) => call.id === "" && (name === "" || call.name === name));
			return byId ?? unnamed ?? (name === "" ? this.#calls.at(-1) : undefined);
		}
		const candidate = length > 1 ? this.#calls[offset] : this.#calls.at(-1);
		return sameCall(candidate, id, name, delta);
	}

	#newCall(delta: ToolCallDelta, offset: number): Call {
		const call: Call = { key: this.#calls.length, id: "", name: "", input: new ToolInput() };
		this.#calls.push(call);
		this.#slots.set(typeof delta.index === "number" ? delta.index : this.#slots.size + offset, call);
		return call;
	}

	#write(call: Call, delta: ToolCallDelta): void {
		call.id ||= text(delta.id);
		call.name ||= text(delta.function?.name);
		const name = this.#toolNames.get(call.name) ?? call.name;
		const json = call.input.push(delta.function?.arguments);
		this.#writer.toolUse(call.key, { id: call.id, name, json });
	}
}

function sameCall(call: Call | undefined, id: string, name: string, delta: ToolCallDelta): Call | undefined {
	if (!call) return undefined;
	// A new call has a name. Some servers mint an id for every chunk, so a new id alone does not count.
	if (name === "") return call;
	if (id !== "" && call.id !== "" && id !== call.id) return undefined;
	if (call.name !== "" && name !== call.name) return undefined;
	if (id !== "" && id === call.id) return call;
	// A server that sends neither index nor id calls the same tool again, in one piece.
	return startsInput(delta.function?.arguments) && call.input.isComplete ? undefined : call;
}

function startsInput(value: unknown): boolean {
	return typeof value === "string" && value.trimStart().startsWith("{");
}

function text(value: unknown): string {
	return typeof value === "string" ? value : "";
}

/**
 * The input of one tool call, assembled from the provider's `arguments`: fragments of a JSON text (OpenAI), an object, an
 * object that grows with each piece (gateways in front of MiniMax), or a cumulative text, sent again from its beginning
 * and longer each time. Only the end distinguishes a cumulative text from fragments, so everything after a repeated
 * beginning is held back.
 */
class ToolInput {
	#text = "";
	#object: JsonObject | undefined;
	#held: { appended: string; cumulative: string } | undefined;

	/** Takes one piece and returns the part that can be written now. */
	push(piece: unknown): string {
		if (isObject(piece)) {
			this.#object = mergeObjects(this.#object ?? {}, piece);
			return "";
		}
		if (typeof piece !== "string" || piece === "") return "";
		if (this.#held) {
			this.#held.appended += piece;
			this.#held.cumulative = piece.startsWith(this.#text)
				? piece.slice(this.#text.length)
				: this.#held.cumulative + piece;
			return "";
		}
		if (this.#text.length > 1 && piece.startsWith(this.#text)) {
			this.#held = { appended: piece, cumulative: piece.slice(this.#text.length) };
			return "";
		}
		this.#text += piece;
		return piece;
	}

	/** Returns the rest. */
	end(): string {
		const rest = this.#rest();
		this.#object = undefined;
		this.#held = undefined;
		this.#text += rest;
		return rest;
	}

	/** Whether the fragments so far form a whole JSON text. */
	get isComplete(): boolean {
		return isCompleteJson(this.#text);
	}

	#rest(): string {
		if (this.#held) {
			return isCompleteJson(this.#text + this.#held.appended) || !isCompleteJson(this.#text + this.#held.cumulative)
				? this.#held.appended
				: this.#held.cumulative;
		}
		return this.#object && this.#text === "" ? JSON.stringify(this.#object) : "";
	}
}

/** Later values win. Objects are merged, lists are replaced. */
function mergeObjects(left: JsonObject, right: JsonObject): JsonObject {
	const merged: JsonObject = { ...left };
	for (const [key, value] of Object.entries(right)) {
		const before = merged[key];
		merged[key] = isObject(before) && isObject(value) ? mergeObjects(before, value) : value;
	}
	return merged;
}

function isCompleteJson(text: string): boolean {
	return tryParseJson(text) !== undefined;
}
