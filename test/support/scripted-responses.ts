import type { ServerResponse } from "node:http";
import type { InputItem } from "../../src/dialects/openai-responses/wire.ts";
import { responsesViolations } from "./invariants.ts";
import type { ChatMessage, ChatRequest, ScriptedReply } from "./scripted-provider.ts";

type Body = Record<string, unknown>;

/** The encrypted reasoning of the reply with this number: it has to come back in front of that reply's first call. */
const sealed = (number: string | number) => `sealed+/${number}==`;

/** What a strict Responses server would refuse, and reasoning that did not come back. */
export function responsesViolationsOf(body: Body): string[] {
	const input = body["input"] as InputItem[];
	const found = responsesViolations(body);
	for (const [index, item] of input.entries()) {
		const number = item.type === "function_call" ? /^call_(\d+)_0$/.exec(String(item["call_id"]))?.[1] : undefined;
		if (number === undefined) continue;
		const before = input.slice(0, index).findLast(({ type }) => type === "reasoning");
		const seen = (before as Body | undefined)?.["encrypted_content"];
		if (seen !== sealed(number)) found.push(`input[${index}]: its reasoning is ${seen}, not ${sealed(number)}`);
	}
	if (!(body["include"] as string[]).includes("reasoning.encrypted_content")) found.push("no reasoning is asked for");
	return found;
}

/** The request as a chat request, for scripts that read it as one. */
export function chatOfResponses(body: Body): ChatRequest {
	const messages = (body["input"] as InputItem[]).map((item): ChatMessage => {
		if (item.type === "message") return item as ChatMessage;
		if (item.type === "function_call_output") return { role: "tool", content: item["output"] };
		if (item.type !== "function_call") return { role: "assistant" };
		const { call_id, name, arguments: text } = item as { call_id: string; name: string; arguments: string };
		return { role: "assistant", tool_calls: [{ id: call_id, type: "function", function: { name, arguments: text } }] };
	});
	const tools = (body["tools"] ?? []) as { name: string }[];
	return { ...body, model: String(body["model"]), messages, tools: tools.map(chatTool) };
}

export function chatTool({ name }: { name: string }): NonNullable<ChatRequest["tools"]>[number] {
	return { type: "function", function: { name } };
}

/** Streams a reply as the Responses API does. */
export function sendResponse(response: ServerResponse, model: string, reply: ScriptedReply, number: number): void {
	response.writeHead(200, { "content-type": "text/event-stream" });
	let sequence_number = 0;
	const event = (type: string, fields: object): void => {
		const data = JSON.stringify({ type, sequence_number: sequence_number++, ...fields });
		response.write(`event: ${type}\ndata: ${data}\n\n`);
	};
	const id = `resp_${String(number).padStart(24, "0")}`;
	event("response.created", { response: { id, object: "response", status: "in_progress", model, output: [] } });
	const output: object[] = [];
	const item = (added: object, middle: (output_index: number) => void, done: object): void => {
		event("response.output_item.added", { output_index: output.length, item: added });
		middle(output.length);
		event("response.output_item.done", { output_index: output.length, item: done });
		output.push(done);
	};
	const reasoning = {
		id: `rs_${number}`,
		type: "reasoning",
		summary: [] as object[],
		encrypted_content: sealed(number),
	};
	if (reply.reasoning) reasoning.summary.push({ type: "summary_text", text: reply.reasoning });
	if (reply.toolCalls)
		item(
			{ ...reasoning, summary: [] },
			(output_index) => {
				const place = { output_index, item_id: reasoning.id, summary_index: 0 };
				if (reply.reasoning) event("response.reasoning_summary_text.delta", { ...place, delta: reply.reasoning });
			},
			reasoning,
		);
	if (reply.text) {
		const message = { id: `msg_${number}`, type: "message", role: "assistant", status: "completed" };
		item(
			{ ...message, content: [] },
			(output_index) => {
				for (const delta of reply.text?.match(/\S+\s*/g) ?? [])
					event("response.output_text.delta", { output_index, item_id: message.id, content_index: 0, delta });
			},
			{ ...message, content: [{ type: "output_text", text: reply.text, annotations: [] }] },
		);
	}
	for (const [index, call] of (reply.toolCalls ?? []).entries()) {
		const text = typeof call.arguments === "string" ? call.arguments : JSON.stringify(call.arguments);
		const call_id = call.id ?? `call_${number}_${index}`;
		const done = { id: `fc_${number}_${index}`, type: "function_call", call_id, name: call.name, arguments: text };
		item(
			{ ...done, arguments: "" },
			(output_index) => {
				const place = { output_index, item_id: done.id };
				event("response.function_call_arguments.delta", { ...place, delta: text.slice(0, 9) });
				event("response.function_call_arguments.delta", { ...place, delta: text.slice(9) });
				event("response.function_call_arguments.done", { ...place, arguments: text });
			},
			done,
		);
	}
	const usage = { input_tokens: 50, input_tokens_details: { cached_tokens: 20 }, output_tokens: 10, total_tokens: 60 };
	event("response.completed", { response: { id, object: "response", status: "completed", model, output, usage } });
	response.end();
}
