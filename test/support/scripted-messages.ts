import type { ServerResponse } from "node:http";
import type { ChatRequest, ScriptedReply } from "./scripted-provider.ts";

interface Block {
	type: string;
	id?: string;
	name?: string;
	tool_use_id?: string;
}

/** What a strict Messages endpoint would refuse: calls and results that do not meet. */
export function messageViolationsOf({ messages, tools = [] }: ChatRequest): string[] {
	const found: string[] = [];
	let open = new Set<string>();
	messages.forEach(({ content }, index) => {
		const blocks = Array.isArray(content) ? (content as Block[]) : [];
		for (const block of blocks.filter(({ type }) => type === "tool_result")) {
			const id = block.tool_use_id ?? "";
			if (!open.delete(id)) found.push(`messages[${index}]: the result ${id} has no call directly before it`);
		}
		if (open.size > 0) found.push(`messages[${index}]: calls without result: ${[...open].join(", ")}`);
		const calls = blocks.filter(({ type }) => type === "tool_use");
		if (calls.some(({ id, name }) => !id || !name)) found.push(`messages[${index}]: a call has no id or no name`);
		open = new Set(calls.map(({ id }) => id ?? ""));
	});
	if (open.size > 0) found.push(`the last calls have no result: ${[...open].join(", ")}`);
	if ((tools as unknown as Block[]).some(({ name }) => !name)) found.push("a tool has no name");
	return found;
}

/** Streams a reply as the Messages API does. */
export function sendMessage(
	response: ServerResponse,
	request: ChatRequest,
	reply: ScriptedReply,
	number: number,
): void {
	response.writeHead(200, { "content-type": "text/event-stream" });
	const event = (type: string, fields: object): void => {
		response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`);
	};
	const usage = { input_tokens: 10, output_tokens: 1 };
	const head = { id: `msg_${number}`, type: "message", role: "assistant", model: request.model, content: [] };
	event("message_start", { message: { ...head, stop_reason: null, stop_sequence: null, usage } });
	let index = 0;
	const block = (content_block: object, deltas: object[]): void => {
		event("content_block_start", { index, content_block });
		for (const delta of deltas) event("content_block_delta", { index, delta });
		event("content_block_stop", { index });
		index++;
	};
	if (reply.reasoning) {
		const thinking = { type: "thinking_delta", thinking: reply.reasoning };
		const signature = { type: "signature_delta", signature: `signed-${number}` };
		block({ type: "thinking", thinking: "", signature: "" }, [thinking, signature]);
	}
	if (reply.text) block({ type: "text", text: "" }, [{ type: "text_delta", text: reply.text }]);
	reply.toolCalls?.forEach((call, position) => {
		const partial_json = typeof call.arguments === "string" ? call.arguments : JSON.stringify(call.arguments);
		const start = { type: "tool_use", id: call.id ?? `toolu_${number}_${position}`, name: call.name, input: {} };
		block(start, [{ type: "input_json_delta", partial_json }]);
	});
	const stop_reason = reply.toolCalls?.length ? "tool_use" : "end_turn";
	event("message_delta", { delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: 5 } });
	event("message_stop", {});
	response.end();
}
