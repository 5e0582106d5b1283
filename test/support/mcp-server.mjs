// A small MCP server over stdio: one tool with a nested schema. Answers with the arguments that it got.
import { createInterface } from "node:readline";

const schema = {
	type: "object",
	$defs: {
		place: {
			type: "object",
			properties: { city: { type: "string" }, zip: { type: ["string", "null"] } },
			required: ["city"],
		},
	},
	properties: {
		where: { $ref: "#/$defs/place" },
		unit: { enum: ["celsius", "fahrenheit"], default: "celsius" },
		days: { type: "integer", minimum: 1, maximum: 14 },
	},
	required: ["where"],
};

const answers = {
	initialize: ({ protocolVersion }) => ({
		protocolVersion,
		capabilities: { tools: {} },
		serverInfo: { name: "sample", version: "1.0.0" },
	}),
	"tools/list": () => ({
		tools: [{ name: "forecast", description: "Weather forecast for a place", inputSchema: schema }],
	}),
	"tools/call": (params) => ({ content: [{ type: "text", text: `forecast for ${JSON.stringify(params.arguments)}` }] }),
};

for await (const line of createInterface({ input: process.stdin })) {
	const { id, method, params } = JSON.parse(line);
	if (id === undefined) continue;
	const answer = answers[method];
	const body = answer ? { result: answer(params ?? {}) } : { error: { code: -32601, message: `no method ${method}` } };
	process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, ...body })}\n`);
}
