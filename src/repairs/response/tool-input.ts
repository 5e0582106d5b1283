import { type DivergenceData, excerpt } from "../../protocol/divergence.ts";
import type { BlockDeltaEvent, BlockStart, BlockStop, MessageEvent } from "../../protocol/events.ts";
import type { Tool, ToolUseBlock } from "../../protocol/messages.ts";
import type { Sink } from "../../protocol/stage.ts";
import { callableTools, type ToolTable } from "../markup/scanner/markup-grammar.ts";
import type { RepairContext, ResponseRepair } from "../repair.ts";
import { closestTool } from "../tool-input/fit-names.ts";
import { completeInput, type InputRepair, repairInput } from "../tool-input/repair-input.ts";
import { isCutOff } from "./leaked-tool-calls.ts";

/**
 * Corrects the name and the input of tool calls if the intention is clear. The deltas of a call are held until it is
 * complete; a correct call passes with its original events.
 */
export const toolInput: ResponseRepair = {
	name: "tool-input",
	stage: (context) => (next) => new ToolInputs(next, callableTools(context.request), context),
};

/** What Claude Code does with a call that it cannot run. */
export const PASSED_ON = "passed on: Claude Code reports it to the model";

interface Call {
	index: number;
	id: string;
	name: string;
	tool: Tool | undefined;
	deltas: BlockDeltaEvent[];
	json: string[];
}

class ToolInputs implements Sink<MessageEvent> {
	readonly #next: Sink<MessageEvent>;
	readonly #tools: ToolTable;
	readonly #context: RepairContext;
	/** The open call. */
	#call: Call | undefined;
	/** A call that lacks closing brackets, and everything after it: only the end of the reply says if it was cut off. */
	#unclosed:
		| { call: Call; stop: BlockStop; asIs: InputRepair; complete: InputRepair; later: MessageEvent[] }
		| undefined;

	constructor(next: Sink<MessageEvent>, tools: ToolTable, context: RepairContext) {
		this.#next = next;
		this.#tools = tools;
		this.#context = context;
	}

	push(event: MessageEvent): void {
		if (this.#unclosed && (event.type === "message_delta" || event.type === "error")) this.#decide(isCutOff(event));
		if (this.#unclosed && event.type !== "ping") this.#unclosed.later.push(event);
		else if (event.type === "content_block_start" && event.content_block.type === "tool_use") {
			this.#start(event, event.content_block);
		} else if (event.type === "content_block_delta" && this.#call) this.#delta(event);
		else if (event.type === "content_block_stop" && this.#call) this.#stop(event);
		else this.#next.push(event);
	}

	end(): void {
		this.#decide(true);
		this.#next.end();
	}

	/** Writes the calls that waited, and what came after them. */
	#decide(isCut: boolean): void {
		while (this.#unclosed) {
			const { call, stop, asIs, complete, later } = this.#unclosed;
			this.#unclosed = undefined;
			this.#write(call, stop, isCut ? asIs : complete);
			for (const event of later) this.push(event);
		}
	}

	#start(event: BlockStart, block: ToolUseBlock): void {
		const tool = closestTool(block.name, this.#tools);
		this.#call = { index: event.index, id: block.id, name: tool?.name ?? block.name, tool, deltas: [], json: [] };
		const { tools: offered = [] } = this.#context.request;
		if (!tool && !offered.some(({ name }) => name === block.name)) {
			const seen = `${block.name}, none of the ${offered.length} offered tools`;
			this.#note(event.index, "tool-not-offered", seen, PASSED_ON, { tools: [block.name], toolCalls: [block.id] });
		}
		if (!tool || tool.name === block.name) {
			this.#next.push(event);
			return;
		}
		this.#note(event.index, "tool-call-name", block.name, `called ${tool.name}`, {
			tools: [block.name, tool.name],
			toolCalls: [block.id],
		});
		this.#next.push({ ...event, content_block: { ...block, name: tool.name } });
	}

	#delta(event: BlockDeltaEvent): void {
		this.#call?.deltas.push(event);
		if (event.delta.type === "input_json_delta") this.#call?.json.push(event.delta.partial_json);
	}

	#stop(event: BlockStop): void {
		const call = this.#call;
		this.#call = undefined;
		if (!call) return;
		const json = call.json.join("");
		const { repairs } = this.#context.target;
		const repair = repairInput(json, call.tool, repairs);
		const complete = repair.isUnreadable ? completeInput(json, call.tool, repairs) : undefined;
		if (complete) this.#unclosed = { call, stop: event, asIs: repair, complete, later: [] };
		else this.#write(call, event, repair);
	}

	#write({ index, id, name, deltas, json }: Call, stop: BlockStop, { input, findings }: InputRepair): void {
		const seen = `${name} ${excerpt(json.join(""))}`;
		if (input) {
			const delta = { type: "input_json_delta", partial_json: JSON.stringify(input) } as const;
			this.#next.push({ type: "content_block_delta", index, delta });
			this.#note(index, "tool-input", seen, findings.join("; "), { toolCalls: [id] });
		} else {
			for (const delta of deltas) this.#next.push(delta);
			if (findings.length > 0) this.#note(index, "tool-input", seen, `unchanged: ${findings[0]}`, { toolCalls: [id] });
		}
		this.#next.push(stop);
	}

	#note(index: number, kind: string, seen: string, done: string, data: DivergenceData): void {
		this.#context.note({ kind, where: `response.block[${index}]`, seen, done, data });
	}
}
