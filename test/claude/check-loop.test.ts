import { afterEach, beforeEach, expect, test } from "vitest";
import { HonestModel } from "../support/honest-model.ts";
import { Sandbox } from "../support/processes.ts";
import { CLAUDES, cleanEnvironment, KEY } from "../support/real-claude.ts";
import { type Script, ScriptedProvider } from "../support/scripted-provider.ts";

let sandbox: Sandbox;
let provider: ScriptedProvider | undefined;

beforeEach(() => {
	sandbox = new Sandbox();
});
afterEach(async () => {
	sandbox.close();
	await provider?.close();
	provider = undefined;
});

async function checkWithClaude(script: Script, claude: string, turns: number) {
	provider = await ScriptedProvider.start(script, KEY);
	const profile = sandbox.profile(provider.baseUrl);
	const words = ["check", profile, "--runs", "1", "--only", "single-call", "--json"];
	const run = sandbox.ccAny(
		[...words, "--turns", String(turns), "--loops", "0", "--with-claude", "--claude", claude],
		cleanEnvironment(sandbox),
	);
	expect(await run.ended, run.stderr).toBe(0);
	return JSON.parse(run.stdout)[0].claudeLoop;
}

test.each(CLAUDES)("Claude Code %s follows a trail of 60 calls", { timeout: 120_000 }, async (_version, claude) => {
	const model = new HonestModel();
	const loop = await checkWithClaude((request) => model.reply(request), claude, 60);
	expect(loop).toMatchObject({ demanded: 60, answered: true, completed: true, exitCode: 0, repaired: 0 });
	expect(loop.right).toBe(loop.files);
	expect(loop.calls).toBeGreaterThanOrEqual(60);
});

test("a model that forgets is found out by the files", { timeout: 60_000 }, async () => {
	const model = new HonestModel();
	const forgets: Script = (request) => {
		const reply = model.reply(request);
		const toolCalls = reply.toolCalls?.map((call) => {
			const input = call.arguments as Record<string, unknown>;
			const recalls = String(input["file_path"]).includes("recall-");
			return recalls ? { ...call, arguments: { ...input, content: "sparrow" } } : call;
		});
		return { ...reply, ...(toolCalls && { toolCalls }) };
	};
	const loop = await checkWithClaude(forgets, CLAUDES[1][1], 20);
	expect(loop).toMatchObject({ completed: false, answered: true });
	expect(loop.right).toBeLessThan(loop.files);
});
