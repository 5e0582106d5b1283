import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { chatOfGemini, geminiViolationsOf, sendGemini } from "./scripted-gemini.ts";

import { messageViolationsOf, sendMessage } from "./scripted-messages.ts";
import { chatOfResponses, responsesViolationsOf, sendResponse } from "./scripted-responses.ts";

export interface ChatToolCall {
	id: string;
	type: "function";
	function: { name: string; arguments: string };
}

export interface ChatMessage {
	role: "system" | "user" | "assistant" | "tool";
	content?: unknown;
	tool_calls?: ChatToolCall[];
	tool_call_id?: string;
}

export interface ChatRequest {
	model: string;
	messages: ChatMessage[];
	tools?: { type: "function"; function: { name: string; parameters?: unknown } }[];
	stream?: boolean;
	stream_options?: { include_usage?: boolean };
	[field: string]: unknown;
}

/** What the provider answers. */
export interface ScriptedReply {
	text?: string;
	reasoning?: string;
	/** Arguments that are text are sent as they are, so that they can be damaged. */
	toolCalls?: { name: string; arguments: Record<string, unknown> | string; id?: string }[];
	/** Empty: the reply has none. */
	finish?: string;
	/** The model that the reply names; default: the one of the request. */
	model?: string;
	usage?: Record<string, unknown>;
	/** HTTP status of a failure, with `body`. */
	status?: number;
	/** Raw body in the place of all of the above. */
	body?: string;
	/** More headers of a reply that is streamed. */
	headers?: Record<string, string>;
	/** Milliseconds after the reasoning, and between the pieces of the text; 0: the whole reply is one piece. */
	pace?: number;
	/** Closes the connection before any header. */
	drop?: boolean;
	/** Sends the text and then nothing more, until the client goes away. */
	hang?: boolean;
}

export type Script = (request: ChatRequest, number: number) => ScriptedReply | Promise<ScriptedReply>;

export interface RecordedRequest {
	method: string;
	path: string;
	headers: IncomingMessage["headers"];
	body: ChatRequest;
	/** The client closed the connection before the reply was complete. */
	aborted: boolean;
}

/**
 * A provider that speaks Chat Completions over real HTTP and answers by a script. It holds every request to what a
 * strict provider demands; `close` throws where one was not kept.
 */
export class ScriptedProvider {
	readonly requests: RecordedRequest[] = [];
	readonly violations: string[] = [];
	readonly #server: Server;
	readonly #script: Script;
	readonly #key: string;

	private constructor(script: Script, key: string) {
		this.#script = script;
		this.#key = key;
		this.#server = createServer((request, response) => {
			this.#answer(request, response).catch((error: unknown) => {
				this.violations.push(String(error));
				response.destroy();
			});
		});
	}

	static async start(script: Script, key: string): Promise<ScriptedProvider> {
		const provider = new ScriptedProvider(script, key);
		await new Promise<void>((resolve) => provider.#server.listen(0, "127.0.0.1", resolve));
		return provider;
	}

	/** Base URL of the Chat Completions endpoint, and of the Responses endpoint. */
	get baseUrl(): string {
		return `${this.#origin}/v1`;
	}

	/** Base URL of Gemini's own endpoint. */
	get geminiUrl(): string {
		return `${this.#origin}/v1beta`;
	}

	/** Base URL of the Messages endpoint. */
	get anthropicUrl(): string {
		return `${this.#origin}/anthropic`;
	}

	get #origin(): string {
		return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
	}

	async close(): Promise<void> {
		const closed = new Promise((resolve) => this.#server.close(resolve));
		this.#server.closeAllConnections();
		await closed;
		if (this.violations.length > 0) throw new Error(`the provider refuses:\n${this.violations.join("\n")}`);
	}

	async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk as Buffer);
		const bytes = Buffer.concat(chunks);
		const { method = "", url: path = "", headers } = request;
		const wire = method === "POST" ? wireOf(path) : undefined;
		if (!wire) {
			response.writeHead(404).end(`{"error":{"message":"no route ${method} ${path}"}}`);
			return;
		}
		const received = JSON.parse(bytes.toString("utf8")) as Record<string, unknown>;
		const body = wire.chat(received, path);
		const record: RecordedRequest = { method, path, headers, body, aborted: false };
		response.on("close", () => {
			record.aborted = !response.writableFinished;
		});
		this.requests.push(record);
		const number = this.requests.length;
		this.#check(record, number, wire.violations(received));
		const reply = await this.#script(body, number);
		await wire.send(response, body, reply, { number, promptTokens: Math.ceil(bytes.length / 4) });
	}

	#check({ headers }: RecordedRequest, number: number, violations: readonly string[]): void {
		const found = [...violations];
		if (headers.authorization !== `Bearer ${this.#key}`) found.push(`authorization is ${headers.authorization}`);
		if (headers["x-api-key"] !== undefined) found.push("x-api-key is sent along");
		this.violations.push(...found.map((violation) => `request ${number}: ${violation}`));
	}
}

/** One protocol that the provider speaks: how it reads a request, holds it to the rules, and answers. */
interface Wire {
	/** The request as a chat request, which is what scripts read. */
	chat(body: Record<string, unknown>, path: string): ChatRequest;
	violations(body: Record<string, unknown>): string[];
	send(response: ServerResponse, request: ChatRequest, reply: ScriptedReply, numbers: Numbers): void | Promise<void>;
}

const asItIs = (body: Record<string, unknown>) => body as ChatRequest;

const WIRES: readonly (Wire & { path: RegExp })[] = [
	{ path: /^\/v1\/chat\/completions$/, chat: asItIs, violations: (body) => violationsOf(body as ChatRequest), send },
	{
		path: /^\/anthropic\/v1\/messages(\?|$)/,
		chat: asItIs,
		violations: (body) => messageViolationsOf(body as ChatRequest),
		send: (response, request, reply, { number }) => sendMessage(response, request, reply, number),
	},
	{
		path: /^\/v1\/responses$/,
		chat: chatOfResponses,
		violations: responsesViolationsOf,
		send: (response, request, reply, { number }) => sendResponse(response, request.model, reply, number),
	},
	{
		path: /^\/v1beta\/models\/[^/]+:streamGenerateContent\?alt=sse$/,
		chat: (body, path) => chatOfGemini(body, /models\/([^/:]+)/.exec(path)?.[1] ?? ""),
		violations: geminiViolationsOf,
		send: (response, _request, reply, { number }) => sendGemini(response, reply, number),
	},
];

function wireOf(path: string): Wire | undefined {
	return WIRES.find((wire) => wire.path.test(path));
}

/** What a strict provider would refuse about a request's messages and tools. */
export function violationsOf({ messages, tools = [] }: ChatRequest): string[] {
	const found: string[] = [];
	let open = new Set<string>();
	const seen = new Set<string>();
	messages.forEach((message, index) => {
		const place = `messages[${index}]`;
		if (message.role === "tool") {
			const id = message.tool_call_id ?? "";
			if (!open.delete(id)) found.push(`${place}: the result ${id} has no call directly before it`);
			return;
		}
		if (open.size > 0) found.push(`${place}: calls without result before it: ${[...open].join(", ")}`);
		const calls = message.tool_calls ?? [];
		open = new Set(calls.map((call) => call.id));
		for (const call of calls) found.push(...callViolations(call, place, seen));
	});
	if (open.size > 0) found.push(`the last calls have no result: ${[...open].join(", ")}`);
	if (tools.some((tool) => !tool.function.name)) found.push("a tool has no name");
	return found;
}

function callViolations(call: ChatToolCall, place: string, seen: Set<string>): string[] {
	const found: string[] = [];
	if (!call.function.name) found.push(`${place}: a call has no name`);
	if (!call.id) found.push(`${place}: a call has no id`);
	if (seen.has(call.id)) found.push(`${place}: the id ${call.id} is used twice`);
	seen.add(call.id);
	try {
		JSON.parse(call.function.arguments);
	} catch {
		found.push(`${place}: the arguments of ${call.id} are no JSON`);
	}
	return found;
}

interface Numbers {
	number: number;
	promptTokens: number;
}

async function send(
	response: ServerResponse,
	request: ChatRequest,
	reply: ScriptedReply,
	numbers: Numbers,
): Promise<void> {
	if (reply.drop) {
		response.socket?.resetAndDestroy();
		return;
	}
	if (reply.body !== undefined || reply.status !== undefined) {
		const contentType = reply.body?.startsWith("data:") ? "text/event-stream" : "application/json";
		response.writeHead(reply.status ?? 200, { "content-type": contentType }).end(reply.body ?? "");
		return;
	}
	if (request.stream) {
		await stream(response, request, reply, numbers);
		return;
	}
	response.writeHead(200, { "content-type": "application/json" });
	const message = { role: "assistant", content: reply.text ?? null, tool_calls: callsOf(reply, numbers.number) };
	const choices = [{ index: 0, message, finish_reason: finishOf(reply) }];
	response.end(JSON.stringify({ ...head(request, numbers), choices, usage: usageOf(reply, numbers) }));
}

async function stream(
	response: ServerResponse,
	request: ChatRequest,
	reply: ScriptedReply,
	numbers: Numbers,
): Promise<void> {
	response.writeHead(200, { "content-type": "text/event-stream", ...reply.headers });
	const event = (fields: object): void => {
		const model = reply.model && { model: reply.model };
		response.write(`data: ${JSON.stringify({ ...head(request, numbers), ...model, ...fields })}\n\n`);
	};
	const delta = (fields: object, finish: string | null = null): void =>
		event({ choices: [{ index: 0, delta: fields, finish_reason: finish }] });

	if (reply.pace === 0) response.cork();
	delta({ role: "assistant", content: "" });
	if (reply.reasoning) delta({ reasoning_content: reply.reasoning });
	if (reply.reasoning && reply.pace) await delay(reply.pace);
	for (const piece of reply.text?.match(/\S+\s*/g) ?? []) {
		delta({ content: piece });
		if (reply.pace) await delay(reply.pace);
	}
	if (reply.hang) return; // until the client goes away
	callsOf(reply, numbers.number)?.forEach((call, index) => {
		const { arguments: text, name } = call.function;
		const half = Math.ceil(text.length / 2);
		delta({ tool_calls: [{ index, id: call.id, type: "function", function: { name, arguments: "" } }] });
		delta({ tool_calls: [{ index, function: { arguments: text.slice(0, half) } }] });
		delta({ tool_calls: [{ index, function: { arguments: text.slice(half) } }] });
	});
	if (reply.finish !== "") delta({}, finishOf(reply));
	if (request.stream_options?.include_usage) event({ choices: [], usage: usageOf(reply, numbers) });
	response.end("data: [DONE]\n\n");
}

function head(request: ChatRequest, { number }: Numbers): object {
	return { id: `chatcmpl-${number}`, object: "chat.completion.chunk", created: 1, model: request.model };
}

function callsOf(reply: ScriptedReply, number: number): ChatToolCall[] | undefined {
	return reply.toolCalls?.map((call, index) => {
		const text = typeof call.arguments === "string" ? call.arguments : JSON.stringify(call.arguments);
		const id = call.id ?? `call_${number}_${index}`;
		return { id, type: "function", function: { name: call.name, arguments: text } };
	});
}

function finishOf(reply: ScriptedReply): string {
	return reply.finish ?? (reply.toolCalls?.length ? "tool_calls" : "stop");
}

function usageOf(reply: ScriptedReply, { promptTokens }: Numbers): Record<string, unknown> {
	const completion = Math.ceil(JSON.stringify(reply).length / 4);
	const total = promptTokens + completion;
	return reply.usage ?? { prompt_tokens: promptTokens, completion_tokens: completion, total_tokens: total };
}
