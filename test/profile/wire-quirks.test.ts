import { expect, test } from "vitest";
import { CODECS } from "../../src/dialects/index.ts";
import { targetOf } from "../../src/profile/model/profile.ts";
import type { DialectName, QuirksInput } from "../../src/profile/model/quirks.ts";
import type { MessageRequest } from "../../src/protocol/messages.ts";
import { testProfile } from "../support/profile.ts";

const REQUEST: MessageRequest = {
	model: "m",
	max_tokens: 4000,
	thinking: { type: "adaptive" },
	output_config: { effort: "max" },
	tool_choice: { type: "auto", disable_parallel_tool_use: true },
	tools: [{ name: "Bash", input_schema: { type: "object" } }],
	messages: [
		{ role: "user", content: "Go." },
		{
			role: "assistant",
			content: [
				{ type: "thinking", thinking: "of another model", signature: "sig" },
				{ type: "tool_use", id: "t".repeat(70), name: "Bash", input: {} },
			],
		},
		{ role: "user", content: [{ type: "tool_result", tool_use_id: "t".repeat(70), content: "ok" }] },
	],
};

function sent(dialect: DialectName, quirks: QuirksInput = {}) {
	const profile = testProfile("", { dialect, endpoints: { [dialect]: { baseUrl: "http://h/v1", quirks } } });
	return CODECS[dialect].encode(REQUEST, targetOf(profile, "test-model"), () => {}).body;
}

test("over Responses: effort, no parallel calls, short call ids, and no reasoning that OpenAI did not encrypt", () => {
	const body = sent("openai-responses");
	expect(body).toMatchObject({ reasoning: { effort: "high" }, parallel_tool_calls: false });
	const [, call, output] = body["input"] as { type: string; call_id?: string }[];
	expect(call?.type).toBe("function_call");
	expect(call?.call_id?.length).toBeLessThanOrEqual(64);
	expect(output).toMatchObject({ type: "function_call_output", call_id: call?.call_id });
});

test("over Gemini: thoughts are asked for", () => {
	expect(sent("gemini")).toMatchObject({ generationConfig: { thinkingConfig: { includeThoughts: true } } });
});

test("a profile may say otherwise", () => {
	expect(sent("openai-responses", { parallelToolCallsField: false })).not.toHaveProperty("parallel_tool_calls");
});
