import { isObject, tryParseJson } from "../../platform/json.ts";
import type { BlockStart, MessageEvent } from "../../protocol/events.ts";
import type { MessageParam, Tool, ToolUseBlock } from "../../protocol/messages.ts";
import type { Sink } from "../../protocol/stage.ts";
import { requiredOf } from "../json-schema.ts";
import { callableTools } from "../markup/scanner/markup-grammar.ts";
import type { RepairContext, ResponseRepair } from "../repair.ts";

/**
 * Lets the model complete a tool call that lacks a required parameter, before any of it was shown: the call and an error
 * go back once, inside the proxy. Only with the quirk `askForMissing`, because it sends the whole conversation again;
 * otherwise Claude Code tells the model with its next request.
 */
export const missingParameters: ResponseRepair = {
	name: "missing-parameters",
	stage: (context) => (next) => (context.target.quirks.askForMissing ? new MissingParameters(next, context) : next),
};

class MissingParameters implements Sink<MessageEvent> {
	readonly #next: Sink<MessageEvent>;
	readonly #context: RepairContext;
	readonly #tools: ReadonlyMap<string, Tool>;
	/** All events up to the end of the first call, as long as nothing was shown. */
	#held: MessageEvent[] | undefined = [];
	#call: { block: ToolUseBlock; json: string[] } | undefined;
	/** The request is sent again: the rest of this reply is dropped. */
	#isDiscarded = false;

	constructor(next: Sink<MessageEvent>, context: RepairContext) {
		this.#next = next;
		this.#context = context;
		this.#tools = callableTools(context.request);
	}

	push(event: MessageEvent): void {
		if (this.#isDiscarded) return;
		if (!this.#held) {
			this.#next.push(event);
			return;
		}
		this.#held.push(event);
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
		const { isCommitted, onAskAgain } = this.#context;
		const addedTurns = onAskAgain && isCommitted?.() === false ? this.#correction() : undefined;
		if (addedTurns) {
			this.#isDiscarded = true;
			this.#held = undefined;
			onAskAgain?.({ addedTurns });
		} else this.#release();
	}

	/** The turns that tell the model what its call lacks; undefined where nothing is missing. */
	#correction(): MessageParam[] | undefined {
		if (!this.#call) return undefined;
		const { block } = this.#call;
		const json = this.#call.json.join("");
		const input = json === "" ? {} : tryParseJson(json);
		const schema = this.#tools.get(block.name)?.input_schema;
		// An input that is not JSON was most likely cut off, and would be again.
		if (!schema || !isObject(input)) return undefined;
		const missing = requiredOf(schema).filter((key) => !(key in input));
		if (missing.length === 0) return undefined;
		const seen = `${block.name} lacks ${missing.join(", ")}`;
		this.#context.note({ kind: "missing-parameter", where: "response", seen, done: "the model was asked again" });
		const names = missing.map((key) => `\`${key}\``).join(", ");
		const text = `InputValidationError: the required parameter ${names} of ${block.name} is missing. Send the whole call again.`;
		return [
			{ role: "assistant", content: [{ ...block, input }] },
			{ role: "user", content: [{ type: "tool_result", tool_use_id: block.id, content: text, is_error: true }] },
		];
	}

	#release(): void {
		const held = this.#held ?? [];
		this.#held = undefined;
		for (const event of held) this.#next.push(event);
	}
}
