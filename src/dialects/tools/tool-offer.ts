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
import { toolChoiceSupport } from "../reasoning/thinking-request.ts";
import { adaptToolChoice } from "./tool-choice.ts";

export interface ToolOffer {
	tools: Tool[];
	/** The caller's wish in a form the provider takes; undefined: the field is not sent. */
	choice: ToolChoice | undefined;
	/** What has to be said in words, because the provider has no field for it. */
	instructions: string[];
}

/** The tools that the model is offered, and the choice among them. Without tools there is no choice. */
export function toolOffer(request: MessageRequest, { quirks }: Target, note: Note): ToolOffer {
	const offered = offeredTools(request, quirks, note);
	const instructions = offered.unavailable.length > 0 ? [unavailableToolText(offered.unavailable)] : [];
	const tools = limitTools(offered.tools, quirks.maxTools, note);
	if (tools.length === 0) return { tools, choice: undefined, instructions };
	const adapted = adaptToolChoice(request.tool_choice, tools, toolChoiceSupport(request, quirks), note);
	if (adapted.instruction) instructions.push(adapted.instruction);
	return { tools: adapted.tools, choice: adapted.choice, instructions };
}

/** OpenAI's `parallel_tool_calls`, where the caller has a wish and the provider takes the field. */
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

export interface OfferedTools {
	/** Client tools, and the server tools that the provider runs itself. */
	tools: Tool[];
	/** Names of server tools that nobody can run here. */
	unavailable: string[];
}

/** Sent by Claude Code 2.1.330 in every request, so that a list of deferred tools is never empty (measured). */
const PLACEHOLDER = "DeferredToolPlaceholder";

/**
 * The tools the model is really offered: a deferred one only once a tool search has loaded it, a server tool only
 * where the provider runs it. A provider that understands deferred tools gets them all.
 */
export function offeredTools(request: MessageRequest, quirks: Quirks, note: Note): OfferedTools {
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
					done: "left out: nobody runs it here",
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

/** Claude Code's own tools go before those of MCP servers where not all can be offered. */
export function limitTools(tools: Tool[], limit: number, note: Note): Tool[] {
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
		data: { tools: dropped },
	});
	return tools.filter((tool) => kept.has(tool));
}

/** A tool that Anthropic runs itself has a dated type and no schema. */
export function isServerTool(tool: Tool): boolean {
	return tool.type !== undefined && tool.type !== "custom" && tool.input_schema === undefined;
}

/** A server tool in the form in which it came, for a provider that runs it: without what only Anthropic reads. */
export type PassedTool = Omit<Tool, "cache_control" | "defer_loading">;

export function passedTool({ cache_control: _cache, defer_loading: _defer, ...rest }: Tool): PassedTool {
	return rest;
}

/** What is said to the model in the place of server tools that nobody runs. */
export function unavailableToolText(names: readonly string[]): string {
	return `The tool ${names.join(", ")} is not available on this endpoint. Say plainly that it could not be used; do not invent its results.`;
}

function loadedTools(request: MessageRequest): Set<string> {
	const names = new Set<string>();
	const read = (block: ContentBlock) => {
		if (block.type === "tool_reference") names.add(block.tool_name);
		// Called before: it was loaded once, even if a compaction has removed the search.
		if (block.type === "tool_use") names.add(block.name);
		if (block.type === "tool_result") contentBlocks(block.content).forEach(read);
	};
	for (const message of request.messages) contentBlocks(message.content).forEach(read);
	return names;
}
