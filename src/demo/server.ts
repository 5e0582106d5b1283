import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { type DemoRequest, type ScriptedReply, scriptedReply } from "./script.ts";

export interface Demo {
	/** Base URL of an OpenAI-style endpoint, `/v1` included. */
	baseUrl: string;
	close(): Promise<void>;
}

export interface DemoOptions {
	/** Folder where the demo file is written; default: the current one. */
	folder?: string;
	/** Time between two words, so that streaming is visible. */
	wordDelayMs?: number;
}

/** Starts the demo model as a real Chat Completions endpoint on loopback. */
export async function startDemo({ folder = process.cwd(), wordDelayMs = 15 }: DemoOptions = {}): Promise<Demo> {
	let replies = 0;
	const server = createServer((request, response) => {
		answer(request, response, { folder, wordDelayMs, number: ++replies }).catch((error: unknown) => {
			response.destroy(error instanceof Error ? error : new Error(String(error)));
		});
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	return {
		baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
		async close() {
			const closed = new Promise((resolve) => server.close(resolve));
			server.closeAllConnections();
			await closed;
		},
	};
}

interface AnswerOptions {
	folder: string;
	wordDelayMs: number;
	number: number;
}

async function answer(request: IncomingMessage, response: ServerResponse, options: AnswerOptions): Promise<void> {
	const chunks: Buffer[] = [];
	for await (const chunk of request) chunks.push(chunk);
	if (request.method !== "POST" || request.url !== "/v1/chat/completions") {
		response.writeHead(404, { "content-type": "application/json" });
		response.end('{"error":{"message":"the demo model serves POST /v1/chat/completions only"}}');
		return;
	}
	const body = Buffer.concat(chunks);
	const chat = JSON.parse(body.toString("utf8")) as DemoRequest;
	const reply = scriptedReply(chat, options.folder);
	const usage = usageOf(body.length, reply);
	if (chat.stream === true) return stream(response, reply, usage, options);
	response.writeHead(200, { "content-type": "application/json" });
	const message = { role: "assistant", content: reply.text, tool_calls: toolCalls(reply, options.number) };
	const choice = { index: 0, message, finish_reason: finishReason(reply) };
	response.end(JSON.stringify({ id: `demo-${options.number}`, model: "demo", choices: [choice], usage }));
}

async function stream(
	response: ServerResponse,
	reply: ScriptedReply,
	usage: object,
	{ wordDelayMs, number }: AnswerOptions,
): Promise<void> {
	response.writeHead(200, { "content-type": "text/event-stream" });
	const send = (fields: object) =>
		response.write(`data: ${JSON.stringify({ id: `demo-${number}`, model: "demo", ...fields })}\n\n`);
	const delta = (fields: object, finish_reason: string | null = null) =>
		send({ choices: [{ index: 0, delta: fields, finish_reason }] });
	for (const word of reply.text.match(/\S+\s*/g) ?? []) {
		delta({ content: word });
		await delay(wordDelayMs);
	}
	for (const [index, call] of toolCalls(reply, number).entries()) delta({ tool_calls: [{ index, ...call }] });
	delta({}, finishReason(reply));
	send({ choices: [], usage });
	response.end("data: [DONE]\n\n");
}

function toolCalls(reply: ScriptedReply, number: number) {
	return reply.toolCalls.map((call, index) => ({
		id: `call_demo_${number}_${index}`,
		type: "function",
		function: { name: call.name, arguments: JSON.stringify(call.arguments) },
	}));
}

function finishReason(reply: ScriptedReply): string {
	return reply.toolCalls.length > 0 ? "tool_calls" : "stop";
}

/** An estimate of four bytes a token: the script has no tokenizer. */
function usageOf(requestBytes: number, reply: ScriptedReply) {
	const prompt_tokens = Math.ceil(requestBytes / 4);
	const completion_tokens = Math.ceil(JSON.stringify(reply).length / 4);
	return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
}
