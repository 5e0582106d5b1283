import { DEFAULT_QUIRKS, type Quirks } from "../../profile/model/quirks.ts";
import type { Target } from "../../profile/model/target.ts";
import type { Note } from "../../protocol/divergence.ts";
import type { MessageRequest, Tool } from "../../protocol/messages.ts";
import { providerSchema } from "../tools/schema.ts";
import type { ToolNames } from "../tools/tool-names.ts";
import { isServerTool, toolOffer } from "../tools/tool-offer.ts";

export interface AdaptedTools {
	request: MessageRequest;
	/** Sentences for the model, for everything that the endpoint has no field for. */
	instructions: string[];
}

/** The tools and the choice among them in a form that the endpoint accepts. */
export function adaptTools(request: MessageRequest, target: Target, names: ToolNames, note: Note): AdaptedTools {
	if (!request.tools) return { request, instructions: [] };
	const { tools, choice, instructions } = toolOffer(request, target, note);
	const { tools: _tools, tool_choice: _choice, ...rest } = request;
	if (tools.length === 0) return { request: rest, instructions };
	const named = choice?.type === "tool" ? { ...choice, name: names.toProvider(choice.name) } : choice;
	const changed: MessageRequest = { ...request, tools: tools.map((tool) => adaptTool(tool, target.quirks, names)) };
	if (named) changed.tool_choice = named;
	else delete changed.tool_choice;
	return { request: changed, instructions };
}

function adaptTool(tool: Tool, quirks: Quirks, names: ToolNames): Tool {
	if (isServerTool(tool)) return tool;
	let adapted = tool;
	if (tool.defer_loading !== undefined && !quirks.toolReferences) {
		adapted = { ...tool };
		delete adapted.defer_loading;
	}
	const name = names.toProvider(tool.name);
	if (name !== tool.name) adapted = { ...adapted, name };
	return needsSchema(quirks) ? { ...adapted, input_schema: providerSchema(tool.input_schema, quirks) } : adapted;
}

/** Anthropic's endpoints accept JSON Schema as it is; schemas change only if a profile requires it. */
function needsSchema(quirks: Quirks): boolean {
	return quirks.schemaRewrite.length > 0 || quirks.schemaRemove !== DEFAULT_QUIRKS.schemaRemove;
}
