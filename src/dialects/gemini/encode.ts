import { isObject, type JsonObject } from "../../platform/json.ts";
import type { Target } from "../../profile/model/target.ts";
import type { Note } from "../../protocol/divergence.ts";
import type { MessageRequest } from "../../protocol/messages.ts";
import { systemText } from "../conversation/turns.ts";
import type { UpstreamRequest } from "../dialect.ts";
import { adaptParameters, type OutputFormat, outputFormat } from "../parameters.ts";
import { thinkingFields } from "../reasoning/thinking-request.ts";
import { ToolNames } from "../tools/tool-names.ts";
import { contents } from "./history.ts";
import { geminiSchema } from "./schema.ts";
import { toolFields } from "./tools.ts";
import type { GenerateContentRequest, GenerationConfig } from "./wire.ts";

/** A request as `POST /models/MODEL:streamGenerateContent`. The model is only in the path. */
export function encode(original: MessageRequest, target: Target, note: Note): UpstreamRequest {
	const { quirks } = target;
	const request = adaptParameters(original, target, note);
	const names = new ToolNames(quirks.maxToolName, note, true);
	const tools = toolFields(request, target, names, note);
	// With tools it is an instruction: models before Gemini 3 refuse a response schema next to tools.
	const format = outputFormat(request, tools.fields.tools ? "instruction" : quirks.responseFormat, note);
	const instructions = [...tools.instructions, ...format.instructions];
	const system = systemText(request.system);
	const generationConfig = { ...parameterFields(request, target), ...formatFields(format, target) };
	const body: GenerateContentRequest = {
		...(system !== "" && { systemInstruction: { parts: [{ text: system }] } }),
		contents: contents(request, { target, names, note, instructions }),
		...tools.fields,
		generationConfig,
	};
	for (const more of [thinkingFields(request, target, note), quirks.extraBody]) merge(body, more);
	const method = request.stream === true ? "streamGenerateContent?alt=sse" : "generateContent";
	return { path: `/models/${target.model}:${method}`, headers: {}, body, toolNames: names.changed };
}

function parameterFields(request: MessageRequest, { quirks }: Target): GenerationConfig {
	const { max_tokens, temperature, top_p, top_k, stop_sequences = [] } = request;
	return {
		...(max_tokens !== undefined && { maxOutputTokens: max_tokens }),
		...(temperature !== undefined && { temperature }),
		...(top_p !== undefined && { topP: top_p }),
		...(top_k !== undefined && { topK: top_k }),
		// The rest is enforced on the reply (the stop-sequences repair).
		...(stop_sequences.length > 0 && { stopSequences: stop_sequences.slice(0, quirks.maxStopSequences) }),
	};
}

function formatFields({ form, schema }: OutputFormat, { quirks }: Target): GenerationConfig {
	if (form === undefined) return {};
	const responseMimeType = "application/json";
	return form === "json_object"
		? { responseMimeType }
		: { responseMimeType, responseSchema: geminiSchema(schema, quirks) };
}

/** Adds fields to an object and to the objects inside it. */
function merge(target: JsonObject, more: Readonly<JsonObject>): void {
	for (const [name, value] of Object.entries(more)) {
		const before = target[name];
		if (isObject(before) && isObject(value)) merge(before, value);
		else target[name] = value;
	}
}
