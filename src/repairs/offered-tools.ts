import type { MessageRequest } from "../protocol/messages.ts";
import type { ToolTable } from "./markup/scanner/grammar.ts";

/** The tools of a request that a model can call: those with a schema. */
export function offeredTools(request: MessageRequest): ToolTable {
	const offered = (request.tools ?? []).filter((tool) => tool.input_schema !== undefined);
	return new Map(offered.map((tool) => [tool.name, tool]));
}
