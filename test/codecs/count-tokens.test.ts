import { expect, test } from "vitest";
import type { MessageRequest } from "../../src/anthropic/messages.ts";
import { anthropic } from "../../src/dialects/anthropic/index.ts";
import { openaiChat } from "../../src/dialects/openai-chat/index.ts";
import { makeTarget } from "../support/fixture.ts";

test("a token count asks with what is counted, in the form of the request itself", () => {
	const request: MessageRequest = {
		model: "claude-sonnet",
		max_tokens: 5,
		stream: true,
		temperature: 1,
		system: "S.",
		metadata: { user_id: "u" },
		messages: [{ role: "system", content: "Later." }],
		tools: [{ name: "Bash", input_schema: { type: "object" } }],
	};
	const target = makeTarget("anthropic", { model: "deepseek-v4-pro" });
	const { path, body } = anthropic.encodeCount!(request, target, () => {});
	expect(path).toBe("/v1/messages/count_tokens");
	expect(body).toEqual({
		model: "deepseek-v4-pro",
		system: "S.",
		messages: [{ role: "user", content: [{ type: "text", text: "<system-reminder>\nLater.\n</system-reminder>" }] }],
		tools: request.tools,
	});
});

test("chat completions have no route for it", () => {
	expect(openaiChat.encodeCount).toBeUndefined();
});
