import { isObject } from "../../platform/json.ts";
import type { MessageWriter } from "../../protocol/message-writer.ts";
import type { DecodeContext } from "../dialect.ts";
import { writeSignature } from "../reasoning/signature.ts";
import { ReasoningWriter } from "../reasoning/writer.ts";
import { OutputItems, type ReadItem } from "./output-items.ts";
import { encryptedItem, isHostedCall } from "./reasoning.ts";
import { WebSearches } from "./web-search.ts";
import type { OutputItem, OutputPart, Response, ResponseEvent } from "./wire.ts";

/** The item type and the part that an event adds to, by the event's type. */
const DELTAS: Readonly<Record<string, { type: string; part: string }>> = {
	"response.output_text.delta": { type: "message", part: "text" },
	"response.refusal.delta": { type: "message", part: "text" },
	"response.reasoning_summary_text.delta": { type: "reasoning", part: "summary" },
	"response.reasoning_text.delta": { type: "reasoning", part: "content" },
	"response.function_call_arguments.delta": { type: "function_call", part: "arguments" },
};

/** Events that repeat a whole part, and the field that holds it. */
const WHOLES: Readonly<Record<string, { type: string; part: string; field: "text" | "refusal" | "arguments" }>> = {
	"response.output_text.done": { type: "message", part: "text", field: "text" },
	"response.refusal.done": { type: "message", part: "text", field: "refusal" },
	"response.reasoning_summary_text.done": { type: "reasoning", part: "summary", field: "text" },
	"response.reasoning_text.done": { type: "reasoning", part: "content", field: "text" },
	"response.function_call_arguments.done": { type: "function_call", part: "arguments", field: "arguments" },
};

/**
 * Reads the items of a reply: messages, reasoning, calls and searches. After the deltas, the whole text is repeated up to
 * three times (`…text.done`, `output_item.done`, `response.completed`), and servers omit any of these. Only text that was
 * not written yet is written.
 */
export class ItemReader {
	readonly #writer: MessageWriter;
	readonly #context: DecodeContext;
	readonly #items = new OutputItems();
	readonly #reasoning: ReasoningWriter;
	readonly #searches: WebSearches;
	/** The kind of reasoning that is shown: `summary` or `content`, never both. */
	#shownReasoning: string | undefined;
	#hasCalls = false;
	/** The latest item is encrypted reasoning: OpenAI refuses it back without the item that followed it. */
	#isSigned = false;
	/** The message that was written last, unless another item followed. */
	#lastMessage: number | undefined;

	constructor(writer: MessageWriter, context: DecodeContext) {
		this.#writer = writer;
		this.#context = context;
		this.#reasoning = new ReasoningWriter(writer, context.note);
		this.#searches = new WebSearches(writer, context);
	}

	/** Whether the reply calls tools, in its events so far or in the whole response. */
	hasCalls(response: Response): boolean {
		const output = Array.isArray(response.output) ? response.output : [];
		return this.#hasCalls || output.some((item) => item.type === "function_call");
	}

	read(event: ResponseEvent): void {
		const delta = DELTAS[event.type];
		const whole = WHOLES[event.type];
		if (delta) this.#append(this.#itemOf(event, delta.type), partKey(delta.part, event), textOf(event.delta));
		else if (whole) this.#complete(this.#itemOf(event, whole.type), partKey(whole.part, event), event[whole.field]);
		else if (event.type === "response.output_text.annotation.added") this.#searches.cite(event.annotation);
		else if (event.item && event.type === "response.output_item.added") this.#add(event, event.item);
		else if (event.item && event.type === "response.output_item.done") {
			this.#done(this.#itemOf(event, String(event.item.type)), event.item);
		}
	}

	/** The reply is complete. `output` repeats all of it, or is empty. */
	end(output: readonly OutputItem[]): void {
		for (const [position, whole] of output.entries()) {
			const { item, isNew } = this.#items.inReply(output, position);
			if (isNew) this.#begin(item);
			this.#done(item, whole);
		}
		this.#reasoning.end();
		this.#searches.end();
	}

	#itemOf(event: ResponseEvent, type: string): ReadItem {
		const { item, isNew } = this.#items.of(event, type);
		if (isNew) this.#begin(item);
		return item;
	}

	#begin(item: ReadItem): void {
		if (item.type !== "message") this.#lastMessage = undefined;
		if (item.type === "message") this.#reasoning.beforeItem(true);
		else if (item.type === "function_call" || item.type === "web_search_call") this.#reasoning.beforeItem(false);
	}

	#add(event: ResponseEvent, added: OutputItem): void {
		const item = this.#itemOf(event, String(added.type));
		if (item.type === "function_call") this.#nameCall(item, added, textOf(added.call_id));
	}

	#nameCall(item: ReadItem, call: OutputItem, id: string): void {
		this.#hasCalls = true;
		const name = textOf(call.name);
		this.#writer.toolUse(item.key, { id, name: this.#context.toolNames.get(name) ?? name });
	}

	#done(item: ReadItem, whole: OutputItem): void {
		if (item.isDone) return;
		item.isDone = true;
		if (this.#isSigned && isHostedCall(whole)) {
			this.#reasoning.sign(writeSignature({ items: [whole] }, this.#context.target));
			this.#note("hosted-call", item.type, "kept for the next request: the reasoning item before it needs this item");
			return;
		}
		this.#isSigned = false;
		switch (item.type) {
			case "message":
				for (const [index, part] of partsOf(whole.content).entries()) this.#completePart(item, index, part);
				break;
			case "reasoning":
				this.#endReasoning(item, whole);
				break;
			case "function_call":
				// Some gateways send only one id.
				this.#nameCall(item, whole, textOf(whole.call_id) || textOf(whole.id));
				this.#complete(item, "arguments", whole.arguments);
				this.#writer.closeTool(item.key);
				break;
			case "web_search_call":
				this.#searches.read(whole);
				break;
			default:
				this.#note("unread-item", item.type, "left out: Claude Code has no counterpart");
		}
	}

	#completePart(item: ReadItem, index: number, part: OutputPart): void {
		this.#complete(item, `text/${index}`, part.text ?? part.refusal);
		for (const annotation of Array.isArray(part.annotations) ? part.annotations : []) this.#searches.cite(annotation);
	}

	#endReasoning(item: ReadItem, whole: OutputItem): void {
		for (const [index, part] of partsOf(whole.summary).entries()) this.#complete(item, `summary/${index}`, part.text);
		for (const [index, part] of partsOf(whole.content).entries()) this.#complete(item, `content/${index}`, part.text);
		const encrypted = encryptedItem(whole);
		this.#isSigned = encrypted !== undefined;
		if (encrypted) this.#reasoning.sign(writeSignature({ items: [encrypted] }, this.#context.target));
	}

	/** Writes what is new in a whole part. */
	#complete(item: ReadItem, part: string, whole: unknown): void {
		const text = typeof whole === "object" && whole !== null ? JSON.stringify(whole) : textOf(whole);
		const seen = item.seen.get(part) ?? "";
		// Some servers number the parts of the stream differently from those of the item.
		if (seen === "" && item.type === "message" && [...item.seen.values()].includes(text)) return;
		if (text.startsWith(seen)) this.#append(item, part, text.slice(seen.length));
	}

	#append(item: ReadItem, part: string, text: string): void {
		if (text === "") return;
		const isFirst = !item.seen.has(part);
		item.seen.set(part, (item.seen.get(part) ?? "") + text);
		if (item.type === "message") this.#text(item, text);
		else if (item.type === "function_call") this.#writer.toolUse(item.key, { json: text });
		else this.#think(part, isFirst ? separated(item, text) : text);
	}

	/** Two messages in a row become one text block: `claude -p` prints only the last block (measured with 2.1.332). */
	#text(item: ReadItem, text: string): void {
		const isNext = this.#lastMessage !== undefined && this.#lastMessage !== item.key;
		this.#lastMessage = item.key;
		this.#writer.text(isNext ? `\n\n${text}` : text);
	}

	#think(part: string, text: string): void {
		const kind = part.split("/")[0];
		this.#shownReasoning ??= kind;
		if (kind === this.#shownReasoning) this.#reasoning.thinking(text);
	}

	#note(kind: string, seen: string, done: string): void {
		this.#context.note({ kind, where: "response", seen, done });
	}
}

/** The parts of a summary are paragraphs. */
function separated(item: ReadItem, text: string): string {
	return item.seen.size > 1 ? `\n\n${text}` : text;
}

function partKey(part: string, event: ResponseEvent): string {
	if (part === "arguments") return part;
	const index = part === "summary" ? event.summary_index : event.content_index;
	return `${part}/${typeof index === "number" ? index : 0}`;
}

function partsOf(list: unknown): OutputPart[] {
	return Array.isArray(list) ? list.filter(isObject) : [];
}

function textOf(value: unknown): string {
	return typeof value === "string" ? value : "";
}
