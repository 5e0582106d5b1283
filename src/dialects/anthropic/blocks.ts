import { type DivergenceData, excerpt } from "../../protocol/divergence.ts";
import type { BlockDelta, MessageEvent } from "../../protocol/events.ts";
import type { Sink } from "../../protocol/stage.ts";
import { UpstreamFailure } from "../../upstream/failures/failure.ts";
import type { DecodeContext } from "../dialect.ts";
import { DELTA_TYPE, documentedBlock, documentedDelta, startBlock } from "./block-form.ts";
import { type LooseBlock, type LooseDelta, type LooseEvent, trusted } from "./wire.ts";

interface OpenBlock {
	/** The endpoint's index, and the one written. */
	from: number;
	index: number;
	type: string;
	wholeInput: string | undefined;
}

const EMPTY = {
	text: { type: "text", text: "" },
	thinking: { type: "thinking", thinking: "", signature: "" },
} as const;

/**
 * Brings the blocks of a reply into order: one open at a time, indexes from 0, deltas in a block of their kind, inputs in
 * deltas. Events of other blocks are held back while a tool call is open; an open text or thinking block ends when the
 * next block begins.
 */
export class BlockNormaliser {
	readonly #next: Sink<MessageEvent>;
	readonly #context: DecodeContext;
	readonly #ids: Set<string>;
	#open: OpenBlock | undefined;
	#nextIndex = 0;
	#waiting: LooseEvent[] = [];
	/** The endpoint's indexes of blocks that were closed before the endpoint closed them. */
	readonly #closedEarly = new Set<number>();
	/** The endpoint's indexes of all blocks that began, and inputs of calls that never did. */
	readonly #began = new Set<number>();
	#nameless = "";
	/** A tool call was written. */
	hasToolUse = false;

	constructor(next: Sink<MessageEvent>, context: DecodeContext, usedIds: Set<string>) {
		this.#next = next;
		this.#context = context;
		this.#ids = usedIds;
	}

	/** Any block was written. */
	get hasContent(): boolean {
		return this.#nextIndex > 0;
	}

	read(event: LooseEvent): void {
		const from = typeof event.index === "number" ? event.index : (this.#open?.from ?? this.#nextIndex);
		if (this.#open?.type === "tool_use" && this.#open.from !== from) {
			if (this.#waiting.length === 0)
				this.#note("interleaved-blocks", "a block inside an open tool call", "put after it");
			this.#waiting.push(event);
			return;
		}
		if (event.type === "content_block_start") this.#start(event, from);
		else if (event.type === "content_block_delta") this.#delta(event, from);
		else this.#stop(event, from);
	}

	/** Closes all blocks at the end of the reply. */
	closeAll(): void {
		while (this.#open) {
			this.#note("unclosed-block", `${this.#open.type} block without content_block_stop`, "closed");
			this.#close();
			this.#readWaiting();
		}
		if (this.#nameless === "") return;
		this.#note("tool-call-without-name", excerpt(this.#nameless), "shown as text");
		this.#start({ type: "content_block_start", index: this.#nextIndex, content_block: EMPTY.text }, this.#nextIndex);
		this.#pushDelta({ type: "text_delta", text: this.#nameless });
		this.#close();
	}

	#start(event: LooseEvent, from: number): void {
		if (this.#open) {
			this.#note("unclosed-block", `a block begins while ${this.#open.type} is open`, "closed");
			this.#closedEarly.add(this.#open.from);
			this.#close();
		}
		this.#closedEarly.delete(from);
		this.#began.add(from);
		const given = event.content_block ?? {};
		const started = startBlock(documentedBlock(given));
		if (typeof started.block.type !== "string") throw UpstreamFailure.inReply(JSON.stringify(event));
		const block = started.block.type === "tool_use" ? this.#identify(started.block) : started.block;
		if (block !== given) this.#note("block-start", excerpt(JSON.stringify(given)), "rewritten in the documented form");
		this.#open = { from, index: this.#nextIndex++, type: String(block.type), wholeInput: started.wholeInput };
		if (block.type === "tool_use") this.hasToolUse = true;
		const isSame = block === given && event.index === this.#open.index;
		this.#push(isSame ? event : { ...event, index: this.#open.index, content_block: block });
		for (const delta of started.deltas) this.#pushDelta(delta);
	}

	/** A tool call needs a unique id, and Claude Code's name for the tool. */
	#identify(block: LooseBlock): LooseBlock {
		const { id, name } = block;
		const known = typeof name === "string" ? (this.#context.toolNames.get(name) ?? name) : "";
		const isFree = typeof id === "string" && id !== "" && !this.#ids.has(id);
		const own = isFree ? id : this.#context.mintId("toolu_");
		if (!isFree) this.#note("repeated-tool-call-id", String(id ?? ""), `given the id ${own}`, { toolCalls: [own] });
		this.#ids.add(own);
		return own === id && known === name ? block : { ...block, id: own, name: known };
	}

	#delta(given: LooseEvent, from: number): void {
		const delta = documentedDelta(given.delta);
		if (delta !== given.delta)
			this.#note("delta-form", excerpt(JSON.stringify(given.delta ?? null)), `read as ${delta.type}`);
		const event = delta === given.delta ? given : { ...given, delta };
		const type = blockTypeOf(delta);
		if (!DELTA_TYPE.test(String(delta.type))) {
			this.#note("stray-delta", excerpt(JSON.stringify(delta)), "left out: it is not a known kind of delta");
			return;
		}
		if (this.#closedEarly.has(from) && event.delta?.type === "signature_delta") {
			this.#note("late-signature", "signature of a block that is closed", "left out");
			return;
		}
		if (!this.#open || this.#open.from !== from || (type && !accepts(this.#open.type, type))) {
			if (type === "tool_use" && !this.#began.has(from)) {
				this.#nameless += typeof delta.partial_json === "string" ? delta.partial_json : "";
				return;
			}
			if (type === "tool_use" || type === undefined) {
				this.#note("stray-delta", excerpt(JSON.stringify(event.delta)), "left out: it belongs to no block");
				return;
			}
			this.#note("stray-delta", `${event.delta?.type} outside a ${type} block`, `a ${type} block was begun`);
			this.#start({ type: "content_block_start", content_block: EMPTY[type] }, from);
		}
		if (!this.#open) return;
		const { partial_json } = event.delta ?? {};
		if (partial_json !== undefined && partial_json !== "") this.#open.wholeInput = undefined;
		if (type === "tool_use" && typeof partial_json !== "string") {
			this.#pushDelta({ type: "input_json_delta", partial_json: partial_json ? JSON.stringify(partial_json) : "" });
		} else this.#push(event.index === this.#open.index ? event : { ...event, index: this.#open.index });
	}

	#stop(event: LooseEvent, from: number): void {
		if (this.#open?.from !== from) {
			if (!this.#closedEarly.delete(from)) this.#note("stray-block-stop", `block ${from} is not open`, "left out");
			return;
		}
		this.#close(event);
		this.#readWaiting();
	}

	#close(event?: LooseEvent): void {
		if (!this.#open) return;
		const { index, wholeInput } = this.#open;
		if (wholeInput !== undefined) this.#pushDelta({ type: "input_json_delta", partial_json: wholeInput });
		this.#push(event?.index === index ? event : { type: "content_block_stop", index });
		this.#open = undefined;
	}

	#readWaiting(): void {
		for (const event of this.#waiting.splice(0)) this.read(event);
	}

	#pushDelta(delta: BlockDelta): void {
		if (this.#open) this.#next.push({ type: "content_block_delta", index: this.#open.index, delta });
	}

	#push(event: LooseEvent): void {
		this.#next.push(trusted(event));
	}

	#note(kind: string, seen: string, done: string, data?: DivergenceData): void {
		this.#context.note({
			kind,
			where: `response.block[${this.#open?.index ?? this.#nextIndex}]`,
			seen,
			done,
			...(data && { data }),
		});
	}
}

function accepts(blockType: string, deltaType: "text" | "thinking" | "tool_use"): boolean {
	if (deltaType === "tool_use") return blockType === "tool_use" || blockType === "server_tool_use";
	// An unknown block type may have any deltas.
	return blockType === deltaType || !["text", "thinking", "tool_use", "server_tool_use"].includes(blockType);
}

/** The type of block that a delta belongs to; undefined: any. */
function blockTypeOf(delta: LooseDelta): "text" | "thinking" | "tool_use" | undefined {
	switch (delta.type) {
		case "text_delta":
		case "citations_delta":
			return "text";
		case "thinking_delta":
		case "signature_delta":
			return "thinking";
		case "input_json_delta":
			return "tool_use";
		default:
			return undefined;
	}
}
