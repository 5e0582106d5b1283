import { asObject, type JsonObject } from "../../platform/json.ts";
import {
	type BodyPart,
	blocksIn,
	type ContentItem,
	messageText,
	objectsOf,
	otherItem,
	resultText,
	toolCallItem,
	toolPart,
	type WireDescription,
} from "../wire-description.ts";

/** Chat Completions. Source: platform.openai.com/docs/api-reference/chat/create. */
export const describeOpenaiChat: WireDescription = {
	promptFields: ["tools"],
	conversationField: "messages",
	readers: {
		tools: (value) => objectsOf(value).map((tool) => toolPart(tool, declarationOf(tool))),
		messages: (value) => objectsOf(value).map(messagePart),
	},
	fieldSources: {
		max_completion_tokens: "quirk maxTokensField",
		stream_options: "quirk streamUsage",
		user: "quirk userIdField",
		user_id: "quirk userIdField",
		response_format: "quirk responseFormat",
		parallel_tool_calls: "quirk parallelToolCallsField",
	},
};

/** Some tools of a provider have no function inside. */
function declarationOf(tool: JsonObject): JsonObject {
	return tool["function"] === undefined ? tool : asObject(tool["function"]);
}

function messagePart(message: JsonObject): BodyPart {
	const role = String(message["role"]);
	const text = messageText(message);
	if (role === "tool") {
		const result = { name: "tool_result", value: resultText(message["content"]) };
		return { type: "message", role, items: [result], text };
	}
	const reasoning = message["reasoning_content"] ?? message["reasoning"];
	const items = [
		...(reasoning ? [{ name: "thinking", value: textOrJson(reasoning) }] : []),
		...blocksIn(message["content"]).map(itemOf),
		...objectsOf(message["tool_calls"]).map(callItem),
	];
	return { type: "message", role, items, text };
}

function itemOf(part: JsonObject): ContentItem {
	if (part["type"] === "text") return { name: "text", value: String(part["text"] ?? "") };
	return part["type"] === "image_url" ? { name: "image", value: "" } : otherItem(part);
}

function callItem(call: JsonObject): ContentItem {
	const { name, arguments: input } = asObject(call["function"]);
	return toolCallItem(name, input ?? "");
}

function textOrJson(value: unknown): string {
	return typeof value === "string" ? value : JSON.stringify(value);
}
