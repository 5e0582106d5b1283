import type { Quirks } from "../../profile/model/quirks.ts";
import type { Target } from "../../profile/model/target.ts";
import type { Note } from "../../protocol/divergence.ts";
import type { MessageRequest, Tool } from "../../protocol/messages.ts";
import { providerSchema } from "../tools/schema.ts";
import { openaiChoice } from "../tools/tool-choice.ts";
import type { ToolNames } from "../tools/tool-names.ts";
import { isServerTool, type PassedTool, parallelField, passedTool, toolOffer } from "../tools/tool-offer.ts";
import type { ChatRequest, ChatTool, ChatToolChoice } from "./wire.ts";

export interface ToolFields {
	fields: Pick<ChatRequest, "tools" | "tool_choice" | "parallel_tool_calls">;
	/** Sentences for the model, for everything that the provider has no field for. */
	instructions: string[];
}

export function toolFields(request: MessageRequest, target: Target, names: ToolNames, note: Note): ToolFields {
	const { quirks } = target;
	const { tools, choice, instructions } = toolOffer(request, target, note);
	if (tools.length === 0) return { fields: {}, instructions };
	const fields: ToolFields["fields"] = { tools: tools.map((tool) => chatTool(tool, quirks, names)) };
	if (choice) fields.tool_choice = openaiChoice(choice, (name) => namedChoice(name, names));
	return { fields: { ...fields, ...parallelField(request, quirks, note) }, instructions };
}

function chatTool(tool: Tool, quirks: Quirks, names: ToolNames): ChatTool | PassedTool {
	if (isServerTool(tool)) return passedTool(tool);
	return {
		type: "function",
		function: {
			name: names.toProvider(tool.name),
			...(tool.description && { description: tool.description }),
			parameters: providerSchema(tool.input_schema, quirks),
			...(quirks.strictFalse && { strict: false }),
		},
	};
}

function namedChoice(name: string, names: ToolNames): ChatToolChoice {
	return { type: "function", function: { name: names.toProvider(name) } };
}
