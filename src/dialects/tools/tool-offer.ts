import type { Quirks } from "../../profile/model/quirks.ts";
import type { Target } from "../../profile/model/target.ts";
import type { Note } from "../../protocol/divergence.ts";
import {
	type ContentBlock,
	contentBlocks,
	type MessageRequest,
	type Tool,
	type ToolChoice,
} from "../../protocol/messages.ts";
import { wantsThinking } from "../reasoning/thinking-request.ts";
import { adaptToolChoice } from "./tool-choice.ts";

export interface ToolOffer {
	tools: Tool[];
	/** The caller's choice in a form that the provider accepts; undefined: the field is not sent. */
	choice: ToolChoice | undefined;
	/** Sentences for the model, for everything that the provider has no field for. */
	instructions: string[];
}

/** The tools that the model is offered, and the choice among them. Without tools no choice is sent: it would be refused. */
export function toolOffer(request: MessageRequest, { quirks }: Target, note: Note): ToolOffer {
	const offered = offeredTools(request, quirks, note);
	const instructions = offered.unavailable.length > 0 ? [unavailableToolText(offered.unavailable)] : [];
	const tools = limitTools(offered.tools, quirks.maxTools, note);
	if (tools.length === 0) return { tools, choice: undefined, instructions };
	const adapted = adaptToolChoice(request.tool_choice, tools, toolChoiceSupport(request, quirks), note);
	if (adapted.instruction) instructions.push(adapted.instruction);
	return { tools: adapted.tools, choice: adapted.choice, instructions };
}

/** How much of `tool_choice` is understood in this request: models that think often accept less of it. */
function toolChoiceSupport(request: MessageRequest, quirks: Quirks): Quirks["toolChoice"] {
	return (wantsThinking(request) ? quirks.toolChoiceWhileThinking : undefined) ?? quirks.toolChoice;
}

/** OpenAI's `parallel_tool_calls` if the caller restricts it and the provider has the field. */
export function parallelField(request: MessageRequest, quirks: Quirks, note: Note): { parallel_tool_calls?: boolean } {
	const choice = request.tool_choice;
	if (!choice || !("disable_parallel_tool_use" in choice)) return {};
	if (quirks.parallelToolCallsField) return { parallel_tool_calls: !choice.disable_parallel_tool_use };
	note({
		kind: "parallel-tool-use",
		where: "request.tool_choice",
		seen: "disable_parallel_tool_use",
		done: "not sent",
	});
	return {};
}

/** Claude Code 2.1.330 sends it in every request, so that the list of deferred tools is never empty. */
const PLACEHOLDER = "DeferredToolPlaceholder";

/**
 * The client tools, and the server tools that the provider runs (the names of the others are `unavailable`). A deferred
 * tool is offered once a tool search has loaded it; a provider that understands deferred tools gets all of them.
 */
function offeredTools(request: MessageRequest, quirks: Quirks, note: Note): { tools: Tool[]; unavailable: string[] } {
	const loaded = loadedTools(request);
	const tools: Tool[] = [];
	const unavailable: string[] = [];
	for (const tool of request.tools ?? []) {
		if (isServerTool(tool)) {
			if (quirks.serverTools.some((prefix) => tool.type?.startsWith(prefix))) tools.push(tool);
			else {
				unavailable.push(tool.name);
				note({
					kind: "server-tool",
					where: "request.tools",
					seen: `${tool.type}`,
					done: "left out: the endpoint does not run it",
					data: { tools: [tool.name] },
				});
			}
		} else if (!tool.defer_loading || quirks.toolReferences || loaded.has(tool.name)) tools.push(tool);
		else if (tool.name !== PLACEHOLDER) {
			const done = "not offered before it is loaded";
			note({ kind: "deferred-tool", where: "request.tools", seen: tool.name, done, data: { tools: [tool.name] } });
		}
	}
	return { tools, unavailable };
}

/** Where the provider limits their number, Claude Code's own tools come before those of MCP servers. */
function limitTools(tools: Tool[], limit: number, note: Note): Tool[] {
	if (tools.length <= limit) return tools;
	const isFromServer = (tool: Tool) => tool.name.startsWith("mcp__");
	const ranked = [...tools.filter((tool) => !isFromServer(tool)), ...tools.filter(isFromServer)];
	const kept = new Set(ranked.slice(0, limit));
	const dropped = tools.filter((tool) => !kept.has(tool)).map((tool) => tool.name);
	note({
		kind: "too-many-tools",
		where: "request.tools",
		seen: `${tools.length} tools`,
		done: `left out: ${dropped.join(", ")}`,
		data: { tools: dropped },
	});
	return tools.filter((tool) => kept.has(tool));
}

/** A tool that Anthropic runs itself has a dated type and no schema. */
export function isServerTool(tool: Tool): boolean {
	return tool.type !== undefined && tool.type !== "custom" && tool.input_schema === undefined;
}

/** A server tool as it came, for a provider that runs it, without the fields that only Anthropic reads. */
export type PassedTool = Omit<Tool, "cache_control" | "defer_loading">;

export function passedTool({ cache_control: _cache, defer_loading: _defer, ...rest }: Tool): PassedTool {
	return rest;
}

function unavailableToolText(names: readonly string[]): string {
	return `The tool ${names.join(", ")} is not available on this endpoint. Say plainly that it could not be used; do not invent its results.`;
}

function loadedTools(request: MessageRequest): Set<string> {
	const names = new Set<string>();
	const read = (block: ContentBlock) => {
		if (block.type === "tool_reference") names.add(block.tool_name);
		// A tool that was called had been loaded, even if a compaction has removed the search.
		if (block.type === "tool_use") names.add(block.name);
		if (block.type === "tool_result") contentBlocks(block.content).forEach(read);
	};
	for (const message of request.messages) contentBlocks(message.content).forEach(read);
	return names;
}
