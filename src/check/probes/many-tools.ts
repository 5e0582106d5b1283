import type { Tool } from "../../protocol/messages.ts";
import { question } from "../materials/conversation.ts";
import type { Probe } from "../probe.ts";
import { judgeCalls } from "../run/judge.ts";

const VERBS = ["create", "read", "update", "delete", "list"];
const NOUNS = ["customer", "invoice", "order", "product", "ticket", "user", "warehouse", "report"];

const ERP_TOOLS = NOUNS.flatMap((noun) =>
	VERBS.map((verb) => tool(`mcp__erp__${verb}_${noun}`, `Calls ${verb} on one ${noun}.`, "id")),
);

export const fortyTools: Probe = {
	name: "forty-tools",
	claim: "the right one of 40 tools is called",
	weight: 2,
	async run(ask) {
		const answer = await ask(question("Delete the invoice with the id 4711.", { tools: ERP_TOOLS }));
		return judgeCalls(answer, { tool: named("mcp__erp__delete_invoice", ERP_TOOLS), input: { id: "4711" } });
	},
};

const SIMILAR_NAMES = ["search_file", "search_files", "searchFiles", "search_files_by_name", "files_search"];

const INDEX_TOOLS = SIMILAR_NAMES.map((name) => tool(`mcp__index__${name}`, `The search called ${name}.`, "query"));

export const similarNames: Probe = {
	name: "similar-names",
	claim: "tools with similar names are distinguished",
	weight: 1,
	async run(ask) {
		const answer = await ask(question("Look for TODO with the tool mcp__index__search_files.", { tools: INDEX_TOOLS }));
		return judgeCalls(answer, { tool: named("mcp__index__search_files", INDEX_TOOLS), input: { query: "TODO" } });
	},
};

/** A tool with one parameter, a required string. */
function tool(name: string, description: string, parameter: string): Tool {
	const properties = { [parameter]: { type: "string" } };
	return { name, description, input_schema: { type: "object", properties, required: [parameter] } };
}

function named(name: string, tools: readonly Tool[]): Tool {
	const found = tools.find((candidate) => candidate.name === name);
	if (!found) throw new Error(`no tool ${name}`);
	return found;
}
