// The least that a translation costs: Messages API to Chat Completions and back with JSON.parse and JSON.stringify. No repairs,
// records, limits or error handling.
// node bench/proxy/translator.mjs UPSTREAM
import { Agent, request as ask, createServer } from "node:http";

const { hostname: host, port } = new URL(process.argv[2]);
const agent = new Agent({ keepAlive: true });
const server = createServer(async (request, response) => {
	const chunks = [];
	for await (const chunk of request) chunks.push(chunk);
	const { model, messages, max_tokens } = JSON.parse(Buffer.concat(chunks).toString());
	const body = Buffer.from(JSON.stringify({ model, messages, max_tokens, stream: true }));
	const headers = { "content-type": "application/json", "content-length": body.length };
	ask({ agent, host, port, method: "POST", path: "/v1/chat/completions", headers }, (reply) => {
		response.writeHead(200, { "content-type": "text/event-stream" });
		let start = startOf(model);
		let text = "";
		reply.setEncoding("utf8");
		reply.on("data", (read) => {
			const frames = (text + read).split("\n\n");
			text = frames.pop();
			const out = start + frames.map(translate).join("");
			start = "";
			if (out !== "") response.write(out);
		});
		reply.on("end", () => response.end());
	}).end(body);
});
server.keepAliveTimeout = 120_000;
server.listen(0, "127.0.0.1", () =>
	console.log(JSON.stringify({ url: `http://127.0.0.1:${server.address().port}`, token: "translator" })),
);

function startOf(model) {
	const usage = { input_tokens: 0, output_tokens: 0 };
	const message = { id: "msg_1", type: "message", role: "assistant", model, content: [], stop_reason: null, usage };
	const content_block = { type: "text", text: "" };
	return event({ type: "message_start", message }) + event({ type: "content_block_start", index: 0, content_block });
}

function translate(frame) {
	const data = frame.slice("data: ".length);
	if (data === "[DONE]") {
		const end = { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 1 } };
		return event({ type: "content_block_stop", index: 0 }) + event(end) + event({ type: "message_stop" });
	}
	const text = JSON.parse(data).choices?.[0]?.delta?.content;
	return text ? event({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } }) : "";
}

function event(value) {
	return `event: ${value.type}\ndata: ${JSON.stringify(value)}\n\n`;
}
