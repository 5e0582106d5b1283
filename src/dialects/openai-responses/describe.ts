import type { JsonObject } from "../../platform/json.ts";
import {
	type BodyPart,
	blocksIn,
	type ContentItem,
	indented,
	objectsOf,
	otherItem,
	toolCallItem,
	toolPart,
	type WireDescription,
} from "../wire-description.ts";

/** The Responses API. Source: platform.openai.com/docs/api-reference/responses/create. */
export const describeOpenaiResponses: WireDescription = {
	promptFields: ["tools", "instructions"],
	conversationField: "input",
	readers: {
		instructions: (value) => [{ type: "system", texts: [String(value)] }],
		tools: (value) => objectsOf(value).map((tool) => toolPart(tool)),
		input: (value) => objectsOf(value).map(itemPart),
	},
	fieldSources: {
		max_output_tokens: "max-tokens",
		user: "quirk userIdField",
		user_id: "quirk userIdField",
		text: "quirk responseFormat",
		parallel_tool_calls: "quirk parallelToolCallsField",
	},
};

/** An entry of `input`, which is a message, a call, a result or reasoning. */
function itemPart(item: JsonObject): BodyPart {
	const message = (role: string, items: ContentItem[]): BodyPart => {
		return { type: "message", role, items, text: indented(item) };
	};
	switch (item["type"]) {
		case "function_call":
			return message("assistant", [toolCallItem(item["name"], item["arguments"] ?? "")]);
		case "function_call_output":
			return message("tool", [{ name: "tool_result", value: outputText(item["output"]) }]);
		case "reasoning": {
			const texts = [...objectsOf(item["summary"]), ...objectsOf(item["content"])].map(({ text }) => text);
			return message("assistant", [{ name: "thinking", value: texts.join("\n\n") }]);
		}
		default:
			return message(String(item["role"] ?? item["type"]), blocksIn(item["content"]).map(contentItem));
	}
}

function contentItem(part: JsonObject): ContentItem {
	if (typeof part["text"] === "string") return { name: "text", value: part["text"] };
	return part["type"] === "input_image" ? { name: "image", value: "" } : otherItem(part);
}

function outputText(output: unknown): string {
	return blocksIn(output)
		.map(contentItem)
		.map(({ name, value }) => (name === "text" ? value : `[${name}]`))
		.join(" ");
}
