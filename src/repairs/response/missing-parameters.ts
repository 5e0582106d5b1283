import { isObject, type JsonObject, tryParseJson } from "../../platform/json.ts";
import type { BlockStart, MessageEvent } from "../../protocol/events.ts";
import type { MessageParam, Tool, ToolUseBlock } from "../../protocol/messages.ts";
import type { Sink } from "../../protocol/stage.ts";
import { requiredOf } from "../json-schema.ts";
import { callableTools } from "../markup/scanner/markup-grammar.ts";
import type { RepairContext, ResponseRepair } from "../repair.ts";
import { PASSED_ON } from "./tool-input.ts";

/**
 * Records a tool call that lacks a required parameter. With the quirk `askForMissing`, the call and an error go back once,
 * inside the proxy, before any of it was shown; only then, because it sends the whole conversation again. Otherwise Claude
 * Code tells the model with its next request.
 */
export const missingParameters: ResponseRepair = {
	name: "missing-parameters",
	stage: (context) => (next) => new MissingParameters(next, context),
};

interface OpenCall {
	block: ToolUseBlock;
	json: string[];
}

class MissingParameters implements Sink<MessageEvent> {
	readonly #next: Sink<MessageEvent>;
	readonly #context: RepairContext;
	readonly #tools: ReadonlyMap<string, Tool>;
	/** All events up to the end of the first call, as long as nothing was shown and the model could be asked again. */
	#held: MessageEvent[] | undefined;
	#call: OpenCall | undefined;
	/** The request is sent again: the rest of this reply is dropped. */
	#isDiscarded = false;

	constructor(next: Sink<MessageEvent>, context: RepairContext) {
		this.#next = next;
		this.#context = context;
		this.#tools = callableTools(context.request);
		if (context.target.quirks.askForMissing) this.#held = [];
	}

	push(event: MessageEvent): void {
		if (this.#isDiscarded) return;
		if (this.#held) this.#held.push(event);
		else this.#next.push(event);
		if (event.type === "content_block_start") this.#start(event);
		else if (event.type === "content_block_delta" && event.delta.type === "input_json_delta") {
			this.#call?.json.push(event.delta.partial_json);
		} else if (event.type === "content_block_stop" || event.type === "message_delta" || event.type === "error") {
			this.#check();
		}
	}

	end(): void {
		if (this.#isDiscarded) return;
		this.#release();
		this.#next.end();
	}

	#start({ content_block }: BlockStart): void {
		if (content_block.type === "tool_use") this.#call = { block: content_block, json: [] };
		else this.#release();
	}

	#check(): void {
		const incomplete = this.#incompleteCall();
		this.#call = undefined;
		const { isCommitted, onAskAgain } = this.#context;
		const canAsk = this.#held !== undefined && onAskAgain !== undefined && isCommitted?.() === false;
		if (incomplete) this.#note(incomplete, canAsk ? "the model was asked again" : PASSED_ON);
		if (incomplete && canAsk) {
			this.#isDiscarded = true;
			this.#held = undefined;
			onAskAgain({ addedTurns: correction(incomplete) });
		} else this.#release();
	}

	/** The open call with what it lacks; undefined if nothing is missing. */
	#incompleteCall(): IncompleteCall | undefined {
		if (!this.#call) return undefined;
		const { block } = this.#call;
		const json = this.#call.json.join("");
		const input = json === "" ? {} : tryParseJson(json);
		const schema = this.#tools.get(block.name)?.input_schema;
		// An input that is not JSON was most likely cut off, and would be again.
		if (!schema || !isObject(input)) return undefined;
		const missing = requiredOf(schema).filter((key) => !(key in input));
		return missing.length === 0 ? undefined : { block, input, missing };
	}

	#note({ block, missing }: IncompleteCall, done: string): void {
		const seen = `${block.name} lacks ${missing.join(", ")}`;
		const data = { tools: [block.name], toolCalls: [block.id] };
		this.#context.note({ kind: "missing-parameter", where: "response", seen, done, data });
	}

	#release(): void {
		const held = this.#held ?? [];
		this.#held = undefined;
		for (const event of held) this.#next.push(event);
	}
}

interface IncompleteCall {
	block: ToolUseBlock;
	input: JsonObject;
	missing: readonly string[];
}

/** The turns that tell the model what its call lacks. */
function correction({ block, input, missing }: IncompleteCall): MessageParam[] {
	const names = missing.map((key) => `\`${key}\``).join(", ");
	const text = `InputValidationError: the required parameter ${names} of ${block.name} is missing. Send the whole call again.`;
	return [
		{ role: "assistant", content: [{ ...block, input }] },
		{ role: "user", content: [{ type: "tool_result", tool_use_id: block.id, content: text, is_error: true }] },
	];
}
