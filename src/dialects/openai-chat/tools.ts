import type { MessageRequest, Tool, ToolChoice } from "../../anthropic/messages.ts";
import type { Note } from "../../divergence.ts";
import type { Quirks } from "../../profile/quirks.ts";
import type { Target } from "../../profile/target.ts";
import { isServerTool } from "../offered-tools.ts";
import { providerSchema } from "../schema.ts";
import type { ToolNames } from "../tool-names.ts";
import { parallelField, toolOffer } from "../tool-offer.ts";

export interface ToolFields {
	/** `tools`, `tool_choice` and `parallel_tool_calls`, as far as they are sent. */
	fields: Record<string, unknown>;
	/** What has to be said in words, because the provider has no field for it. */
	instructions: string[];
}

export function toolFields(request: MessageRequest, target: Target, names: ToolNames, note: Note): ToolFields {
	const { quirks } = target;
	const { tools, choice, instructions } = toolOffer(request, target, note);
	if (tools.length === 0) return { fields: {}, instructions };
	const fields: Record<string, unknown> = { tools: tools.map((tool) => chatTool(tool, quirks, names)) };
	if (choice) fields["tool_choice"] = chatChoice(choice, names);
	return { fields: { ...fields, ...parallelField(request, quirks, note) }, instructions };
}

function chatTool(tool: Tool, quirks: Quirks, names: ToolNames): unknown {
	if (isServerTool(tool)) {
		const { cache_control: _cache, defer_loading: _defer, ...rest } = tool;
		return rest;
	}
	const definition: Record<string, unknown> = { name: names.toProvider(tool.name) };
	if (tool.description) definition["description"] = tool.description;
	definition["parameters"] = providerSchema(tool.input_schema, quirks);
	if (quirks.strictFalse) definition["strict"] = false;
	return { type: "function", function: definition };
}

/** OpenAI's words for a wish. */
function chatChoice(choice: ToolChoice, names: ToolNames): unknown {
	switch (choice.type) {
		case "auto":
		case "none":
			return choice.type;
		case "any":
			return "required";
		case "tool":
			return { type: "function", function: { name: names.toProvider(choice.name) } };
	}
}
