import type { MessageRequest } from "../../anthropic/messages.ts";
import type { Note } from "../../divergence.ts";
import type { Target } from "../../profile/target.ts";
import type { UpstreamRequest } from "../dialect.ts";
import { adaptParameters, formatInstruction, formatInWords } from "../parameters.ts";
import { thinkingFields } from "../thinking-fields.ts";
import { ToolNames } from "../tool-names.ts";
import { systemText } from "../turn.ts";
import { contents } from "./history.ts";
import { geminiSchema } from "./schema.ts";
import { toolFields } from "./tools.ts";

type Fields = Record<string, unknown>;

/** A request as `POST /models/MODEL:streamGenerateContent`. The model stands in the path alone. */
export function encode(original: MessageRequest, target: Target, note: Note): UpstreamRequest {
	const { quirks } = target;
	const request = adaptParameters(original, target, note);
	const names = new ToolNames(quirks.maxToolName, note);
	const tools = toolFields(request, target, names, note);
	const format = formatFields(request, target, "tools" in tools.fields, note);
	const instructions = [...tools.instructions, ...format.instructions];
	const system = systemText(request.system);
	const generationConfig = { ...parameterFields(request, target), ...format.fields };
	const body: Fields = {
		...(system !== "" && { systemInstruction: { parts: [{ text: system }] } }),
		contents: contents(request, { target, names, note, instructions }),
		...tools.fields,
		generationConfig,
	};
	for (const more of [thinkingFields(request, target, note), quirks.extraBody]) merge(body, more);
	const method = request.stream === true ? "streamGenerateContent?alt=sse" : "generateContent";
	return { path: `/models/${target.model}:${method}`, headers: {}, body, toolNames: names.changed };
}

function parameterFields(request: MessageRequest, { quirks }: Target): Fields {
	const { max_tokens, temperature, top_p, top_k, stop_sequences = [] } = request;
	return {
		...(max_tokens !== undefined && { maxOutputTokens: max_tokens }),
		...(temperature !== undefined && { temperature }),
		...(top_p !== undefined && { topP: top_p }),
		...(top_k !== undefined && { topK: top_k }),
		// What is more than the provider takes is enforced on the reply.
		...(stop_sequences.length > 0 && { stopSequences: stop_sequences.slice(0, quirks.maxStopSequences) }),
	};
}

interface FormatFields {
	fields: Fields;
	instructions: string[];
}

/** Structured output. Beside tools it is said in words: models before Gemini 3 refuse the two together. */
function formatFields(request: MessageRequest, { quirks }: Target, hasTools: boolean, note: Note): FormatFields {
	const format = request.output_config?.format;
	if (format?.type !== "json_schema" || !format.schema) return { fields: {}, instructions: [] };
	const responseMimeType = "application/json";
	if (quirks.responseFormat === "json_schema" && !hasTools) {
		return { fields: { responseMimeType, responseSchema: geminiSchema(format.schema, quirks) }, instructions: [] };
	}
	note(formatInWords());
	const fields: Fields = quirks.responseFormat === "json_object" && !hasTools ? { responseMimeType } : {};
	return { fields, instructions: [formatInstruction(format.schema)] };
}

/** Adds fields to an object and the objects inside it. */
function merge(target: Fields, more: Readonly<Fields>): void {
	for (const [name, value] of Object.entries(more)) {
		const before = target[name];
		if (isObject(before) && isObject(value)) merge(before, value);
		else target[name] = value;
	}
}

function isObject(value: unknown): value is Fields {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
