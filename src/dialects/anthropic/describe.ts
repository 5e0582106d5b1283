import type { JsonObject } from "../../platform/json.ts";
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

/** The Messages API: what Claude Code sends, and what endpoints of this wire are sent. */
export const describeAnthropic: WireDescription = {
	promptFields: ["tools", "system"],
	conversationField: "messages",
	readers: {
		system: (value) => [{ type: "system", texts: blocksIn(value).map(({ text }) => String(text ?? "")) }],
		tools: (value) => objectsOf(value).map((tool) => toolPart(tool)),
		messages: (value) => objectsOf(value).map(messagePart),
	},
	fieldSources: {
		model: "model-mapped",
		max_tokens: "max-tokens, or quirk maxTokensField",
		metadata: "quirk userIdField",
		thinking: "quirks thinkingOn and thinkingOff",
		output_config: "quirks effortField and responseFormat",
		tool_choice: "quirk toolChoice",
		stop_sequences: "quirk maxStopSequences",
	},
};

function messagePart(message: JsonObject): BodyPart {
	const items = blocksIn(message["content"]).map(itemOf);
	return { type: "message", role: String(message["role"]), items, text: messageText(message) };
}

function itemOf(block: JsonObject): ContentItem {
	switch (block["type"]) {
		case "text":
			return { name: "text", value: String(block["text"] ?? "") };
		case "thinking":
			return { name: "thinking", value: String(block["thinking"] ?? "") };
		case "tool_use":
			return toolCallItem(block["name"], block["input"]);
		case "tool_result":
			return { name: "tool_result", value: resultText(block["content"]) };
		case "image":
			return { name: "image", value: "" };
		default:
			return otherItem(block);
	}
}
