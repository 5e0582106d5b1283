import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import Anthropic from "@anthropic-ai/sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import { encodeSse } from "../../src/protocol/encode-sse.ts";
import { decodeReply, loadFixtures } from "../support/fixture.ts";

/** Second opinion: the official SDK reads what we write, over a real connection, and must come to the same Message. */
const replies = loadFixtures().flatMap((fixture) => {
	const { reply } = fixture;
	const decoded = reply && decodeReply(fixture, reply);
	return decoded?.message ? [{ name: fixture.name, events: decoded.events, message: decoded.message }] : [];
});

const server = createServer((request, response) => {
	const name = decodeURIComponent(request.url?.split("/")[1] ?? "");
	response.writeHead(200, { "content-type": "text/event-stream" });
	for (const event of replies.find((reply) => reply.name === name)?.events ?? []) response.write(encodeSse(event));
	response.end();
});

beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
afterAll(() => new Promise((resolve) => server.close(resolve)));

test.each(replies)("the official SDK reads $name", async ({ name, message }) => {
	const { port } = server.address() as AddressInfo;
	const client = new Anthropic({
		baseURL: `http://127.0.0.1:${port}/${encodeURIComponent(name)}`,
		apiKey: "none",
		maxRetries: 0,
	});
	const stream = client.messages.stream({ model: "any", max_tokens: 1, messages: [{ role: "user", content: "any" }] });
	// `parsed_output` is the SDK's own addition, at the top and in text blocks.
	const read = JSON.parse(
		JSON.stringify(await stream.finalMessage(), (key, value) => (key === "parsed_output" ? undefined : value)),
	);
	// Claude Code keeps an input that is no JSON in this form; the SDK knows no such form.
	const isUnparsed = JSON.stringify(message).includes("__unparsedToolInput");
	if (isUnparsed) expect(read.stop_reason).toBe(message.stop_reason);
	else expect(read).toEqual(message);
});
