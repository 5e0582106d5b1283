import { asObject, isObject } from "../../platform/json.ts";
import { excerpt } from "../../protocol/divergence.ts";
import type { BlockDeltaEvent, BlockStart, BlockStop, MessageEvent } from "../../protocol/events.ts";
import type { ToolUseBlock } from "../../protocol/messages.ts";
import type { Sink } from "../../protocol/stage.ts";
import { parseDamagedJson } from "../damaged-json.ts";
import { callableTools } from "../markup/scanner/markup-grammar.ts";
import type { RepairContext, ResponseRepair } from "../repair.ts";
import { BlockOutput } from "./block-output.ts";

/**
 * OpenAI's models write parallel calls as one call of a tool that nobody offered, `multi_tool_use.parallel`, with the calls
 * as its input. Source: community.openai.com/t/model-tries-to-call-unknown-function-multi-tool-use-parallel/490653.
 */
const PARALLEL = /^(functions[._])?multi_tool_use[._]parallel$/;

/** Takes the calls out of such a call. One that cannot be read passes as it is. */
export const multiToolUse: ResponseRepair = {
	name: "multi-tool-use",
	stage: (context) => (next) => new MultiToolUse(next, context),
};

class MultiToolUse implements Sink<MessageEvent> {
	readonly #next: Sink<MessageEvent>;
	readonly #context: RepairContext;
	readonly #output: BlockOutput;
	readonly #offered: ReadonlySet<string>;
	/** The open call of parallel calls. */
	#call: { start: BlockStart; block: ToolUseBlock; deltas: BlockDeltaEvent[] } | undefined;

	constructor(next: Sink<MessageEvent>, context: RepairContext) {
		this.#next = next;
		this.#context = context;
		this.#output = new BlockOutput(next);
		this.#offered = new Set(callableTools(context.request).keys());
	}

	push(event: MessageEvent): void {
		switch (event.type) {
			case "content_block_start":
				this.#start(event);
				break;
			case "content_block_delta":
				if (this.#call) this.#call.deltas.push(event);
				else this.#output.add(event);
				break;
			case "content_block_stop":
				this.#stop(event);
				break;
			default:
				this.#next.push(event);
		}
	}

	end(): void {
		this.#next.end();
	}

	#start(event: BlockStart): void {
		const { content_block: block } = event;
		const isParallel = block.type === "tool_use" && PARALLEL.test(block.name) && !this.#offered.has(block.name);
		if (isParallel) this.#call = { start: event, block, deltas: [] };
		else this.#output.start(event);
	}

	#stop(event: BlockStop): void {
		const call = this.#call;
		this.#call = undefined;
		if (!call) {
			this.#output.stop(event);
			return;
		}
		const json = call.deltas.map(({ delta }) => (delta.type === "input_json_delta" ? delta.partial_json : "")).join("");
		const calls = callsIn(json);
		if (!calls) {
			this.#output.start(call.start);
			for (const delta of call.deltas) this.#output.add(delta);
			this.#output.stop(event);
			return;
		}
		const blocks = calls.map(({ name, input }, index) => {
			const id = index === 0 ? call.block.id : this.#context.mintId("toolu_");
			return { block: { type: "tool_use", id, name, input: {} } as const, input };
		});
		const data = { toolCalls: blocks.map(({ block }) => block.id) };
		const done = `${blocks.length} calls taken out of it`;
		const where = `response.block[${event.index}]`;
		this.#context.note({ kind: "multi-tool-use", where, seen: excerpt(json), done, data });
		for (const { block, input } of blocks)
			this.#output.block(block, [{ type: "input_json_delta", partial_json: JSON.stringify(input) }]);
	}
}

/** The calls in the input; undefined if any of them cannot be read. */
function callsIn(json: string): { name: string; input: unknown }[] | undefined {
	const uses = asObject(parseDamagedJson(json))["tool_uses"];
	if (!Array.isArray(uses) || uses.length === 0) return undefined;
	const calls = uses.map(asObject).map((use) => ({
		name: String(use["recipient_name"] ?? use["name"] ?? ""),
		input: use["parameters"] ?? use["arguments"] ?? {},
	}));
	return calls.every(({ name, input }) => name !== "" && (isObject(input) || typeof input === "string"))
		? calls
		: undefined;
}
