import type { StopReason } from "../protocol/messages.ts";
import { UpstreamFailure } from "../upstream/failures/failure.ts";

/** `failed`: the reply broke off. `malformed`: the model's call could not be read. `rejected`: the request is invalid. */
type Finish = StopReason | "failed" | "malformed" | "rejected";

/**
 * The finish reasons of all vendors and wire formats, lower case. A refusal keeps what was said before it; a model that
 * refuses in words ends its turn normally, and its words are the answer. Sources: the vendors' API references,
 * ai.google.dev/api/generate-content#FinishReason.
 */
const FINISHES = new Map<string, Finish>(
	Object.entries<Finish>({
		end_turn: "end_turn",
		stop: "end_turn",
		end: "end_turn",
		eos: "end_turn",
		eos_token: "end_turn",
		complete: "end_turn",
		completed: "end_turn",
		stop_sequence: "stop_sequence",
		pause_turn: "pause_turn",
		length: "max_tokens",
		max_tokens: "max_tokens",
		max_length: "max_tokens",
		max_output_tokens: "max_tokens",
		model_length: "max_tokens",
		// Gemini stopped in the middle of the reply.
		continuation: "max_tokens",
		tool_calls: "tool_use",
		tool_call: "tool_use",
		tool_use: "tool_use",
		function_call: "tool_use",
		model_context_window_exceeded: "model_context_window_exceeded",

		refusal: "refusal",
		content_filter: "refusal",
		content_filtered: "refusal",
		// Z.ai
		sensitive: "refusal",
		// Google
		safety: "refusal",
		recitation: "refusal",
		language: "refusal",
		blocklist: "refusal",
		prohibited_content: "refusal",
		spii: "refusal",
		model_armor: "refusal",
		image_safety: "refusal",
		image_prohibited_content: "refusal",
		image_recitation: "refusal",

		// OpenRouter and Vercel, without details
		error: "failed",
		network_error: "failed",
		// vLLM and SGLang, for a request that the engine dropped (vllm/v1/engine/__init__.py)
		abort: "failed",
		// DeepSeek, when it runs out of capacity during a reply
		insufficient_system_resource: "failed",
		// Gemini alone: elsewhere a reason of another kind is a normal end.
		OTHER: "failed",
		malformed_response: "failed",
		too_many_tool_calls: "failed",
		image_other: "failed",
		no_image: "failed",
		// The model wrote a call as code, which its server cannot read. A new attempt usually works.
		malformed_function_call: "malformed",
		// A call of a tool that was not offered.
		unexpected_tool_call: "malformed",
		missing_thought_signature: "rejected",
	}),
);

/**
 * The stop reason for a provider's finish reason in any case (Gemini writes `STOP`); undefined for an undocumented one.
 * Throws `UpstreamFailure` for a reason that does not end a reply normally; `detail` is what the provider said about it.
 */
export function stopReasonOf(reason: string, detail?: unknown): StopReason | undefined {
	const finish = FINISHES.get(reason) ?? FINISHES.get(reason.toLowerCase());
	switch (finish) {
		case "failed":
		case "malformed":
		case "rejected":
			throw failureOf(finish, reason, detail);
		default:
			return finish;
	}
}

function failureOf(finish: "failed" | "malformed" | "rejected", reason: string, detail: unknown): UpstreamFailure {
	const message = detail ? withDetail(reason, detail) : `the reply ended with the finish reason ${reason}`;
	const body = JSON.stringify({ error: { code: reason, message } });
	const source = { status: 200, headers: {}, body };
	switch (finish) {
		case "failed":
			return UpstreamFailure.inReply(body);
		case "rejected":
			return new UpstreamFailure(`the request was refused: ${message}`, { ...source, class: "bad-request" });
		case "malformed": {
			const text = `the model's tool call could not be read: ${message}`;
			return new UpstreamFailure(text, { ...source, class: "tool-use-failed" });
		}
	}
}

export function withDetail(reason: string, detail: unknown): string {
	return typeof detail === "string" && detail !== "" ? `${reason}: ${detail}` : reason;
}
