import type { Note } from "../../protocol/divergence.ts";
import {
	type BlockDeltaEvent,
	type BlockStart,
	type BlockStop,
	type MessageEvent,
	singleEvents,
} from "../../protocol/events.ts";
import { type Sink, sink } from "../../protocol/stage.ts";
import { CONTROL_TOKENS, mayHoldControlToken } from "../markup/scanner/control-tokens.ts";
import { anyOf, partialLength } from "../markup/scanner/literals.ts";
import { MarkdownContext } from "../markup/scanner/markdown-context.ts";
import type { ResponseRepair } from "../repair.ts";
import { BlockOutput } from "./block-output.ts";
import { eventText, TextQueue } from "./text-queue.ts";

/**
 * Tokens of a chat template that a server forgot to take out of the text. Shown, they disturb; kept in the history,
 * they teach the model to write them again. Examples in code and quotations stay.
 */
export const controlTokens: ResponseRepair = {
	name: "control-tokens",
	stage:
		({ note }) =>
		(next) =>
			new ControlTokens(next, note),
};

const TOKEN = anyOf(CONTROL_TOKENS);

class ControlTokens implements Sink<MessageEvent> {
	readonly #next: Sink<MessageEvent>;
	readonly #output: BlockOutput;
	readonly #note: Note;
	/** Set while a text block is open: what is not decided yet. */
	#text: { held: string; queue: TextQueue; context: MarkdownContext } | undefined;
	readonly #found = new Set<string>();

	constructor(next: Sink<MessageEvent>, note: Note) {
		this.#next = next;
		this.#output = new BlockOutput(next);
		this.#note = note;
	}

	push(event: MessageEvent): void {
		if (event.type === "content_block_start") this.#start(event);
		else if (event.type === "content_block_delta") this.#delta(event);
		else if (event.type === "content_block_stop") this.#stop(event);
		else this.#next.push(event);
	}

	end(): void {
		this.#next.end();
	}

	#start(event: BlockStart): void {
		if (event.content_block.type !== "text") {
			this.#output.start(event);
			return;
		}
		this.#text = { held: "", queue: new TextQueue(), context: new MarkdownContext() };
		this.#found.clear();
		this.#output.holdStart(event);
	}

	#delta(event: BlockDeltaEvent): void {
		if (!this.#text || event.delta.type !== "text_delta") {
			this.#output.add(event);
			return;
		}
		const { text } = event.delta;
		if (this.#text.held === "" && !mayHoldControlToken(text)) {
			this.#text.context.push(text);
			this.#output.add(event);
			return;
		}
		for (const single of singleEvents(event)) {
			this.#text.queue.push(single);
			this.#text.held += eventText(single);
			this.#scan(false);
		}
	}

	#stop(event: BlockStop): void {
		if (this.#text) this.#scan(true);
		this.#text = undefined;
		// Nothing but tokens: there is no block.
		if (this.#found.size > 0 && this.#output.isHeld) this.#output.leaveOut();
		else this.#output.stop(event);
		this.#found.clear();
	}

	#scan(isOver: boolean): void {
		const text = this.#text;
		if (!text) return;
		const limit = text.held.length - (isOver ? 0 : partialLength(CONTROL_TOKENS, text.held));
		let from = 0;
		for (let match = TOKEN.exec(text.held); match; match = TOKEN.exec(text.held.slice(from))) {
			const at = from + match.index;
			if (at >= limit) break;
			text.context.push(text.held.slice(from, at));
			this.#release(at - from);
			const isExample = text.context.skipsOpener();
			if (isExample) this.#release(match[0].length);
			else this.#drop(match[0]);
			if (isExample) text.context.push(match[0]);
			from = at + match[0].length;
		}
		text.context.push(text.held.slice(from, Math.max(from, limit)));
		this.#release(Math.max(from, limit) - from);
		text.held = text.held.slice(Math.max(from, limit));
	}

	#release(length: number): void {
		for (const event of this.#text?.queue.release(length) ?? []) this.#output.add(event);
	}

	#drop(token: string): void {
		for (const event of this.#text?.queue.drop(token.length) ?? []) this.#output.add(event);
		if (this.#found.has(token)) return;
		this.#found.add(token);
		this.#note({ kind: "control-token", where: "response.text", seen: token, done: "left out" });
	}
}

/** A whole text without its control tokens. */
export function stripControlTokens(text: string): string {
	let stripped = "";
	const next = sink<MessageEvent>((event) => {
		if (event.type === "content_block_delta" && event.delta.type === "text_delta") stripped += event.delta.text;
	});
	const tokens = new ControlTokens(next, () => {});
	tokens.push({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } });
	tokens.push({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } });
	tokens.push({ type: "content_block_stop", index: 0 });
	return stripped;
}
