import { expect, test } from "vitest";
import { encode } from "../../src/dialects/anthropic/encode.ts";
import { encodeSse } from "../../src/protocol/encode-sse.ts";
import type { MessageRequest } from "../../src/protocol/messages.ts";
import { decodeReply, loadFixtures, makeTarget } from "../support/fixture.ts";

const wellBehaved = loadFixtures().filter((fixture) => fixture.name.startsWith("anthropic/pass-"));

test.each(wellBehaved)("a well-behaved reply leaves byte for byte: $name", (fixture) => {
	const reply = fixture.reply!;
	const { events, divergences } = decodeReply(fixture, reply);
	expect(events.map(encodeSse).join("")).toBe(reply.bytes.toString());
	expect(divergences).toEqual([]);
});

test("a request in which nothing needs changing keeps its parts, and its order of fields", () => {
	const request: MessageRequest = {
		model: "claude-opus",
		messages: [
			{ role: "user", content: [{ type: "text", text: "Go.", cache_control: { type: "ephemeral" } }] },
			{ role: "assistant", content: [{ type: "thinking", thinking: "Hm.", signature: "native" }] },
			{ role: "system", content: "Reminder." },
		],
		system: [{ type: "text", text: "You are.", cache_control: { type: "ephemeral" } }],
		tools: [{ name: "Bash", input_schema: { $schema: "x", type: "object" } }],
		max_tokens: 32_000,
		thinking: { type: "adaptive", display: "omitted" },
		context_management: { edits: [] },
		output_config: { effort: "high" },
		stream: true,
	};
	const target = makeTarget("anthropic", {
		model: "claude-opus",
		quirks: { laterSystem: "system", thinkingTypes: ["adaptive"], betas: "all", refusedFields: [] },
	});
	const divergences: unknown[] = [];
	const { body, headers } = encode(request, target, (divergence) => divergences.push(divergence), [
		"a-2026-01-01",
		"b",
	]);
	expect(divergences).toEqual([]);
	expect(JSON.stringify(body)).toBe(JSON.stringify(request));
	expect(body["system"]).toBe(request.system);
	expect((body["messages"] as unknown[])[0]).toBe(request.messages[0]);
	expect(headers).toEqual({ "anthropic-version": "2023-06-01", "anthropic-beta": "a-2026-01-01,b" });
});
