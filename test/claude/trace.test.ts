import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Explanation } from "../../src/trace/explain/explain.ts";
import { Sandbox } from "../support/processes.ts";
import { CLAUDES, cleanEnvironment, KEY } from "../support/real-claude.ts";
import { type Script, ScriptedProvider } from "../support/scripted-provider.ts";

let sandbox: Sandbox;
let provider: ScriptedProvider;

beforeEach(() => {
	sandbox = new Sandbox();
});
afterEach(async () => {
	sandbox.close();
	await provider.close();
});

const bash = (command: string) => ({ name: "Bash", arguments: { command, description: "test" } });
const leaked = `<tool_call>${JSON.stringify({ name: "Bash", arguments: { command: "echo leaked", description: "test" } })}</tool_call>`;

/** One fault per request, in this order. Claude Code gets a complete reply in each case. */
const FAULTS: readonly [
	reply: ReturnType<Script>,
	expected: [kind: string, stage: string, verdict: string] | undefined,
][] = [
	[{ status: 503, body: '{"error":{"message":"overloaded"}}' }, undefined],
	[{ toolCalls: [bash("echo one")] }, ["retry", "upstream", "provider"]],
	[{ text: leaked }, ["leaked-tool-call", "response repair", "model"]],
	[{ toolCalls: [{ ...bash("echo two"), id: "call_1" }] }, undefined],
	[{ toolCalls: [{ ...bash("echo three"), id: "call_1" }] }, ["repeated-tool-call-id", "decode", "provider"]],
	[{ toolCalls: [bash("echo four")], finish: "because" }, ["finish-reason", "decode", "provider"]],
	[{ toolCalls: [{ ...bash("x"), arguments: '{"command": "echo fi' }] }, ["tool-input", "response repair", "model"]],
	[{ text: "All done." }, ["unparsed-tool-input", "request repair", "client"]],
];

describe.each(CLAUDES)("Claude Code %s on a provider with seeded faults", (_version, claude) => {
	test("explain names each fault's stage, rule and verdict", async () => {
		const script: Script = (_request, number) => FAULTS[number - 1]?.[0] ?? { text: "More than was expected." };
		provider = await ScriptedProvider.start(script, KEY);
		const profile = sandbox.profile(provider.baseUrl);
		const environment = cleanEnvironment(sandbox, { CC_ANY_TRACE: "1" });
		const words = ["--profile", profile, "--claude", claude, "-p", "run them", "--allowedTools", "Bash"];
		const run = sandbox.ccAny(words, environment, "");
		expect(await run.ended, run.stderr).toBe(0);
		expect(run.stdout).toBe("All done.\n");

		// The first request and its retry are one exchange.
		const expected = FAULTS.slice(1).map(([, found]) => found);
		for (const [index, found] of expected.entries()) {
			const explain = sandbox.ccAny(["trace", "explain", "last", String(index + 1), "--json"], environment);
			expect(await explain.ended, `${explain.stderr} ${run.stderr}`).toBe(0);
			const { first, changes } = JSON.parse(explain.stdout) as Explanation;
			const told = first && [first.kind, first.rule?.stage, first.rule?.verdict];
			expect(told, `exchange ${index + 1}`).toEqual(found);
			expect(changes?.map(({ rule }) => rule)).toEqual(expect.arrayContaining(["billing-line"]));
			expect(changes?.filter(({ rule }) => rule === "")).toEqual([]);
		}
	});
});
