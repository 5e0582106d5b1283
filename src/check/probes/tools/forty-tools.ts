import type { Tool } from "../../../protocol/messages.ts";
import { question } from "../../materials/conversation.ts";
import type { Probe } from "../../probe.ts";
import { judgeCalls } from "../../run/judge.ts";

const VERBS = ["create", "read", "update", "delete", "list"];
const NOUNS = ["customer", "invoice", "order", "product", "ticket", "user", "warehouse", "report"];

const OFFERED: Tool[] = NOUNS.flatMap((noun) =>
	VERBS.map((verb) => ({
		name: `mcp__erp__${verb}_${noun}`,
		description: `Calls ${verb} on one ${noun}.`,
		input_schema: { type: "object", properties: { id: { type: "string" } }, required: ["id"] },
	})),
);

export const fortyTools: Probe = {
	name: "forty-tools",
	claim: "the right one of 40 tools is called",
	weight: 2,
	async run(ask) {
		const tool = OFFERED.find(({ name }) => name === "mcp__erp__delete_invoice") as Tool;
		const answer = await ask(question("Delete the invoice with the id 4711.", { tools: OFFERED }));
		return judgeCalls(answer, { tool, input: { id: "4711" } });
	},
};
