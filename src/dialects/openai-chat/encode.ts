import type { Target } from "../../profile/model/target.ts";
import type { Note } from "../../protocol/divergence.ts";
import type { MessageRequest } from "../../protocol/messages.ts";
import type { UpstreamRequest } from "../dialect.ts";
import { adaptParameters, type OutputFormat, outputFormat, userFields } from "../parameters.ts";
import { thinkingFields } from "../reasoning/thinking-request.ts";
import { providerToolIds } from "../tools/tool-ids.ts";
import { ToolNames } from "../tools/tool-names.ts";
import { chatMessages } from "./history.ts";
import { toolFields } from "./tools.ts";
import type { ChatRequest } from "./wire.ts";

/** A request as `POST /chat/completions`. */
export function encode(original: MessageRequest, target: Target, note: Note): UpstreamRequest {
	const { quirks } = target;
	const request = adaptParameters(original, target, note);
	const names = new ToolNames(quirks.maxToolName, note);
	const tools = toolFields(request, target, names, note);
	const format = outputFormat(request, quirks.responseFormat, note);
	const ids = providerToolIds(request, quirks.toolCallIds);
	const instructions = [...tools.instructions, ...format.instructions];
	const messages = chatMessages(request, { target, names, ids, note, instructions });
	const body: ChatRequest = {
		model: target.model,
		messages,
		...tools.fields,
		...parameterFields(request, target),
		...thinkingFields(request, target, note),
		...formatFields(format),
		...userFields(request, target),
		...streamFields(request, target),
		...quirks.extraBody,
	};
	return { path: "/chat/completions", headers: {}, body, toolNames: names.changed };
}

function parameterFields(request: MessageRequest, target: Target): Partial<ChatRequest> {
	const { maxTokensField, maxStopSequences } = target.quirks;
	const { max_tokens, temperature, top_p, top_k, stop_sequences = [] } = request;
	return {
		...(max_tokens !== undefined && { [maxTokensField]: max_tokens }),
		...(temperature !== undefined && { temperature }),
		...(top_p !== undefined && { top_p }),
		...(top_k !== undefined && { top_k }),
		// The rest is enforced on the reply (the stop-sequences repair).
		...(stop_sequences.length > 0 && { stop: stop_sequences.slice(0, maxStopSequences) }),
	};
}

function formatFields({ form, schema }: OutputFormat): Partial<ChatRequest> {
	if (form !== "json_schema") return form ? { response_format: { type: form } } : {};
	return { response_format: { type: form, json_schema: { name: "output", schema, strict: true } } };
}

function streamFields(request: MessageRequest, target: Target): Partial<ChatRequest> {
	if (request.stream !== true) return {};
	return { stream: true, ...(target.quirks.streamUsage && { stream_options: { include_usage: true } }) };
}
