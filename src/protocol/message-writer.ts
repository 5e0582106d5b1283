import { BlockWriter } from "./block-writer.ts";
import { type DivergenceData, excerpt, type Note } from "./divergence.ts";
import type { BlockDelta, MessageEvent } from "./events.ts";
import type { ContentBlock, StopReason, Usage } from "./messages.ts";
import type { Sink } from "./stage.ts";
import { newToolCall, type ToolCall, type ToolUsePart } from "./tool-call.ts";

export interface MessageWriterOptions {
	/** Model id that the reply names. */
	model: string;
	/** Makes a new id with a prefix, for example `toolu_…`. Tests pass a counter. */
	mintId: (prefix: string) => string;
	/** Tool-use ids of the conversation so far. Claude Code drops a call that repeats one (measured with 2.1.332). */
	usedIds: ReadonlySet<string>;
	note: Note;
}

type OpenBlock = { kind: "text" | "thinking" } | { kind: "tool"; call: ToolCall };

/**
 * Writes one well-formed reply. Decoders call `text`, `thinking`, `toolUse` and `finish`; only this class writes block
 * starts, stops and indexes, so every reply is well-formed by construction. One block is open at a time. Fragments of parallel tool calls may interleave, so a second call waits until the first is
 * complete. Text that arrives while a call is open waits too, because it would split the call.
 */
export class MessageWriter {
	readonly #blocks: BlockWriter;
	readonly #options: MessageWriterOptions;
	readonly #calls = new Map<string | number, ToolCall>();
	readonly #issuedIds = new Set<string>();
	#open: OpenBlock | undefined;
	/** Content that arrived while a call was open, in order. It is written after the calls. */
	#late: { kind: "text" | "thinking" | "signature"; text: string }[] = [];
	#finished = false;
	#wroteTool = false;
	#messageId: string | undefined;
	#usage: Usage = { input_tokens: 0, output_tokens: 0 };

	constructor(next: Sink<MessageEvent>, options: MessageWriterOptions) {
		this.#options = options;
		this.#blocks = new BlockWriter(next, () => ({
			id: this.#messageId ?? options.mintId("msg_"),
			model: options.model,
			usage: this.#usage,
		}));
	}

	/** True once `finish` was called. */
	get finished(): boolean {
		return this.#finished;
	}

	/** True once any block was written or is waiting. */
	get hasContent(): boolean {
		return this.#blocks.started || this.#calls.size > 0;
	}

	/** Sets the provider's id of the reply. The first one counts. Call this before any content. */
	identify(messageId: string): void {
		this.#messageId ??= messageId;
	}

	/** Sets the usage for `message_start`. Call this before any content. */
	startUsage(usage: Usage): void {
		this.#usage = usage;
	}

	text(delta: string): void {
		if (this.#opens("text", delta)) this.#blocks.delta({ type: "text_delta", text: delta });
	}

	thinking(delta: string): void {
		if (this.#opens("thinking", delta)) this.#blocks.delta({ type: "thinking_delta", thinking: delta });
	}

	/** Signs the open thinking block, or an empty one when none is open (encrypted reasoning). */
	signature(signature: string): void {
		if (this.#open?.kind === "tool") this.#keepLate("signature", signature);
		else {
			this.#openBlock("thinking");
			this.#blocks.delta({ type: "signature_delta", signature });
			this.#close();
		}
	}

	/** Adds a citation to the open text block. False if none is open. */
	citation(citation: unknown): boolean {
		if (this.#open?.kind !== "text") return false;
		this.#blocks.delta({ type: "citations_delta", citation });
		return true;
	}

	/** Writes a block of another type (redacted thinking, server tools, search results) with its deltas. */
	block(block: ContentBlock, deltas: readonly BlockDelta[] = []): void {
		this.#close();
		this.#blocks.open(block);
		for (const delta of deltas) this.#blocks.delta(delta);
		this.#blocks.close();
	}

	/** Adds a piece of the tool call with the decoder's own `key`. Any part may be missing or come late. */
	toolUse(key: string | number, part: ToolUsePart): void {
		const call = this.#calls.get(key) ?? this.#newCall(key);
		if (call.id === "" && part.id) call.id = part.id;
		// vLLM's parsers and DashScope repeat the name in every delta: the first one counts.
		if (call.name === "" && part.name) call.name = part.name;
		if (part.json && call.state === "closed") this.#note("late-tool-input", excerpt(part.json), "left out");
		else if (part.json) call.pending.push(part.json);
		if (this.#open?.kind === "tool") {
			if (this.#open.call === call) this.#flushFragments(call);
			return;
		}
		if (call.state === "waiting" && call.id !== "" && call.name !== "") this.#openTool(call);
	}

	/** Marks a call as complete, so that the next one can be written. */
	closeTool(key: string | number): void {
		const call = this.#calls.get(key);
		if (!call) return;
		call.complete = true;
		while (this.#open?.kind === "tool" && this.#open.call.complete) {
			this.#close();
			const waiting = [...this.#calls.values()].find((other) => other.state === "waiting");
			if (waiting?.id && waiting.name) this.#openTool(waiting);
		}
	}

	/**
	 * Ends the reply. `reason` is the provider's reason in Anthropic's terms. Where it contradicts the blocks (`end_turn`
	 * with calls, `tool_use` without), the blocks decide.
	 */
	finish(reason: StopReason, usage: Partial<Usage>, stopSequence: string | null = null): void {
		if (this.#finished) return;
		this.#finished = true;
		this.flush();
		// The official SDK reads `usage.output_tokens` of this event without a check.
		const counted = { output_tokens: this.#usage.output_tokens, ...usage };
		this.#blocks.stop(this.#stopReason(reason), stopSequence, counted);
	}

	/** Writes what was held back, and closes the open block. */
	flush(): void {
		this.#close();
		this.#writeWaitingCalls();
		this.#writeLate();
		this.#close();
	}

	#stopReason(reason: StopReason): StopReason {
		if (this.#wroteTool && reason === "end_turn") {
			this.#note("stop-reason", "end of turn although tool calls were sent", "reported as tool_use");
			return "tool_use";
		}
		if (!this.#wroteTool && reason === "tool_use") {
			this.#note("stop-reason", "tool_use although no tool call was sent", "reported as end_turn");
			return "end_turn";
		}
		return reason;
	}

	/** Opens the block for a text, which may be empty or has to wait for the end of a call. */
	#opens(kind: "text" | "thinking", text: string): boolean {
		if (text === "") return false;
		if (this.#open?.kind === "tool") this.#keepLate(kind, text);
		else this.#openBlock(kind);
		return this.#open?.kind === kind;
	}

	#openBlock(kind: "text" | "thinking"): void {
		if (this.#open?.kind === kind) return;
		this.#close();
		this.#blocks.open(kind === "text" ? { type: "text", text: "" } : { type: "thinking", thinking: "", signature: "" });
		this.#open = { kind };
	}

	#openTool(call: ToolCall): void {
		this.#close();
		call.state = "open";
		this.#wroteTool = true;
		this.#blocks.open({ type: "tool_use", id: this.#uniqueId(call.id), name: call.name, input: {} });
		this.#open = { kind: "tool", call };
		this.#flushFragments(call);
	}

	#flushFragments(call: ToolCall): void {
		for (const partial_json of call.pending) this.#blocks.delta({ type: "input_json_delta", partial_json });
		call.pending.length = 0;
	}

	#close(): void {
		if (this.#open?.kind === "tool") this.#open.call.state = "closed";
		this.#blocks.close();
		this.#open = undefined;
	}

	#writeWaitingCalls(): void {
		for (const call of this.#calls.values()) {
			if (call.state !== "waiting") continue;
			if (call.name === "") {
				this.#note("tool-call-without-name", excerpt(call.pending.join("")), "shown as text");
				this.#keepLate("text", call.pending.join(""));
				continue;
			}
			if (call.id === "") {
				call.id = this.#options.mintId("toolu_");
				this.#note("tool-call-without-id", call.name, `given the id ${call.id}`, { toolCalls: [call.id] });
			}
			this.#openTool(call);
			this.#close();
		}
	}

	#keepLate(kind: "text" | "thinking" | "signature", text: string): void {
		const last = kind === "signature" ? undefined : this.#late.at(-1);
		if (last?.kind === kind) last.text += text;
		else this.#late.push({ kind, text });
	}

	#writeLate(): void {
		for (const { kind, text } of this.#late.splice(0)) {
			if (kind === "signature") this.signature(text);
			// A line break after the last call comes from the chat template and is not an answer.
			else if (text.trim() === "") this.#note(`${kind}-after-tool-call`, JSON.stringify(text), "white space dropped");
			else {
				this.#note(`${kind}-after-tool-call`, excerpt(text), `written as a ${kind} block after the calls`);
				if (kind === "text") this.text(text);
				else this.thinking(text);
			}
		}
	}

	#newCall(key: string | number): ToolCall {
		const call = newToolCall();
		this.#calls.set(key, call);
		return call;
	}

	#uniqueId(id: string): string {
		const isFree = !this.#options.usedIds.has(id) && !this.#issuedIds.has(id);
		const own = isFree ? id : this.#options.mintId("toolu_");
		this.#issuedIds.add(own);
		if (!isFree) this.#note("repeated-tool-call-id", id, `given the id ${own}`, { toolCalls: [id, own] });
		return own;
	}

	#note(kind: string, seen: string, done: string, data?: DivergenceData): void {
		this.#options.note({ kind, where: "response", seen, done, ...(data && { data }) });
	}
}
