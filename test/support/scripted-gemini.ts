import type { ServerResponse } from "node:http";
import type { Content } from "../../src/dialects/gemini/wire.ts";
import { geminiViolations } from "./invariants.ts";
import type { ChatMessage, ChatRequest, ScriptedReply } from "./scripted-provider.ts";
import { chatTool } from "./scripted-responses.ts";

type Body = Record<string, unknown>;

/** What Gemini would refuse, and calls whose thought signature did not come back, or came back with another call. */
export function geminiViolationsOf(body: Body): string[] {
	const found = geminiViolations(body);
	let last = 0;
	for (const [index, { parts }] of (body["contents"] as Content[]).entries()) {
		for (const part of parts) {
			if (!("functionCall" in part)) continue;
			const [, name, number] = /^signed\+\/(\w+)\/(\d+)==$/.exec(part.thoughtSignature ?? "") ?? [];
			const isOwn = name === part.functionCall.name && Number(number) > last;
			if (!isOwn)
				found.push(`contents[${index}]: ${part.functionCall.name} has the signature ${part.thoughtSignature}`);
			last = Number(number);
		}
	}
	return found;
}

/** The request as a chat request, for scripts that read it as one. */
export function chatOfGemini(body: Body, model: string): ChatRequest {
	const messages = (body["contents"] as Content[]).flatMap(({ role, parts }): ChatMessage[] => {
		if (role === "user")
			return parts.map((part) =>
				"functionResponse" in part
					? { role: "tool", content: JSON.stringify(part.functionResponse.response) }
					: { role: "user", content: "text" in part ? part.text : JSON.stringify(part) },
			);
		const tool_calls = parts.flatMap((part) =>
			"functionCall" in part
				? [
						{
							id: "",
							type: "function" as const,
							function: { name: part.functionCall.name, arguments: JSON.stringify(part.functionCall.args) },
						},
					]
				: [],
		);
		return [{ role: "assistant", ...(tool_calls.length > 0 && { tool_calls }) }];
	});
	const tools = (body["tools"] ?? []) as { functionDeclarations?: { name: string }[] }[];
	return { ...body, model, messages, tools: tools.flatMap((tool) => tool.functionDeclarations ?? []).map(chatTool) };
}

/** Streams a reply as Gemini does. */
export function sendGemini(response: ServerResponse, reply: ScriptedReply, number: number): void {
	response.writeHead(200, { "content-type": "text/event-stream" });
	const responseId = `response-${String(number).padStart(16, "0")}`;
	const chunk = (parts: object[], more: object = {}, fields: object = {}): void => {
		const candidates = [{ index: 0, content: { role: "model", parts }, ...more }];
		response.write(`data: ${JSON.stringify({ candidates, responseId, ...fields })}\r\n\r\n`);
	};
	if (reply.reasoning) chunk([{ text: reply.reasoning, thought: true }]);
	for (const text of reply.text?.match(/\S+\s*/g) ?? []) chunk([{ text }]);
	for (const [index, { name, arguments: args }] of (reply.toolCalls ?? []).entries())
		chunk([{ functionCall: { name, args }, thoughtSignature: `signed+/${name}/${number * 10 + index}==` }]);
	const usageMetadata = { promptTokenCount: 50, candidatesTokenCount: 6, thoughtsTokenCount: 4, totalTokenCount: 60 };
	chunk([{ text: "" }], { finishReason: "STOP" }, { usageMetadata });
	response.end();
}
