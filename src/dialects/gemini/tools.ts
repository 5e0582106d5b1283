import { asObject } from "../../platform/json.ts";
import type { Target } from "../../profile/model/target.ts";
import type { Note } from "../../protocol/divergence.ts";
import type { MessageRequest, Tool, ToolChoice } from "../../protocol/messages.ts";
import type { ToolNames } from "../tools/tool-names.ts";
import { isServerTool, parallelField, toolOffer } from "../tools/tool-offer.ts";
import { geminiSchema } from "./schema.ts";
import type { FunctionCallingConfig, FunctionDeclaration, GeminiTool, GenerateContentRequest } from "./wire.ts";

export interface ToolFields {
	fields: Pick<GenerateContentRequest, "tools" | "toolConfig">;
	/** Sentences for the model, for everything that the provider has no field for. */
	instructions: string[];
}

export function toolFields(request: MessageRequest, target: Target, names: ToolNames, note: Note): ToolFields {
	const { tools, choice, instructions } = toolOffer(request, target, note);
	if (tools.length === 0) return { fields: {}, instructions };
	const functions = tools.filter((tool) => !isServerTool(tool));
	const list: GeminiTool[] = [];
	if (functions.length > 0)
		list.push({ functionDeclarations: functions.map((tool) => declaration(tool, target, names)) });
	for (const tool of tools.filter(isServerTool)) list.push(serverTool(tool, note));
	const calling = choice && functions.length > 0 ? callingConfig(choice, functions, names) : undefined;
	// Gemini has no such field: this only notes the restriction.
	parallelField(request, { ...target.quirks, parallelToolCallsField: false }, note);
	return { fields: { tools: list, ...(calling && { toolConfig: { functionCallingConfig: calling } }) }, instructions };
}

function declaration(tool: Tool, { quirks }: Target, names: ToolNames): FunctionDeclaration {
	const parameters = geminiSchema(tool.input_schema, quirks);
	// Gemini refuses an object without properties, but not a function without parameters.
	const hasParameters = Object.keys(asObject(parameters["properties"])).length > 0;
	return {
		name: names.toProvider(tool.name),
		...(tool.description && { description: tool.description }),
		...(hasParameters && { parameters }),
	};
}

/** Claude Code's `web_search_…` as Google's own search. */
function serverTool(tool: Tool, note: Note): GeminiTool {
	for (const field of ["allowed_domains", "blocked_domains"]) {
		if (tool[field] === undefined) continue;
		const done = "not sent: no such filter";
		note({ kind: "server-tool", where: "request.tools", seen: field, done, data: { tools: [tool.name] } });
	}
	return tool.type?.startsWith("code_execution") ? { codeExecution: {} } : { googleSearch: {} };
}

function callingConfig(choice: ToolChoice, functions: readonly Tool[], names: ToolNames): FunctionCallingConfig {
	switch (choice.type) {
		case "auto":
			return { mode: "AUTO" };
		case "none":
			return { mode: "NONE" };
		case "any":
			return { mode: "ANY" };
		case "tool": {
			const isOffered = functions.some((tool) => tool.name === choice.name);
			return isOffered ? { mode: "ANY", allowedFunctionNames: [names.toProvider(choice.name)] } : { mode: "AUTO" };
		}
	}
}
