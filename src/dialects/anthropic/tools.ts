import { DEFAULT_QUIRKS, type Quirks } from "../../profile/model/quirks.ts";
import type { Note } from "../../protocol/divergence.ts";
import type { MessageRequest, Tool } from "../../protocol/messages.ts";
import { toolChoiceSupport } from "../reasoning/thinking-request.ts";
import { providerSchema } from "../tools/schema.ts";
import { adaptToolChoice } from "../tools/tool-choice.ts";
import type { ToolNames } from "../tools/tool-names.ts";
import { isServerTool, limitTools, offeredTools, unavailableToolText } from "../tools/tool-offer.ts";

export interface AdaptedTools {
	request: MessageRequest;
	/** What has to be said in words, because the endpoint has no field for it. */
	instructions: string[];
}

/** The tools and the choice among them as the endpoint takes them. */
export function adaptTools(request: MessageRequest, quirks: Quirks, names: ToolNames, note: Note): AdaptedTools {
	if (!request.tools) return { request, instructions: [] };
	const instructions: string[] = [];
	const offered = offeredTools(request, quirks, note);
	if (offered.unavailable.length > 0) instructions.push(unavailableToolText(offered.unavailable));
	const limited = limitTools(offered.tools, quirks.maxTools, note);
	const adapted = adaptToolChoice(request.tool_choice, limited, toolChoiceSupport(request, quirks), note);
	if (adapted.instruction) instructions.push(adapted.instruction);
	const { tools: _tools, tool_choice: _choice, ...rest } = request;
	// Without tools a choice among them is refused.
	if (adapted.tools.length === 0) return { request: rest, instructions };
	const tools = adapted.tools.map((tool) => adaptTool(tool, quirks, names));
	const { choice } = adapted;
	const named = choice?.type === "tool" ? { ...choice, name: names.toProvider(choice.name) } : choice;
	const changed: MessageRequest = { ...request, tools };
	if (named) changed.tool_choice = named;
	else delete changed.tool_choice;
	return { request: changed, instructions };
}

function adaptTool(tool: Tool, quirks: Quirks, names: ToolNames): Tool {
	if (isServerTool(tool)) return tool;
	let adapted = tool;
	if (tool.defer_loading !== undefined && !quirks.toolReferences) {
		const { defer_loading: _defer, ...rest } = tool;
		adapted = rest as Tool;
	}
	const name = names.toProvider(tool.name);
	if (name !== tool.name) adapted = { ...adapted, name };
	return needsSchema(quirks) ? { ...adapted, input_schema: providerSchema(tool.input_schema, quirks) } : adapted;
}

/** Anthropic's endpoints take JSON Schema as it is; only a profile that says more makes this dialect touch it. */
function needsSchema(quirks: Quirks): boolean {
	return quirks.schemaRewrite.length > 0 || quirks.schemaRemove !== DEFAULT_QUIRKS.schemaRemove;
}
