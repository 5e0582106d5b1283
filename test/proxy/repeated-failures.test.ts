import { afterEach, expect, test, vi } from "vitest";
import { startProxy } from "../../src/proxy/server.ts";
import type { ExchangeRecord } from "../../src/trace/record/exchange-record.ts";
import { type Behaviour, chatStream, startFaultServer } from "../support/fault-server.ts";
import { testProfile } from "../support/profile.ts";
import { ASK } from "../support/sdk-client.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
	vi.restoreAllMocks();
	for (const close of closers.splice(0).reverse()) await close();
});

const fine: Behaviour = { stream: chatStream({ content: "fine" }) };
const refusal = (message: string, status = 400): Behaviour => ({
	status,
	body: JSON.stringify({ error: { message } }),
});

interface Form {
	[field: string]: unknown;
	betas?: string;
	session?: string;
}

async function setup(
	script: Parameters<typeof startFaultServer>[0],
	dialect: "openai-chat" | "anthropic" = "openai-chat",
) {
	const server = await startFaultServer(script);
	const records: ExchangeRecord[] = [];
	const profile = testProfile(server.url, { dialect, quirks: { betas: "all" } });
	const proxy = await startProxy({ profile, onExchange: (record) => records.push(record) });
	closers.push(
		() => server.close(),
		() => proxy.close(),
	);
	const ask = async ({ betas, session = "one", ...more }: Form = {}) => {
		const reply = await fetch(`${proxy.url}/v1/messages`, {
			method: "POST",
			headers: {
				authorization: `Bearer ${proxy.token}`,
				"user-agent": "claude-cli/2.1.332 (external, cli)",
				"x-claude-code-session-id": session,
				...(betas !== undefined && { "anthropic-beta": betas }),
			},
			body: JSON.stringify({ ...ASK, stream: true, ...more }),
		});
		const body = await reply.text();
		return { status: reply.status, body };
	};
	return { server, records, ask };
}

const user = (text: string) => ({ role: "user", content: [{ type: "text", text }] });
const tool = (name: string) => ({ name, input_schema: { type: "object" } });

/** What Claude Code 2.1.332 sends after a 400: other betas, another thinking, other tools, a line about ToolSearch. */
const FORMS: Form[] = [
	{ betas: "a-2025-01-01,thinking-token-count-2026-05-13", thinking: { type: "adaptive", display: "omitted" } },
	{ betas: "a-2025-01-01", thinking: { type: "adaptive", display: "omitted" } },
	{ betas: "a-2025-01-01", thinking: { type: "adaptive" } },
	{ betas: "thinking-token-count-2026-05-13", tools: [tool("Read"), tool("Bash")] },
	{
		tools: [tool("Read"), tool("Bash")],
		messages: [...ASK.messages, { role: "system", content: "ToolSearch is no longer available." }],
	},
	{ messages: [{ role: "user", content: [{ type: "text", text: "Hello", cache_control: { type: "ephemeral" } }] }] },
	{ messages: [user("<system-reminder>Today is Sunday.</system-reminder>\n"), user("Hello")].slice(1), stream: false },
];

test("Claude Code's other forms of a refused request are answered without asking the provider", async () => {
	const run = await setup([refusal("The host says no")], "anthropic");
	const answers = [];
	for (const form of FORMS) answers.push(await run.ask(form));
	expect(run.server.requests).toHaveLength(1);
	expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([400]));
	for (const { body } of answers) expect(body).toContain("The host says no");
	expect(run.records.at(-1)?.divergences).toContainEqual({
		kind: "repeated-failure",
		where: "upstream",
		seen: "the same messages again: The host says no",
		done: "the provider was not asked again",
	});
	expect(run.records.at(-1)).toMatchObject({ attempts: 0, failureClass: "bad-request" });
});

test.each<[string, Form]>([
	["another message", { messages: [user("Hello again")] }],
	["another answer before it", { messages: [user("Hi"), { role: "assistant", content: "Yes?" }, ...ASK.messages] }],
	["another session", { session: "two" }],
	["another model", { model: "other-model" }],
	["another output limit", { max_tokens: 500 }],
])("%s is another request", async (_name, form) => {
	const run = await setup([refusal("The host says no"), fine]);
	await run.ask();
	expect((await run.ask(form)).status).toBe(200);
	expect(run.server.requests).toHaveLength(2);
});

test.each<[string, string, Form, Form]>([
	["a beta", "Unexpected beta `x-2026-01-01`", { betas: "x-2026-01-01,y-2026-01-01" }, { betas: "y-2026-01-01" }],
	["a tool by its name", "The host does not want Odd", { tools: [tool("Odd"), tool("Ok")] }, { tools: [tool("Ok")] }],
	[
		"a tool by its place",
		"tools.1.custom.input_schema: bad",
		{ tools: [tool("Ok"), tool("Odd")] },
		{ tools: [tool("Ok")] },
	],
	["a value", "value 'any' is wrong", { tool_choice: { type: "any" } }, { tool_choice: { type: "auto" } }],
])("once %s that was refused is gone, the provider is asked", async (_name, message, before, after) => {
	const run = await setup(({ body, headers }) => {
		const sent = `${headers["anthropic-beta"]} ${body}`;
		const isRefused = ["x-2026-01-01", "Odd", '"any"'].some((word) => sent.includes(word));
		return isRefused ? { status: 418, body: JSON.stringify({ error: { message } }) } : fine;
	}, "anthropic");
	expect((await run.ask(before)).status).not.toBe(200);
	expect((await run.ask({ ...before, thinking: { type: "adaptive" } })).status).not.toBe(200);
	expect(run.server.requests).toHaveLength(1);
	await run.ask(after);
	expect(run.server.requests).toHaveLength(2);
});

test("after 20 s the provider is asked again", async () => {
	const run = await setup([refusal("The host says no"), fine]);
	await run.ask();
	const now = Date.now();
	vi.spyOn(Date, "now").mockReturnValue(now + 19_000);
	await run.ask();
	expect(run.server.requests).toHaveLength(1);
	vi.spyOn(Date, "now").mockReturnValue(now + 20_100);
	expect((await run.ask()).status).toBe(200);
	expect(run.server.requests).toHaveLength(2);
});

test("a failure that may pass is not remembered", async () => {
	const run = await setup([{ ...refusal("slow down", 429), headers: { "retry-after": "90" } }]);
	expect((await run.ask()).status).toBe(429);
	expect((await run.ask()).status).toBe(429);
	expect(run.records[1]?.divergences.map(({ kind }) => kind)).not.toContain("repeated-failure");
});
