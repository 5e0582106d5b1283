import { asObject, isObject, type JsonObject } from "../../platform/json.ts";
import {
	type BodyPart,
	type ContentItem,
	indented,
	objectsOf,
	otherItem,
	toolCallItem,
	toolPart,
	type WireDescription,
} from "../wire-description.ts";

/** `generateContent`. Source: ai.google.dev/api/generate-content. */
export const describeGemini: WireDescription = {
	promptFields: ["tools", "systemInstruction"],
	conversationField: "contents",
	readers: {
		systemInstruction: (value) => [{ type: "system", texts: partsOf(value).map(({ text }) => String(text ?? "")) }],
		tools: (value) => objectsOf(value).flatMap(toolParts),
		contents: (value) => objectsOf(value).map(contentPart),
		generationConfig: (value) =>
			Object.entries(asObject(value)).map(([name, setting]) => {
				return { type: "field", name: `generationConfig.${name}`, value: setting };
			}),
	},
	fieldSources: {
		"generationConfig.maxOutputTokens": "max-tokens",
		"generationConfig.responseMimeType": "quirk responseFormat",
		"generationConfig.responseSchema": "quirk responseFormat",
		"generationConfig.stopSequences": "quirk maxStopSequences",
		toolConfig: "quirk toolChoice",
	},
};

/** One tool declares several functions, or is one that the provider runs. */
function toolParts(tool: JsonObject): BodyPart[] {
	const { functionDeclarations: functions } = tool;
	if (!Array.isArray(functions)) return [toolPart(tool, { name: Object.keys(tool).join(", "), ...tool })];
	return objectsOf(functions).map((declaration) => {
		const { parametersJsonSchema, ...rest } = declaration;
		const plain = parametersJsonSchema === undefined ? rest : { ...rest, parameters: parametersJsonSchema };
		return toolPart(declaration, plain);
	});
}

function contentPart(content: JsonObject): BodyPart {
	const role = content["role"] === "model" ? "assistant" : String(content["role"]);
	return { type: "message", role, items: partsOf(content).map(itemOf), text: indented(content) };
}

function partsOf(content: unknown): JsonObject[] {
	return objectsOf(asObject(content)["parts"]);
}

function itemOf(part: JsonObject): ContentItem {
	const { functionCall: call, functionResponse: answer, text } = part;
	if (isObject(call)) return toolCallItem(call["name"], call["args"]);
	if (isObject(answer)) return { name: "tool_result", value: answerText(answer["response"]) };
	if (part["inlineData"]) return { name: "image", value: "" };
	if (typeof text !== "string") return otherItem({ type: Object.keys(part).join(", "), ...part });
	return { name: part["thought"] === true ? "thinking" : "text", value: text };
}

function answerText(response: unknown): string {
	const { output, error } = asObject(response);
	const text = output ?? error;
	return typeof text === "string" ? text : JSON.stringify(response);
}
