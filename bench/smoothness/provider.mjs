// A provider whose models are the streams, by number.
import { createServer } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

/** The head of a reply comes long before its first text. */
const FIRST_TEXT_MS = 200;

/** Notes each text with its time in `written[model]`. */
export async function startProvider(streams, written) {
	const server = createServer(async (request, response) => {
		let body = "";
		for await (const chunk of request) body += chunk;
		const { model } = JSON.parse(body);
		const wire = request.url.endsWith("/messages") ? messages() : chat();
		response.writeHead(200, { "content-type": "text/event-stream" });
		response.write(wire.start);
		await delay(FIRST_TEXT_MS);
		const began = performance.now();
		for (const [at, chunks] of streams[Number(model)]) {
			await delay(Math.max(0, began + at - performance.now()));
			const isComment = typeof chunks === "string";
			const text = isComment ? "" : chunks.map(({ text, thinking }) => text ?? thinking ?? "").join("");
			if (text) written[model].texts.push([performance.now(), text.length]);
			response.write(isComment ? `${chunks}\n\n` : chunks.map((chunk) => wire.chunk(chunk)).join(""));
		}
		written[model].ended = performance.now();
		response.end(wire.end());
	});
	await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
	return { server, url: `http://127.0.0.1:${server.address().port}` };
}

/** Chat completions. Most providers announce the role at once. */
function chat() {
	const frame = (delta, finish_reason = null, fields = {}) =>
		`data: ${JSON.stringify({ id: "chatcmpl-1", choices: [{ index: 0, delta, finish_reason }], ...fields })}\n\n`;
	const usage = { prompt_tokens: 10, completion_tokens: 100 };
	return {
		start: frame({ role: "assistant", content: "" }),
		chunk: ({ text, thinking }) => frame(text === undefined ? { reasoning_content: thinking } : { content: text }),
		end: () => `${frame({}, "stop", { usage })}data: [DONE]\n\n`,
	};
}

/** The Messages API: a block is open until another kind of content comes. */
function messages() {
	const frame = (type, fields) => `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
	const usage = { input_tokens: 10, output_tokens: 1 };
	const message = { id: "msg_1", type: "message", role: "assistant", model: "m", content: [], usage };
	let index = -1;
	let isOpen = false;
	const stop = () => {
		const text = isOpen ? frame("content_block_stop", { index }) : "";
		isOpen = false;
		return text;
	};
	const start = (content_block) => {
		const text = stop() + frame("content_block_start", { index: ++index, content_block });
		isOpen = true;
		return text;
	};
	const delta = (fields) => frame("content_block_delta", { index, delta: fields });
	return {
		start: frame("message_start", { message }) + frame("ping", {}),
		chunk: ({ text, call }) =>
			call === undefined
				? (isOpen ? "" : start({ type: "text", text: "" })) + delta({ type: "text_delta", text })
				: start({ type: "tool_use", id: `toolu_${call}`, name: "Read", input: {} }) +
					delta({ type: "input_json_delta", partial_json: `{"file_path":"/tmp/${call}"}` }) +
					stop(),
		end: () => stop() + frame("message_delta", { delta: { stop_reason: "end_turn" }, usage }) + frame("message_stop"),
	};
}
