import type { BlockDeltaEvent, BlockStart, BlockStop, MessageDelta, MessageEvent } from "../../anthropic/events.ts";
import { excerpt } from "../../divergence.ts";
import type { Sink } from "../../stage.ts";
import { findTool, type MarkupCall, type ToolTable } from "../markup/grammar.ts";
import { markupGrammars } from "../markup/index.ts";
import { type Scanned, TextScanner } from "../markup/scan-text.ts";
import { parseJson } from "../parse-json.ts";
import type { RepairContext, ResponseRepair } from "../repair.ts";

/**
 * Tool calls that a model wrote as text become tool calls. They are written at the end of the reply: a provider that
 * leaks may send the same call in its proper form too, and then the text is only stripped.
 */
export const leakedToolCalls: ResponseRepair = {
	name: "leaked-tool-calls",
	stage: (context) => (next) => {
		const offered = (context.request.tools ?? []).filter((tool) => tool.input_schema !== undefined);
		const tools: ToolTable = new Map(offered.map((tool) => [tool.name, tool]));
		return tools.size === 0 ? next : new LeakedCalls(next, tools, context);
	},
};

interface RecoveredCall extends MarkupCall {
	grammar: string;
	markup: string;
}

class LeakedCalls implements Sink<MessageEvent> {
	readonly #next: Sink<MessageEvent>;
	readonly #tools: ToolTable;
	readonly #context: RepairContext;
	readonly #recovered: RecoveredCall[] = [];
	/** Structured calls of the reply: name and input, to tell a duplicate. */
	readonly #structured: { name: string; json: string }[] = [];
	#scanner: TextScanner | undefined;
	/** Text blocks begin with their first text: one that held only a call is not written at all. */
	#pendingStart: BlockStart | undefined;
	#openType = "";
	#outIndex = -1;
	#wroteText = false;
	#thinking = "";

	constructor(next: Sink<MessageEvent>, tools: ToolTable, context: RepairContext) {
		this.#next = next;
		this.#tools = tools;
		this.#context = context;
	}

	push(event: MessageEvent): void {
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
		this.#openType = event.content_block.type;
		if (this.#openType === "text") {
			this.#pendingStart = event;
			this.#scanner = new TextScanner(markupGrammars, this.#tools);
			const { text } = event.content_block as { text: string };
			if (text !== "") this.#emit(this.#scanner.push(text));
			return;
		}
		if (this.#openType === "tool_use") {
			const { name } = event.content_block as { name: string };
			this.#structured.push({ name, json: "" });
		}
		this.#pass(event, true);
	}

	#blockDelta(event: BlockDeltaEvent): void {
		const { delta } = event;
		if (delta.type === "text_delta" && this.#scanner) {
			const scanned = this.#scanner.push(delta.text);
			const only = scanned.length === 1 ? scanned[0] : undefined;
			// The clean case: the event leaves as it came.
			if (only && "text" in only && only.text === delta.text) this.#passText(event);
			else this.#emit(scanned);
			return;
		}
		if (delta.type === "input_json_delta") {
			const call = this.#structured.at(-1);
			if (call) call.json += delta.partial_json;
		} else if (delta.type === "thinking_delta") {
			this.#thinking += delta.thinking;
		}
		this.#pass(event, false);
	}

	#blockStop(event: BlockStop): void {
		if (this.#openType === "text" && this.#scanner) {
			const before = this.#recovered.length;
			this.#emit(this.#scanner.end());
			this.#scanner = undefined;
			const start = this.#pendingStart;
			this.#pendingStart = undefined;
			if (start && (before > 0 || this.#recovered.length > 0)) return;
			if (start) this.#pass(start, true);
		}
		this.#pass(event, false);
	}

	#messageDelta(event: MessageDelta): void {
		if (!this.#wroteText && this.#structured.length === 0 && this.#recovered.length === 0) this.#scanThinking();
		const wanted = this.#recovered.filter((call) => !this.#isDuplicate(call));
		for (const call of wanted) this.#writeCall(call);
		if (wanted.length > 0 && event.delta.stop_reason !== "tool_use") {
			this.#next.push({ ...event, delta: { ...event.delta, stop_reason: "tool_use", stop_sequence: null } });
			return;
		}
		this.#next.push(event);
	}

	/** The last resort: a turn with neither text nor a call may hold its call in the reasoning. */
	#scanThinking(): void {
		const scanner = new TextScanner(markupGrammars, this.#tools);
		for (const item of [...scanner.push(this.#thinking), ...scanner.end()]) {
			if ("call" in item) this.#recovered.push({ ...item.call, grammar: item.grammar, markup: item.markup });
		}
	}

	#isDuplicate(call: RecoveredCall): boolean {
		const name = findTool(call.name, this.#tools)?.name;
		const same = this.#structured.some((other) => other.name === name && sameJson(other.json, call.json));
		if (same) this.#note(call, "the same call came in its proper form: the text was stripped");
		return same;
	}

	#writeCall(call: RecoveredCall): void {
		const name = findTool(call.name, this.#tools)?.name ?? call.name;
		const id = this.#context.mintId("toolu_");
		const index = ++this.#outIndex;
		this.#next.push({ type: "content_block_start", index, content_block: { type: "tool_use", id, name, input: {} } });
		if (call.json !== "{}") {
			const delta = { type: "input_json_delta", partial_json: call.json } as const;
			this.#next.push({ type: "content_block_delta", index, delta });
		}
		this.#next.push({ type: "content_block_stop", index });
		this.#note(call, `made the tool call ${id}`);
	}

	#emit(scanned: readonly Scanned[]): void {
		for (const item of scanned) {
			if ("call" in item) {
				this.#recovered.push({ ...item.call, grammar: item.grammar, markup: item.markup });
			} else {
				this.#passText({
					type: "content_block_delta",
					index: 0,
					delta: { type: "text_delta", text: item.text },
				});
			}
		}
	}

	#passText(event: BlockDeltaEvent): void {
		if (event.delta.type === "text_delta" && event.delta.text.trim() !== "") this.#wroteText = true;
		if (this.#pendingStart) {
			this.#pass(this.#pendingStart, true);
			this.#pendingStart = undefined;
		}
		this.#pass(event, false);
	}

	/** Passes a block event with the index it has in what is written; unchanged when that is its own. */
	#pass(event: BlockStart | BlockDeltaEvent | BlockStop, starts: boolean): void {
		if (starts) this.#outIndex++;
		this.#next.push(event.index === this.#outIndex ? event : { ...event, index: this.#outIndex });
	}

	#note(call: RecoveredCall, done: string): void {
		const seen = `${call.grammar}: ${excerpt(call.markup)}`;
		this.#context.note({ kind: "leaked-tool-call", where: "response.text", seen, done });
	}
}

function sameJson(a: string, b: string): boolean {
	const [left, right] = [parseJson(a === "" ? "{}" : a), parseJson(b)];
	return left !== undefined && right !== undefined && canonical(left) === canonical(right);
}

/** JSON with sorted keys: two inputs are the same when these are. */
function canonical(value: unknown): string {
	return JSON.stringify(value, (_key, part) =>
		typeof part === "object" && part !== null && !Array.isArray(part)
			? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
			: part,
	);
}
