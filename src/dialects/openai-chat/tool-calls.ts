import type { MessageWriter } from "../../protocol/message-writer.ts";
import type { ToolCallDelta } from "./wire.ts";

interface Call {
	key: number;
	id: string;
	name: string;
	input: ToolInput;
}

/**
 * Finds out which call a piece belongs to. OpenAI numbers the calls of a reply with `index`; others leave it out, send
 * 0 for every call, repeat the name, or give the id late. The rules, in order:
 *
 * - an `index` names a slot; without one the `id` does, then the place in the list, then the call that came last;
 * - in a slot that is taken, another id, another name, or a second whole input is a new call.
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

	/** One chunk's `tool_calls`. `beforeNew` runs before a call that was not seen yet. */
	read(deltas: readonly ToolCallDelta[], beforeNew: (delta: ToolCallDelta) => void): void {
		for (const [offset, delta] of deltas.entries()) {
			const known = this.#find(delta, offset, deltas.length);
			if (!known) beforeNew(delta);
			this.#write(known ?? this.#newCall(delta, offset), delta);
		}
	}

	/** All calls are complete: what was held back is written. */
	end(): void {
		for (const call of this.#calls) this.#writer.toolUse(call.key, { json: call.input.end() });
	}

	/** Closes the call that is open, so that another block may follow. */
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
			// The id comes after the first piece: it belongs to the call that has none yet.
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
	// A new call has a name; an id that changes without one is a server that mints an id for every chunk.
	if (name === "") return call;
	if (id !== "" && call.id !== "" && id !== call.id) return undefined;
	if (call.name !== "" && name !== call.name) return undefined;
	if (id !== "" && id === call.id) return call;
	// The same tool again, in one piece, from a server that sends neither index nor id.
	return startsInput(delta.function?.arguments) && call.input.isComplete ? undefined : call;
}

function startsInput(value: unknown): boolean {
	return typeof value === "string" && value.trimStart().startsWith("{");
}

function text(value: unknown): string {
	return typeof value === "string" ? value : "";
}

type JsonObject = { [key: string]: unknown };

/**
 * The input of one tool call, put together from what the provider calls `arguments`: fragments of a JSON text
 * (OpenAI), an object, or an object that grows from piece to piece (gateways in front of MiniMax). Also a text that is
 * sent again from its beginning, longer each time: only the end can tell such a text from fragments, so what follows a
 * repeated beginning is held back.
 */
export class ToolInput {
	#text = "";
	#object: JsonObject | undefined;
	#held: { appended: string; cumulative: string } | undefined;

	/** Takes one piece and returns what may be written of it now. */
	push(piece: unknown): string {
		if (typeof piece === "object" && piece !== null) {
			this.#object = mergeObjects(this.#object ?? {}, piece as JsonObject);
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

	/** What is left to be written. */
	end(): string {
		const rest = this.#rest();
		this.#object = undefined;
		this.#held = undefined;
		this.#text += rest;
		return rest;
	}

	/** Whether the fragments so far are a whole JSON text. */
	get isComplete(): boolean {
		return isJson(this.#text);
	}

	#rest(): string {
		if (this.#held) {
			return isJson(this.#text + this.#held.appended) || !isJson(this.#text + this.#held.cumulative)
				? this.#held.appended
				: this.#held.cumulative;
		}
		return this.#object && this.#text === "" ? JSON.stringify(this.#object) : "";
	}
}

/** Later values win; objects are joined, lists that grow are replaced. */
function mergeObjects(left: JsonObject, right: JsonObject): JsonObject {
	const merged: JsonObject = { ...left };
	for (const [key, value] of Object.entries(right)) {
		const before = merged[key];
		merged[key] = isObject(before) && isObject(value) ? mergeObjects(before, value) : value;
	}
	return merged;
}

function isObject(value: unknown): value is JsonObject {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isJson(text: string): boolean {
	try {
		JSON.parse(text);
		return true;
	} catch (error) {
		if (!(error instanceof SyntaxError)) throw error;
		return false;
	}
}
