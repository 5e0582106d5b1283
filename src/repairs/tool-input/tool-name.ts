import type { Tool } from "../../protocol/messages.ts";
import { findTool, type ToolTable } from "../markup/scanner/grammar.ts";
import { fold } from "./fit-keys.ts";

/**
 * The offered tool that a structured call means: as `findTool`, and an MCP tool without its server, or with other
 * signs between the parts (`mcp.db.query`), where only one tool can be meant.
 */
export function closestTool(name: string, tools: ToolTable): Tool | undefined {
	const found = findTool(name, tools);
	if (found || fold(name) === "") return found;
	const same = [...tools.values()].filter((tool) => fold(tool.name) === fold(name));
	if (same.length > 0) return same.length === 1 ? same[0] : undefined;
	const endings = [...tools.values()].filter((tool) =>
		endingsOf(tool.name).some((ending) => fold(ending) === fold(name)),
	);
	return endings.length === 1 ? endings[0] : undefined;
}

/** `mcp__server__tool` is also called `server__tool` and `tool`. */
function endingsOf(name: string): string[] {
	const [prefix, server, ...rest] = name.split("__");
	return prefix === "mcp" && rest.length > 0 ? [`${server}__${rest.join("__")}`, rest.join("__")] : [];
}
