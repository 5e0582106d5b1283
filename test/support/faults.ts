import type { Profile } from "../../src/profile/model/profile.ts";
import type { ResponsibleParty } from "../../src/protocol/divergence.ts";
import { type Behaviour, chatChunk } from "./fault-server.ts";

/** One fault in a session of otherwise healthy exchanges, and what `cc-any trace explain` has to say of it. */
export interface Fault {
	about: string;
	/** What the provider does with the requests of the faulty exchange, in their order; the last one repeats. */
	replies: readonly Behaviour[];
	/** How Claude Code's request differs from that of a healthy exchange. */
	ask?: (request: Request) => object;
	profile?: Partial<Profile>;
	/** The faulty exchange; default: the sixth. */
	turn?: number;
	/** Where the profile's endpoint is, in place of the scripted provider; `self-signed`: the one with TLS. */
	baseUrl?: string;
	/** Claude Code closes the connection after this time. */
	cancelAfterMs?: number;
	kind: string;
	verdict: ResponsibleParty;
	next: RegExp;
}

export interface Request {
	system: object[];
	messages: { role: string; content: unknown }[];
	tools: object[];
	[field: string]: unknown;
}

const schema = (properties: object, required: string[] = []) => ({ type: "object", properties, required });
export const BASH = {
	name: "Bash",
	description: "runs a command",
	input_schema: schema({ command: { type: "string" } }, ["command"]),
};
const WEB_FETCH = { name: "WebFetch", description: "reads a page", input_schema: schema({ url: { type: "string" } }) };

export const MODEL = "test-model";
const usage = (counts: object = {}) =>
	`data: ${JSON.stringify({ model: MODEL, choices: [], usage: { prompt_tokens: 900, completion_tokens: 30, prompt_tokens_details: { cached_tokens: 512 }, ...counts } })}\n\n`;
const DONE = "data: [DONE]\n\n";

/** A chunk that names a model, as providers do. */
const chunk = (delta: object, model = MODEL) => chatChunk(delta).replace('{"id"', `{"model":"${model}","id"`);
const call = (name: string, input: object | string, id = "call_fault_0001") => ({
	tool_calls: [
		{
			index: 0,
			id,
			type: "function",
			function: { name, arguments: typeof input === "string" ? input : JSON.stringify(input) },
		},
	],
});

interface Reply {
	finish?: string | null;
	model?: string;
	usage?: string;
	pause?: number;
	after?: "end" | "hang" | "reset";
}

/** A whole reply of a chat completion. */
export function chat(deltas: readonly object[], reply: Reply = {}): Behaviour {
	const { finish = "stop", model = MODEL, usage: counts = usage(), pause = 0, after = "end" } = reply;
	const end = finish === null ? [] : [chatChunk({}, finish)];
	return { stream: [...deltas.map((delta) => chunk(delta, model)), ...end, counts, DONE], pause, after };
}

const text = (content: string) => ({ content });
const fine = chat([text("It is "), text("done.")]);
const long = "All of the tests pass now, and the build is clean. ".repeat(12);
const status = (code: number, message: string, more: object = {}, headers: Record<string, string> = {}): Behaviour => ({
	status: code,
	body: JSON.stringify({ error: { message, ...more } }),
	headers,
});
const page = (code: number, title: string): Behaviour => ({
	status: code,
	body: `<!DOCTYPE html><html><head><title>${title}</title></head><body>${title}</body></html>`,
	headers: { "content-type": "text/html", server: "squid/6.6" },
});

const add = (request: Request, ...messages: Request["messages"]) => ({
	...request,
	messages: [...request.messages.slice(0, -1), user("run it"), ...messages, ...request.messages.slice(-1)],
});
const calls = (...ids: string[]) => ({
	role: "assistant",
	content: ids.map((id) => ({ type: "tool_use", id, name: "Bash", input: { command: "npm test" } })),
});
const results = (...ids: string[]) => ({
	role: "user",
	content: ids.map((id) => ({ type: "tool_result", tool_use_id: id, content: "1 failed" })),
});
const user = (content: string) => ({ role: "user", content });
const said = (content: string) => ({ role: "assistant", content });

const trace = /^cc-any trace show /;
const doctor = /^cc-any doctor test$/;
const check = /^cc-any check test/;
const keys = /^cc-any keys test test$/;
const models = /^cc-any models test/;

/** A turn that repeats one call with one result. */
const repeated = Array.from({ length: 3 }, (_, index) => [calls(`toolu_l${index}`), results(`toolu_l${index}`)]).flat();

export const FAULTS: readonly Fault[] = [
	// --- the model
	{
		about: "a call of a tool that was never offered",
		replies: [chat([call("SearchWeb", { query: "x" })], { finish: "tool_calls" })],
		kind: "tool-not-offered",
		verdict: "model",
		next: check,
	},
	{
		about: "a call without a required parameter",
		replies: [chat([call("Bash", { description: "tests" })], { finish: "tool_calls" })],
		kind: "missing-parameter",
		verdict: "model",
		next: check,
	},
	{
		about: "a tool call written into the text",
		replies: [chat([text('<tool_call>{"name":"Bash","arguments":{"command":"ls"}}</tool_call>')])],
		kind: "leaked-tool-call",
		verdict: "model",
		next: check,
	},
	{
		about: "reasoning in the text, in tags",
		replies: [chat([text("<think>The user wants a list.</think>Here it is.")])],
		kind: "think-tag",
		verdict: "model",
		next: check,
	},
	{
		about: "a token of the chat template in the text",
		replies: [chat([text("It is done.<|im_end|>")])],
		kind: "control-token",
		verdict: "model",
		next: check,
	},
	{
		about: "a tool input that is damaged JSON",
		replies: [chat([call("Bash", '{"command":"ls",}')], { finish: "tool_calls" })],
		kind: "tool-input",
		verdict: "model",
		next: check,
	},
	{
		about: "a turn without a word",
		replies: [chat([{}])],
		kind: "failure empty-turn",
		verdict: "model",
		next: check,
	},
	{
		about: "the same call with the same result, over and over",
		replies: [fine],
		ask: (request) => ({ ...request, messages: [...request.messages, ...repeated] }),
		kind: "repeated-call",
		verdict: "model",
		next: check,
	},
	// --- the provider
	{
		about: "a stop sequence is ignored",
		replies: [chat([text("one "), text("END two")])],
		ask: (request) => ({ ...request, stop_sequences: ["END"] }),
		kind: "ignored-stop-sequence",
		verdict: "provider",
		next: /--only stop-sequence$/,
	},
	{
		about: "another model answers, from this exchange on",
		replies: [chat([text("It is done.")], { model: "test-model-mini" })],
		kind: "model-changed",
		verdict: "provider",
		next: models,
	},
	{
		about: "the output limit is reached, and the reply says that it is complete",
		replies: [chat([text("It is")], { usage: usage({ completion_tokens: 8192 }) })],
		kind: "output-limit",
		verdict: "provider",
		next: /--only max-tokens$/,
	},
	{
		about: "the reply ends without a finish reason",
		replies: [chat([text("It is do")], { finish: null })],
		kind: "missing-finish-reason",
		verdict: "provider",
		next: check,
	},
	{
		about: "a finish reason that is not documented",
		replies: [chat([text("It is done.")], { finish: "because" })],
		kind: "finish-reason",
		verdict: "provider",
		next: check,
	},
	{
		about: "the finish reason says that the turn is over, after a call",
		replies: [chat([call("Bash", { command: "ls" })], { finish: "stop" })],
		kind: "stop-reason",
		verdict: "provider",
		next: check,
	},
	{
		about: "no usage",
		replies: [chat([text("It is done.")], { usage: "" })],
		kind: "missing-usage",
		verdict: "provider",
		next: /--only usage$/,
	},
	{
		about: "negative token counts",
		replies: [chat([text("It is done.")], { usage: usage({ prompt_tokens: -1 }) })],
		kind: "impossible-usage",
		verdict: "provider",
		next: /--only usage$/,
	},
	{
		about: "more cached tokens than the prompt has",
		replies: [chat([text("It is done.")], { usage: usage({ prompt_tokens_details: { cached_tokens: 5000 } }) })],
		kind: "impossible-usage",
		verdict: "provider",
		next: /--only usage$/,
	},
	{
		about: "two calls of a reply have one id",
		replies: [
			chat(
				[
					call("Bash", { command: "ls" }),
					{ tool_calls: [{ ...call("Bash", { command: "pwd" }).tool_calls[0], index: 1 }] },
				],
				{ finish: "tool_calls" },
			),
		],
		kind: "repeated-tool-call-id",
		verdict: "provider",
		next: check,
	},
	{
		about: "the id of a call repeats one of an earlier turn",
		replies: [chat([call("Bash", { command: "ls" }, "toolu_early_01")], { finish: "tool_calls" })],
		ask: (request) => add(request, calls("toolu_early_01"), results("toolu_early_01"), said("ok")),
		kind: "repeated-tool-call-id",
		verdict: "provider",
		next: check,
	},
	{
		about: "a call without an id",
		replies: [chat([call("Bash", { command: "ls" }, "")], { finish: "tool_calls" })],
		kind: "tool-call-without-id",
		verdict: "provider",
		next: check,
	},
	{
		about: "the reply is in another wire format",
		replies: [
			{
				stream: [
					{
						type: "message_start",
						message: {
							id: "msg_1",
							type: "message",
							role: "assistant",
							model: MODEL,
							content: [],
							usage: { input_tokens: 9, output_tokens: 1 },
						},
					},
					{ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
					{ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "It is done." } },
					{ type: "content_block_stop", index: 0 },
					{ type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 4 } },
					{ type: "message_stop" },
				].map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`),
			},
		],
		kind: "other-wire",
		verdict: "provider",
		next: check,
	},
	{
		about: "a slow first token",
		replies: [
			{ stream: [": wait\n\n", chunk(text("It is done.")) + chatChunk({}, "stop") + usage() + DONE], pause: 2700 },
		],
		kind: "slow-first-token",
		verdict: "provider",
		next: /--only first-token$/,
	},
	{
		about: "a long text in one piece",
		replies: [{ stream: [": wait\n\n", chunk(text(long)) + chatChunk({}, "stop") + usage() + DONE], pause: 1200 }],
		kind: "lump",
		verdict: "provider",
		next: /--only streaming$/,
	},
	{
		about: "a long pause in the stream",
		replies: [
			{ stream: [chunk(text("It is")), chunk(text(" done.")) + chatChunk({}, "stop") + usage() + DONE], pause: 2700 },
		],
		kind: "stall",
		verdict: "provider",
		next: check,
	},
	{
		about: "no answer within the patience of the profile",
		replies: [{ before: "hang" }, fine],
		profile: { patience: { firstToken: 1 } },
		kind: "retry",
		verdict: "provider",
		next: /--only streaming,first-token$/,
	},
	{
		about: "no answer until the user gives up",
		replies: [{ before: "hang" }],
		cancelAfterMs: 2800,
		kind: "no-answer",
		verdict: "provider",
		next: doctor,
	},
	{
		about: "a server error that passes",
		replies: [status(500, "Internal server error"), fine],
		kind: "retry",
		verdict: "provider",
		next: doctor,
	},
	{
		about: "an outage",
		replies: [status(503, "The server is overloaded.")],
		kind: "failure overloaded",
		verdict: "provider",
		next: doctor,
	},
	{
		about: "an error inside a stream",
		replies: [{ stream: [chunk(text("It ")), `data: {"error":{"message":"upstream crashed"}}\n\n`] }],
		kind: "failure transient",
		verdict: "provider",
		next: doctor,
	},
	{
		about: "the reply ends early",
		replies: [{ stream: [chunk(text("It is"))] }],
		kind: "failure truncated",
		verdict: "provider",
		next: check,
	},
	{
		about: "a rate limit",
		replies: [status(429, "Rate limit reached for requests"), fine],
		kind: "retry",
		verdict: "provider",
		next: /--only requests-at-once$/,
	},
	{
		about: "a rate limit disguised as an outage",
		replies: [status(503, "Rate limit exceeded: too many requests per minute"), fine],
		kind: "retry",
		verdict: "provider",
		next: /--only requests-at-once$/,
	},
	{
		about: "a plan that is used up",
		replies: [status(429, "You exceeded your current quota, please check your plan", { code: "insufficient_quota" })],
		kind: "failure quota",
		verdict: "provider",
		next: /^cc-any usage/,
	},
	{
		about: "an account without money",
		replies: [status(402, "Insufficient Balance")],
		kind: "failure balance",
		verdict: "provider",
		next: /^cc-any usage/,
	},
	{
		about: "a prompt that is truncated silently",
		replies: [chat([text("It is done.")], { usage: usage({ prompt_tokens: 2048, prompt_tokens_details: {} }) })],
		ask: (request) => ({
			...request,
			messages: [user("The ship left the harbour. ".repeat(3000)), ...request.messages],
		}),
		kind: "silent-cut",
		verdict: "provider",
		next: check,
	},
	// --- the network
	{
		about: "the connection is dropped before the headers",
		replies: [{ before: "reset" }, fine],
		kind: "retry",
		verdict: "network",
		next: doctor,
	},
	{
		about: "the connection is dropped in the middle of the reply",
		replies: [{ stream: [chunk(text("It is"))], after: "reset", pause: 20 }],
		kind: "failure network",
		verdict: "network",
		next: doctor,
	},
	{
		about: "a page of the company's proxy",
		replies: [page(403, "Access denied by the security policy of your company")],
		kind: "failure intercepted",
		verdict: "network",
		next: doctor,
	},
	{
		about: "a redirect to the login of the network, after healthy answers",
		replies: [{ status: 302, headers: { location: "https://login.example/" } }],
		kind: "failure intercepted",
		verdict: "network",
		next: doctor,
	},
	{
		about: "a login page of the network, after healthy answers",
		replies: [page(200, "Guest network: sign in")],
		kind: "failure intercepted",
		verdict: "network",
		next: doctor,
	},
	{
		about: "no server at the address",
		turn: 1,
		baseUrl: "http://127.0.0.1:9",
		replies: [],
		kind: "failure unreachable",
		verdict: "network",
		next: doctor,
	},
	{
		about: "a certificate that this computer does not know",
		turn: 1,
		baseUrl: "self-signed",
		replies: [],
		kind: "failure untrusted-certificate",
		verdict: "network",
		next: doctor,
	},
	// --- Claude Code, and what the user has set
	{
		about: "a wrong key",
		replies: [status(401, "Incorrect API key provided")],
		kind: "failure auth",
		verdict: "client",
		next: keys,
	},
	{
		about: "a redirect to another address",
		turn: 1,
		replies: [{ status: 302, headers: { location: "https://login.example/" } }],
		kind: "failure wrong-address",
		verdict: "client",
		next: doctor,
	},
	{
		about: "a web page at the base URL",
		turn: 1,
		replies: [page(200, "Example Inc.")],
		kind: "failure wrong-address",
		verdict: "client",
		next: doctor,
	},
	{
		about: "a conversation that does not fit the window",
		replies: [
			status(
				400,
				"This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
				{
					code: "context_length_exceeded",
				},
			),
		],
		kind: "failure context-overflow",
		verdict: "client",
		next: models,
	},
	{
		about: "a call without a result",
		replies: [fine],
		ask: (request) => add(request, calls("toolu_lost_01"), user("go on"), said("ok")),
		kind: "missing-tool-result",
		verdict: "client",
		next: trace,
	},
	{
		about: "a result of a call that was never made",
		replies: [fine],
		ask: (request) => add(request, said("ok"), results("toolu_never_1"), said("ok")),
		kind: "orphan-tool-result",
		verdict: "client",
		next: trace,
	},
	{
		about: "a result with the id of another call",
		replies: [fine],
		ask: (request) => add(request, calls("toolu_a_1", "toolu_b_1"), results("toolu_a_1", "toolu_c_1"), said("ok")),
		kind: "orphan-tool-result",
		verdict: "client",
		next: trace,
	},
	{
		about: "the user cancels",
		replies: [{ stream: [chunk(text("It is"))], after: "hang" }],
		cancelAfterMs: 300,
		kind: "cancelled",
		verdict: "client",
		next: trace,
	},
	{
		about: "the system prompt changed between turns",
		replies: [fine],
		ask: (request) => ({ ...request, system: [{ type: "text", text: "You are a coding agent. It is 2026-11-29." }] }),
		kind: "system-changed",
		verdict: "client",
		next: trace,
	},
	{
		about: "the tools changed between turns",
		replies: [fine],
		ask: (request) => ({ ...request, tools: [...request.tools, WEB_FETCH] }),
		kind: "tools-changed",
		verdict: "client",
		next: trace,
	},
	{
		about: "the model was switched between turns",
		replies: [chat([text("It is done.")], { model: "other-model" })],
		ask: (request) => ({ ...request, model: "other-model" }),
		kind: "model-switched",
		verdict: "client",
		next: trace,
	},
	// --- cc-any and its profiles
	{
		about: "a parameter that the profile should not send",
		replies: [status(400, "Unsupported parameter: 'stream_options'", { param: "stream_options" }), fine],
		kind: "parameter-refused",
		verdict: "cc-any",
		next: doctor,
	},
	{
		about: "an image that the model cannot read, despite its profile",
		replies: [status(400, "This model does not support image input"), fine],
		ask: (request) => ({
			...request,
			messages: [
				...request.messages.slice(0, -1),
				{
					role: "user",
					content: [
						{ type: "image", source: { type: "base64", media_type: "image/png", data: "iVBORw0KGgo=" } },
						{ type: "text", text: "turn 6" },
					],
				},
			],
		}),
		kind: "parameter-refused",
		verdict: "cc-any",
		next: doctor,
	},
	{
		about: "a model that the provider does not have",
		replies: [status(404, "The model `test-model` does not exist", { code: "model_not_found" })],
		kind: "failure model-not-found",
		verdict: "cc-any",
		next: models,
	},
	{
		about: "an answer of the fallback",
		replies: [status(402, "Insufficient Balance"), fine],
		kind: "fallback",
		verdict: "provider",
		next: /^cc-any usage/,
	},
];
