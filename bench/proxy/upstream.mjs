// A fast loopback provider for the benchmark, on all four wires. The model's name chooses the kind of reply.
import { createServer } from "node:http";

/** About five characters each, as tokens of a model are. */
const WORDS = [
	"The ",
	"quick ",
	"brown ",
	"fox ",
	"jumps ",
	"over ",
	"the ",
	"lazy ",
	"dog, ",
	"again ",
	"and ",
	"again.",
];
const shapes = {
	small: { deltas: 20 },
	fast: { deltas: 4000 },
	// Each event in its own HTTP chunk, as providers send them, but as fast as the socket takes them.
	chunked: { deltas: 4000, chunked: true },
	paced: { deltas: 300, pace: 5 },
	// As `paced`, but faster: for the warm-up.
	brisk: { deltas: 300, pace: 1 },
};
const prepared = new Map();
let connections = 0;

const server = createServer((request, response) => {
	if (request.url === "/stats") return response.end(JSON.stringify({ connections }));
	const chunks = [];
	request.on("data", (chunk) => chunks.push(chunk));
	request.on("end", () => {
		const body = Buffer.concat(chunks);
		// Gemini names the model in the path; the others anywhere in the body.
		const head =
			body.toString("latin1", 0, Math.min(body.length, 200)) + body.toString("latin1", Math.max(0, body.length - 200));
		const model = /models\/(\w+):/.exec(request.url)?.[1] ?? /"model":"(\w+)"/.exec(head)?.[1] ?? "small";
		// cc-any records a divergence for a token count that is far too low, which would cost time.
		usage.input_tokens = Math.ceil(body.length / 4);
		reply(response, shapes[model] ?? shapes.small, wireOf(request.url));
	});
});
server.on("connection", () => connections++);
server.keepAliveTimeout = 120_000;
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));

function wireOf(url) {
	if (url.startsWith("/v1/messages")) return messagesWire;
	if (url.startsWith("/v1/responses")) return responsesWire;
	return url.startsWith("/v1beta") ? geminiWire : chatWire;
}

function reply(response, { deltas, pace, chunked }, wire) {
	response.writeHead(200, { "content-type": "text/event-stream" });
	if (chunked) return writeEach(response, whole(deltas, wire));
	if (!pace) return response.end(whole(deltas, wire));
	response.write(wire.head());
	let sent = 0;
	const timer = setInterval(() => {
		response.write(wire.delta(`${performance.timeOrigin + performance.now()} `));
		if (++sent < deltas) return;
		clearInterval(timer);
		response.end(wire.tail());
	}, pace);
}

/** Writes each event by itself, and yields to the event loop after every 100 events. */
function writeEach(response, bytes) {
	const events = bytes.toString().split(/(?<=\n\n)/);
	const next = () => {
		for (const event of events.splice(0, 100)) response.write(event);
		if (events.length > 0) setImmediate(next);
		else response.end();
	};
	next();
}

/** The whole reply of a shape; cached. */
function whole(deltas, wire) {
	const key = `${deltas} ${wire.name} ${usage.input_tokens}`;
	if (!prepared.has(key)) {
		const middle = Array.from({ length: deltas }, (_, index) => wire.delta(WORDS[index % WORDS.length])).join("");
		prepared.set(key, Buffer.from(wire.head() + middle + wire.tail()));
	}
	return prepared.get(key);
}

const event = (data) => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
const usage = { input_tokens: 10, output_tokens: 20 };
const messagesWire = {
	name: "messages",
	head() {
		const rest = {
			type: "message",
			role: "assistant",
			model: "m",
			content: [],
			stop_reason: null,
			stop_sequence: null,
		};
		const start = { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } };
		return event({ type: "message_start", message: { id: "msg_1", ...rest, usage } }) + event(start);
	},
	delta: (text) => event({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } }),
	tail: () =>
		event({ type: "content_block_stop", index: 0 }) +
		event({ type: "message_delta", delta: { stop_reason: "end_turn", stop_sequence: null }, usage }) +
		event({ type: "message_stop" }),
};

const chat = (delta, finish_reason = null) => {
	const choices = [{ index: 0, delta, finish_reason }];
	return `data: ${JSON.stringify({ id: "chatcmpl-0123456789", object: "chat.completion.chunk", model: "m", choices })}\n\n`;
};
const chatWire = {
	name: "chat",
	head: () => chat({ role: "assistant", content: "" }),
	delta: (content) => chat({ content }),
	tail: () =>
		`${chat({}, "stop")}data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: usage.input_tokens, completion_tokens: 20 } })}\n\ndata: [DONE]\n\n`,
};

let sequence = 0;
const item = (type, rest) => event({ type, sequence_number: sequence++, output_index: 0, ...rest });
const output = (text) => ({
	id: "msg_1",
	type: "message",
	role: "assistant",
	content: [{ type: "output_text", text }],
});
const responsesWire = {
	name: "responses",
	head: () =>
		event({
			type: "response.created",
			sequence_number: sequence++,
			response: { id: "resp_1", status: "in_progress" },
		}) +
		item("response.output_item.added", { item: { ...output(""), content: [] } }) +
		item("response.content_part.added", { content_index: 0, part: { type: "output_text", text: "" } }),
	delta: (delta) => item("response.output_text.delta", { item_id: "msg_1", content_index: 0, delta }),
	tail: () =>
		item("response.output_item.done", { item: output("") }) +
		event({
			type: "response.completed",
			sequence_number: sequence++,
			response: { id: "resp_1", status: "completed", output: [], usage },
		}),
};

const candidate = (rest) => `data: ${JSON.stringify({ candidates: [{ index: 0, ...rest }], modelVersion: "m" })}\n\n`;
const parts = (text) => ({ content: { role: "model", parts: [{ text }] } });
const geminiWire = {
	name: "gemini",
	head: () => "",
	delta: (text) => candidate(parts(text)),
	tail: () =>
		`data: ${JSON.stringify({
			candidates: [{ index: 0, ...parts(""), finishReason: "STOP" }],
			usageMetadata: { promptTokenCount: usage.input_tokens, candidatesTokenCount: 20, totalTokenCount: 30 },
		})}\n\n`,
};
