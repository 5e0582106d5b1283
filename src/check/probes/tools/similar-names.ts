import type { Tool } from "../../../protocol/messages.ts";
import { question } from "../../materials/conversation.ts";
import type { Probe } from "../../probe.ts";
import { judgeCalls } from "../../run/judge.ts";

const NAMES = ["search_file", "search_files", "searchFiles", "search_files_by_name", "files_search"];

const OFFERED: Tool[] = NAMES.map((name) => ({
	name: `mcp__index__${name}`,
	description: `The search called ${name}.`,
	input_schema: { type: "object", properties: { query: { type: "string" } }, required: ["query"] },
}));

export const similarNames: Probe = {
	name: "similar-names",
	claim: "tools whose names are alike are told apart",
	weight: 1,
	async run(ask) {
		const [, tool] = OFFERED as [Tool, Tool];
		const answer = await ask(question("Look for TODO with the tool mcp__index__search_files.", { tools: OFFERED }));
		return judgeCalls(answer, { tool, input: { query: "TODO" } });
	},
};
