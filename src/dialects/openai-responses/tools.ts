import { isObject } from "../../platform/json.ts";
import type { Quirks } from "../../profile/model/quirks.ts";
import type { Target } from "../../profile/model/target.ts";
import type { Note } from "../../protocol/divergence.ts";
import type { MessageRequest, Tool, ToolChoice } from "../../protocol/messages.ts";
import { providerSchema } from "../tools/schema.ts";
import { openaiChoice } from "../tools/tool-choice.ts";
import type { ToolNames } from "../tools/tool-names.ts";
import { isServerTool, type PassedTool, parallelField, passedTool, toolOffer } from "../tools/tool-offer.ts";
import type { FunctionTool, ResponsesRequest, ResponsesToolChoice, WebSearchTool } from "./wire.ts";

export interface ToolFields {
	fields: Pick<ResponsesRequest, "tools" | "tool_choice" | "parallel_tool_calls">;
	/** Sentences for the model, for everything that the provider has no field for. */
	instructions: string[];
	/** The provider's own web search is among the tools. */
	hasWebSearch: boolean;
}

export function toolFields(request: MessageRequest, target: Target, names: ToolNames, note: Note): ToolFields {
	const { quirks } = target;
	const { tools, choice, instructions } = toolOffer(request, target, note);
	const hasWebSearch = tools.some(isWebSearch);
	if (tools.length === 0) return { fields: {}, instructions, hasWebSearch };
	const fields: ToolFields["fields"] = { tools: tools.map((tool) => responsesTool(tool, quirks, names, note)) };
	if (choice) fields.tool_choice = responsesChoice(choice, tools, names);
	return { fields: { ...fields, ...parallelField(request, quirks, note) }, instructions, hasWebSearch };
}

function isWebSearch(tool: Tool): boolean {
	return isServerTool(tool) && tool.type?.startsWith("web_search") === true;
}

function responsesTool(
	tool: Tool,
	quirks: Quirks,
	names: ToolNames,
	note: Note,
): FunctionTool | WebSearchTool | PassedTool {
	if (isWebSearch(tool)) return webSearchTool(tool, note);
	if (isServerTool(tool)) return passedTool(tool);
	// The Responses API does not support `oneOf`.
	const schemaRewrite = [...new Set([...quirks.schemaRewrite, "one-of-to-any-of" as const])];
	return {
		type: "function",
		name: names.toProvider(tool.name),
		...(tool.description && { description: tool.description }),
		parameters: providerSchema(tool.input_schema, { ...quirks, schemaRewrite }),
		// The default is true, which makes models fill every optional parameter with "".
		strict: false,
	};
}

/** Claude Code's `web_search_…` as the provider's own search. */
function webSearchTool(tool: Tool, note: Note): WebSearchTool {
	const allowed = tool["allowed_domains"];
	const location = tool["user_location"];
	if (tool["blocked_domains"] !== undefined) {
		const data = { tools: [tool.name] };
		const done = "not sent: no such filter";
		note({ kind: "server-tool", where: "request.tools", seen: "blocked_domains", done, data });
	}
	return {
		type: "web_search",
		...(Array.isArray(allowed) && allowed.length > 0 && { filters: { allowed_domains: allowed } }),
		...(isObject(location) && { user_location: location }),
	};
}

function responsesChoice(choice: ToolChoice, tools: readonly Tool[], names: ToolNames): ResponsesToolChoice {
	return openaiChoice(choice, (name): ResponsesToolChoice => {
		const chosen = tools.find((tool) => tool.name === name);
		if (!chosen || !isWebSearch(chosen)) return { type: "function", name: names.toProvider(name) };
		// The API cannot name this tool in a choice: alone it is required, among others it is the only one allowed.
		if (tools.length === 1) return "required";
		return { type: "allowed_tools", mode: "required", tools: [{ type: "web_search" }] };
	});
}
