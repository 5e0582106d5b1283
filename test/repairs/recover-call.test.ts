import { afterEach, expect, test } from "vitest";
import { type ProxyServer, startProxy } from "../../src/proxy/server.ts";
import type { ExchangeRecord } from "../../src/trace/record/exchange-record.ts";
import { type Behaviour, chatStream, type FaultServer, startFaultServer } from "../support/fault-server.ts";
import { testProfile } from "../support/profile.ts";
import { sampleRequest } from "../support/run-repair.ts";
import { ASK, sdkClient } from "../support/sdk-client.ts";

let proxy: ProxyServer;
let server: FaultServer;
let records: ExchangeRecord[];
afterEach(async () => {
	await proxy.close();
	await server.close();
});

const refused = (failed_generation: string): Behaviour => ({
	status: 400,
	body: JSON.stringify({
		error: {
			message: "Failed to call a function.",
			type: "invalid_request_error",
			code: "tool_use_failed",
			failed_generation,
		},
	}),
});

async function ask(...script: Behaviour[]) {
	records = [];
	server = await startFaultServer(script);
	proxy = await startProxy({
		profile: testProfile(server.url),

		onExchange: (record) => records.push(record),
	});
	return sdkClient(proxy)
		.messages.stream({ ...ASK, tools: sampleRequest.tools as never })
		.finalMessage();
}

test.each([
	["<function=Bash>", '<function=Bash>{"command": "ls"}</function>'],
	["an object in the tag", '<function=Bash{"command": "ls"}></function>'],
	["an object", '{"name": "Bash", "parameters": {"command": "ls"}}'],
	["a list", '[{"name": "Bash", "arguments": {"command": "ls"}}]'],
	["a wrong type, repaired", '<function=bash>{"command": "ls", "timeout": "5"}</function>'],
])("Groq could not read the call, and it is read here: %s", async (_name, text) => {
	const message = await ask(refused(text));
	expect(message.stop_reason).toBe("tool_use");
	expect(message.content).toMatchObject([{ type: "tool_use", name: "Bash", input: { command: "ls" } }]);
	expect(server.requests.length).toBe(1);
	expect(records[0]?.divergences.map(({ kind }) => kind)).toContain("leaked-tool-call");
});

test("a call of a tool that was not offered is asked for again", async () => {
	const good: Behaviour = { stream: chatStream({ content: "fine" }) };
	const message = await ask(refused('<function=Launch>{"a": 1}</function>'), good);
	expect(message.content).toMatchObject([{ type: "text", text: "fine" }]);
	expect(server.requests.length).toBe(2);
});
