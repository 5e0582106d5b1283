import type { MessageRequest, Tool, ToolChoice } from "../../anthropic/messages.ts";
import type { Note } from "../../divergence.ts";
import type { Quirks } from "../../profile/quirks.ts";
import type { Target } from "../../profile/target.ts";
import { isServerTool, offeredTools, unavailableToolText } from "../offered-tools.ts";
import { providerSchema } from "../schema.ts";
import type { ToolNames } from "../tool-names.ts";
import { wantsThinking } from "./thinking.ts";

export interface ToolFields {
	/** `tools`, `tool_choice` and `parallel_tool_calls`, as far as they are sent. */
	fields: Record<string, unknown>;
	/** What has to be said in words, because the provider has no field for it. */
	instructions: string[];
}

export function toolFields(request: MessageRequest, target: Target, names: ToolNames, note: Note): ToolFields {
	const { quirks } = target;
	const offered = offeredTools(request, quirks, note);
	const instructions: string[] = [];
	if (offered.unavailable.length > 0) instructions.push(unavailableToolText(offered.unavailable));
	const tools = limitTools(offered.tools, quirks.maxTools, note);
	if (tools.length === 0) return { fields: {}, instructions };
	const choice = toolChoice(request.tool_choice, tools, choiceSupport(request, quirks), names);
	if (choice.seen)
		note({ kind: "tool-choice", where: "request.tool_choice", seen: choice.seen, done: choice.done ?? "" });
	if (choice.instruction) instructions.push(choice.instruction);
	const fields: Record<string, unknown> = { tools: choice.tools.map((tool) => chatTool(tool, quirks, names)) };
	if (choice.value !== undefined) fields["tool_choice"] = choice.value;
	if (request.tool_choice && "disable_parallel_tool_use" in request.tool_choice) {
		if (quirks.parallelToolCallsField) fields["parallel_tool_calls"] = !request.tool_choice.disable_parallel_tool_use;
		else
			note({
				kind: "parallel-tool-use",
				where: "request.tool_choice",
				seen: "disable_parallel_tool_use",
				done: "not sent",
			});
	}
	return { fields, instructions };
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

/** Claude Code's own tools go before those of MCP servers where not all can be offered. */
function limitTools(tools: Tool[], limit: number, note: Note): Tool[] {
	if (tools.length <= limit) return tools;
	const isForeign = (tool: Tool) => tool.name.startsWith("mcp__");
	const ranked = [...tools.filter((tool) => !isForeign(tool)), ...tools.filter(isForeign)];
	const kept = new Set(ranked.slice(0, limit));
	const dropped = tools.filter((tool) => !kept.has(tool)).map((tool) => tool.name);
	note({
		kind: "too-many-tools",
		where: "request.tools",
		seen: `${tools.length} tools`,
		done: `left out: ${dropped.join(", ")}`,
	});
	return tools.filter((tool) => kept.has(tool));
}

function choiceSupport(request: MessageRequest, quirks: Quirks): Quirks["toolChoice"] {
	return (wantsThinking(request) ? quirks.toolChoiceWhileThinking : undefined) ?? quirks.toolChoice;
}

interface Choice {
	tools: Tool[];
	value?: unknown;
	instruction?: string;
	/** Set where the wish could not be passed on as it is. */
	seen?: string;
	done?: string;
}

/** The wish in the strongest form that the provider understands; what is lost is said in words. */
function toolChoice(
	choice: ToolChoice | undefined,
	tools: Tool[],
	support: Quirks["toolChoice"],
	names: ToolNames,
): Choice {
	if (!choice) return { tools };
	if (choice.type === "auto") return support === "unsupported" ? { tools } : { tools, value: "auto" };
	if (choice.type === "none") {
		if (support !== "unsupported") return { tools, value: "none" };
		return { tools, instruction: "Do not call any tool in this turn.", seen: "none", done: "said in words" };
	}
	const weak = support === "unsupported" || support === "auto-none";
	const value = support === "unsupported" ? {} : { value: weak ? "auto" : "required" };
	if (choice.type === "any") {
		if (!weak) return { tools, ...value };
		return { tools, ...value, instruction: "Call one of the tools in this turn.", seen: "any", done: "said in words" };
	}
	const named = tools.filter((tool) => tool.name === choice.name);
	if (named.length === 0)
		return {
			tools,
			value: support === "unsupported" ? undefined : "auto",
			seen: choice.name,
			done: "no such tool is offered: auto",
		};
	const name = names.toProvider(choice.name);
	if (support === "full") return { tools, value: { type: "function", function: { name } } };
	const seen = `tool ${choice.name}`;
	if (support === "strings")
		return { tools: named, ...value, seen, done: "only this tool is offered, and one is required" };
	return { tools, ...value, instruction: `Call the tool ${name} in this turn.`, seen, done: "said in words" };
}
