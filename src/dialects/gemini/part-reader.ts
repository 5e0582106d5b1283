import type { DivergenceData } from "../../protocol/divergence.ts";
import type { MessageWriter } from "../../protocol/message-writer.ts";
import type { DecodeContext } from "../dialect.ts";
import { ReasoningWriter } from "../reasoning/writer.ts";
import { PartialArgs } from "./partial-args.ts";
import { carriedSignature, textCitation, textSignature } from "./reasoning.ts";
import type { ReplyPart } from "./wire.ts";

type FunctionCall = NonNullable<ReplyPart["functionCall"]>;

/** The fields of a text or a call. A part without any of them is something else. */
const READ_FIELDS = ["text", "thought", "thoughtSignature", "functionCall"];

/**
 * Reads the parts of a reply. A call is whole, or its arguments follow in parts without a name. A thought signature has
 * to go back with its call: the thinking block before the call carries it. That of a text is carried before the text, or
 * after it if a call follows. At the end of a reply a citation of the text carries it, because a block after the answer
 * would hide the answer from `claude -p`.
 */
export class PartReader {
	readonly #writer: MessageWriter;
	readonly #context: DecodeContext;
	readonly #reasoning: ReasoningWriter;
	readonly #usedIds: Set<string>;
	#calls = 0;
	#inText = false;
	/** The signature of the text so far, until the next item shows how it is carried. */
	#textSignature: string | undefined;
	/** The call whose arguments are still coming. */
	#open: { key: number; args: PartialArgs } | undefined;
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
		if (part.functionCall) this.#readCall(part.functionCall, signatureOf(part));
		else if (typeof part.text === "string") {
			if (part.thought === true) this.#reasoning.thinking(part.text);
			else this.#text(part.text, signatureOf(part));
		} else {
			const unread = Object.keys(part).filter((field) => !READ_FIELDS.includes(field));
			if (unread.length > 0) this.#note("unread-item", unread.join(", "), "left out: Claude Code has no counterpart");
		}
	}

	/** The reply is over. Arguments that were cut off stay incomplete: half a file must not be written. */
	end(isCutOff: boolean): void {
		if (!isCutOff) this.#closeCall();
		if (this.#textSignature !== undefined)
			this.#writer.citation(textCitation(this.#textSignature, this.#context.target));
		this.#reasoning.end();
	}

	#text(text: string, signature: string | undefined): void {
		if (signature !== undefined && this.#inText) this.#textSignature = signature;
		else if (signature !== undefined) {
			this.#reasoning.beforeItem(false);
			this.#reasoning.sign(textSignature(signature, "after", this.#context.target));
		}
		if (text === "") return;
		if (!this.#inText) this.#reasoning.beforeItem(true);
		this.#inText = true;
		this.#writer.text(text);
	}

	#endText(): void {
		this.#inText = false;
		if (this.#textSignature !== undefined)
			this.#reasoning.sign(textSignature(this.#textSignature, "before", this.#context.target));
		this.#textSignature = undefined;
		this.#reasoning.beforeItem(false);
	}

	#readCall(call: FunctionCall, signature: string | undefined): void {
		const name = typeof call.name === "string" ? call.name : "";
		if (name === "" && this.#open) {
			this.#continueCall(call);
			return;
		}
		this.#closeCall();
		if (Object.keys(call).length === 0) {
			this.#note("unread-item", "functionCall {}", "left out: it calls nothing");
			return;
		}
		this.#endText();
		const key = this.#calls++;
		const id = this.#idOf(call.id);
		if (signature !== undefined) this.#writer.signature(carriedSignature(id, signature, this.#context.target));
		if (name !== "") this.hasCalls = true;
		this.#writer.toolUse(key, { id, name: this.#context.toolNames.get(name) ?? name });
		if (call.partialArgs !== undefined || call.willContinue === true) {
			this.#open = { key, args: new PartialArgs() };
			this.#continueCall(call);
			return;
		}
		const json = typeof call.args === "string" ? call.args : JSON.stringify(call.args ?? {});
		this.#writer.toolUse(key, { json });
		this.#writer.closeTool(key);
	}

	#continueCall({ partialArgs, willContinue }: FunctionCall): void {
		if (this.#open) this.#writer.toolUse(this.#open.key, { json: this.#open.args.add(partialArgs) });
		if (willContinue !== true) this.#closeCall();
	}

	#closeCall(): void {
		if (!this.#open) return;
		const { key, args } = this.#open;
		this.#open = undefined;
		this.#writer.toolUse(key, { json: args.end() });
		this.#writer.closeTool(key);
	}

	/** Most models send no ids. A repeated id is replaced here, because the thought signature is stored under it. */
	#idOf(given: unknown): string {
		const isFree = typeof given === "string" && given !== "" && !this.#usedIds.has(given);
		const id = isFree ? given : this.#context.mintId("toolu_");
		if (!isFree && typeof given === "string" && given !== "")
			this.#note("repeated-tool-call-id", given, `given the id ${id}`, { toolCalls: [given, id] });
		this.#usedIds.add(id);
		return id;
	}

	#note(kind: string, seen: string, done: string, data?: DivergenceData): void {
		this.#context.note({ kind, where: "response", seen, done, ...(data && { data }) });
	}
}

function signatureOf({ thoughtSignature: signature }: ReplyPart): string | undefined {
	return typeof signature === "string" && signature !== "" ? signature : undefined;
}
