import type { MessageWriter } from "../../protocol/message-writer.ts";
import type { DecodeContext } from "../dialect.ts";
import { ReasoningWriter } from "../reasoning/reasoning-writer.ts";
import { carriedSignature } from "./thought-signature.ts";
import type { ReplyPart } from "./wire.ts";

/** Fields of a part that belong to a text or a call; a part of other fields alone is something else. */
const READ = ["text", "thought", "thoughtSignature", "functionCall"];

/**
 * Reads the parts of a reply. A call is always whole. Its thought signature has to go back with it, and rides in the
 * thinking block before it. Signatures of texts are optional in the API and are left out: a block behind the answer
 * would hide it from `claude -p`.
 */
export class PartReader {
	readonly #writer: MessageWriter;
	readonly #context: DecodeContext;
	readonly #reasoning: ReasoningWriter;
	readonly #usedIds: Set<string>;
	#calls = 0;
	#inText = false;
	/** A call with a name was read. */
	hasCalls = false;

	constructor(writer: MessageWriter, context: DecodeContext, usedIds: ReadonlySet<string>) {
		this.#writer = writer;
		this.#context = context;
		this.#reasoning = new ReasoningWriter(writer, context.note);
		this.#usedIds = new Set(usedIds);
	}

	read(part: ReplyPart | null | undefined): void {
		if (!part) return;
		if (part.functionCall) this.#readCall(part.functionCall, part.thoughtSignature);
		else if (typeof part.text === "string") {
			if (part.thought === true) this.#reasoning.thinking(part.text);
			else this.#text(part.text);
		} else {
			const unread = Object.keys(part).filter((field) => !READ.includes(field));
			if (unread.length > 0) this.#note("unread-item", unread.join(", "), "left out: Claude Code has no counterpart");
		}
	}

	/** The reply is over. */
	end(): void {
		this.#reasoning.end();
	}

	#text(text: string): void {
		if (text === "") return;
		if (!this.#inText) this.#reasoning.beforeItem(true);
		this.#inText = true;
		this.#writer.text(text);
	}

	#readCall(call: NonNullable<ReplyPart["functionCall"]>, signature: unknown): void {
		this.#inText = false;
		this.#reasoning.beforeItem(false);
		const key = this.#calls++;
		const id = this.#idOf(call.id);
		if (typeof signature === "string" && signature !== "")
			this.#writer.signature(carriedSignature(id, signature, this.#context.target));
		const name = typeof call.name === "string" ? call.name : "";
		if (name !== "") this.hasCalls = true;
		const json = typeof call.args === "string" ? call.args : JSON.stringify(call.args ?? {});
		this.#writer.toolUse(key, { id, name: this.#context.toolNames.get(name) ?? name, json });
		this.#writer.closeTool(key);
	}

	/** Most models give their calls no id. One that comes twice is replaced here: the signature names it. */
	#idOf(given: unknown): string {
		const isFree = typeof given === "string" && given !== "" && !this.#usedIds.has(given);
		const id = isFree ? given : this.#context.mintId("toolu_");
		if (!isFree && typeof given === "string" && given !== "")
			this.#note("repeated-tool-call-id", given, `given the id ${id}`);
		this.#usedIds.add(id);
		return id;
	}

	#note(kind: string, seen: string, done: string): void {
		this.#context.note({ kind, where: "response", seen, done });
	}
}
