import { tryParseJson } from "../../platform/json.ts";
import { type DivergenceData, excerpt } from "../../protocol/divergence.ts";
import {
	type BlockDeltaEvent,
	type BlockStart,
	type BlockStop,
	type MessageDelta,
	type MessageEvent,
	singleEvents,
} from "../../protocol/events.ts";
import type { Sink } from "../../protocol/stage.ts";
import { grammarTable } from "../markup/index.ts";
import { callableTools, type MarkupCall, type ToolTable } from "../markup/scanner/markup-grammar.ts";
import { type Scanned, TextScanner } from "../markup/scanner/scan-text.ts";
import type { RepairContext, ResponseRepair } from "../repair.ts";
import { BlockOutput } from "./block-output.ts";
import { eventText, TextQueue } from "./text-queue.ts";

/**
 * Turns tool calls that a model wrote as text into tool calls. They are written at the end of the reply, because the
 * provider may also send the same call in its proper form: then the text is only removed.
 */
export const leakedToolCalls: ResponseRepair = {
	name: "leaked-tool-calls",
	stage: (context) => (next) => {
		const tools = callableTools(context.request);
		return tools.size === 0 ? next : new LeakedCalls(next, tools, context);
	},
};

interface RecoveredCall extends MarkupCall {
	grammar: string;
	markup: string;
}

class LeakedCalls implements Sink<MessageEvent> {
	readonly #next: Sink<MessageEvent>;
	readonly #output: BlockOutput;
	readonly #tools: ToolTable;
	readonly #context: RepairContext;
	readonly #recovered: RecoveredCall[] = [];
	/** Calls that came in their proper form, for comparison. */
	readonly #structured: { name: string; json: string }[] = [];
	/** Set while a text block is open. */
	#text:
		| { scanner: TextScanner; queue: TextQueue; blank: BlockDeltaEvent[]; held: number; stop?: BlockStop }
		| undefined;
	#wroteText = false;
	#thinking: string[] = [];

	constructor(next: Sink<MessageEvent>, tools: ToolTable, context: RepairContext) {
		this.#next = next;
		this.#output = new BlockOutput(next);
		this.#tools = tools;
		this.#context = context;
	}

	push(event: MessageEvent): void {
		if (this.#text?.stop && event.type !== "ping") this.#endText(isCutOff(event));
		switch (event.type) {
			case "content_block_start":
				this.#blockStart(event);
				break;
			case "content_block_delta":
				this.#blockDelta(event);
				break;
			case "content_block_stop":
				this.#blockStop(event);
				break;
			case "message_delta":
				this.#messageDelta(event);
				break;
			default:
				this.#next.push(event);
		}
	}

	end(): void {
		this.#next.end();
	}

	#blockStart(event: BlockStart): void {
		if (event.content_block.type === "text") {
			this.#text = { scanner: new TextScanner(grammarTable, this.#tools), queue: new TextQueue(), blank: [], held: 0 };
			this.#output.holdStart(event);
			return;
		}
		if (event.content_block.type === "tool_use") {
			this.#structured.push({ name: event.content_block.name, json: "" });
		}
		this.#output.start(event);
	}

	#blockDelta(event: BlockDeltaEvent): void {
		const { delta } = event;
		if (delta.type === "text_delta" && this.#text) {
			if (this.#text.scanner.skim(delta.text)) {
				this.#writeText(event);
				return;
			}
			for (const single of singleEvents(event)) {
				this.#text.queue.push(single);
				this.#apply(this.#text.scanner.push(eventText(single)));
			}
			return;
		}
		const call = this.#structured.at(-1);
		if (delta.type === "input_json_delta" && call) call.json += delta.partial_json;
		else if (delta.type === "thinking_delta" && !this.#wroteText) this.#thinking.push(delta.thinking);
		this.#output.add(event);
	}

	#blockStop(event: BlockStop): void {
		if (!this.#text) {
			this.#output.stop(event);
			return;
		}
		this.#text.stop = event;
		// Whether an unfinished call counts depends on how the reply ends.
		if (!this.#text.scanner.isWaiting) this.#endText(false);
	}

	#endText(isCut: boolean): void {
		if (!this.#text?.stop) return;
		this.#apply(this.#text.scanner.end(isCut));
		const { blank, stop } = this.#text;
		this.#text = undefined;
		if (this.#output.isHeld && this.#recovered.length > 0) {
			this.#output.leaveOut();
			return;
		}
		if (this.#output.isHeld) for (const event of blank) this.#output.add(event);
		this.#output.stop(stop);
	}

	#apply(scanned: readonly Scanned[]): void {
		for (const item of scanned) {
			if ("text" in item) {
				for (const event of this.#text?.queue.release(item.text) ?? []) this.#writeText(event);
				continue;
			}
			for (const event of this.#text?.queue.drop(item.markup.length) ?? []) this.#writeText(event);
			this.#recover(item);
			if (this.#text) this.#text.held = 1;
		}
	}

	/** White space before the first text and after a call is written only when text follows. */
	#writeText(event: BlockDeltaEvent): void {
		if (!this.#text) return;
		const isBlank = eventText(event).trim() === "";
		if (isBlank && (this.#output.isHeld || this.#text.held > 0)) {
			this.#text.blank.push(event);
			return;
		}
		if (this.#text.blank.length > 0) for (const blank of this.#text.blank.splice(0)) this.#output.add(blank);
		this.#text.held = 0;
		if (!isBlank) this.#wroteText = true;
		this.#output.add(event);
	}

	#recover({ calls, grammar, markup }: Exclude<Scanned, { text: number }>): void {
		this.#recovered.push(...calls.map((call) => ({ ...call, grammar, markup })));
		this.#text?.blank.splice(0);
	}

	#messageDelta(event: MessageDelta): void {
		if (!this.#wroteText && this.#structured.length === 0 && this.#recovered.length === 0)
			this.#scanThinking(isCutOff(event));
		const wanted = this.#recovered.filter((call) => !this.#isDuplicate(call));
		for (const call of wanted) this.#writeCall(call);
		const { stop_reason } = event.delta;
		if (wanted.length === 0 || (stop_reason !== "end_turn" && stop_reason !== "stop_sequence")) this.#next.push(event);
		else this.#next.push({ ...event, delta: { ...event.delta, stop_reason: "tool_use", stop_sequence: null } });
	}

	/** A turn with neither text nor a call may have its call in the reasoning. */
	#scanThinking(isCut: boolean): void {
		const scanner = new TextScanner(grammarTable, this.#tools);
		const scanned = [...scanner.push(this.#thinking.join("")), ...scanner.end(isCut)];
		for (const item of scanned) if ("calls" in item) this.#recover(item);
	}

	#isDuplicate(call: RecoveredCall): boolean {
		const isSame = this.#structured.some(({ name, json }) => name === call.name && sameInput(json, call.json));
		if (isSame) this.#note(call, "the same call came in its proper form: the text was left out");
		return isSame;
	}

	#writeCall(call: RecoveredCall): void {
		const id = this.#context.mintId("toolu_");
		const deltas = call.json === "{}" ? [] : [{ type: "input_json_delta", partial_json: call.json } as const];
		this.#output.block({ type: "tool_use", id, name: call.name, input: {} }, deltas);
		this.#note(call, `made the tool call ${id}`, { toolCalls: [id] });
	}

	#note(call: RecoveredCall, done: string, data?: DivergenceData): void {
		const seen = `${call.grammar}: ${excerpt(call.markup)}`;
		this.#context.note({ kind: "leaked-tool-call", where: "response.text", seen, done, ...(data && { data }) });
	}
}

/** Whether the reply ended early, so that an incomplete call was cut off. */
export function isCutOff(event: MessageEvent): boolean {
	if (event.type === "error") return true;
	if (event.type !== "message_delta") return false;
	const reason = event.delta.stop_reason;
	return reason !== "end_turn" && reason !== "tool_use" && reason !== "stop_sequence";
}

/** Whether two JSON texts are the same input, in any order of the keys, with `5` the same as `"5"`. */
function sameInput(a: string, b: string): boolean {
	const [left, right] = [tryParseJson(a === "" ? "{}" : a), tryParseJson(b === "" ? "{}" : b)];
	return left !== undefined && right !== undefined && canonical(left) === canonical(right);
}

function canonical(value: unknown): string {
	return JSON.stringify(value, (_key, part) => {
		if (typeof part === "number" || typeof part === "boolean") return String(part);
		if (typeof part !== "object" || part === null || Array.isArray(part)) return part;
		return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
	});
}
