import type { BlockDelta, MessageEvent } from "./events.ts";
import type { ContentBlock, Message } from "./messages.ts";

/** A whole Message as the events of a stream: the way a JSON reply enters the line. */
export function* replay(message: Message): Generator<MessageEvent> {
	yield { type: "message_start", message: { ...message, content: [], stop_reason: null, stop_sequence: null } };
	for (const [index, block] of message.content.entries()) {
		const [content_block, ...deltas] = split(block);
		yield { type: "content_block_start", index, content_block };
		for (const delta of deltas) yield { type: "content_block_delta", index, delta };
		yield { type: "content_block_stop", index };
	}
	const { stop_reason, stop_sequence, usage } = message;
	yield { type: "message_delta", delta: { stop_reason, stop_sequence }, usage };
	yield { type: "message_stop" };
}

/** The block as it stands in content_block_start, and the deltas that fill it. Unknown blocks start whole. */
function split(block: ContentBlock): [ContentBlock, ...BlockDelta[]] {
	switch (block.type) {
		case "text": {
			const text = block.text ?? "";
			const citations = block.citations ?? [];
			return [
				{ ...block, text: "", ...(citations.length > 0 && { citations: [] }) },
				...citations.map((citation): BlockDelta => ({ type: "citations_delta", citation })),
				...(text === "" ? [] : [{ type: "text_delta", text } as const]),
			];
		}
		case "thinking": {
			const thinking = block.thinking ?? "";
			const signature = block.signature ?? "";
			return [
				{ type: "thinking", thinking: "", signature: "" },
				...(thinking === "" ? [] : [{ type: "thinking_delta", thinking } as const]),
				...(signature === "" ? [] : [{ type: "signature_delta", signature } as const]),
			];
		}
		case "tool_use":
		case "server_tool_use": {
			const partial_json = JSON.stringify(block.input ?? {});
			return [
				{ ...block, input: {} },
				...(partial_json === "{}" ? [] : [{ type: "input_json_delta", partial_json } as const]),
			];
		}
		default:
			return [block];
	}
}
