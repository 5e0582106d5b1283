import { existsSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ClaudeOutcome } from "../../src/check/claude/task.ts";
import { HonestModel } from "../support/honest-model.ts";
import { Sandbox } from "../support/processes.ts";
import { CLAUDES, cleanEnvironment, KEY } from "../support/real-claude.ts";
import { type Script, ScriptedProvider, type ScriptedReply } from "../support/scripted-provider.ts";

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

/** A model that does the task, with its calls changed by the test. */
function honest(change: (call: Call, number: number) => Call = (call) => call): Script {
	const model = new HonestModel();
	let number = 0;
	return (request) => {
		const reply = model.reply(request);
		const toolCalls = reply.toolCalls?.map((call) => change(call, ++number));
		return { ...reply, ...(toolCalls && { toolCalls }) };
	};
}

type Call = NonNullable<ScriptedReply["toolCalls"]>[number];
const pathOf = (call: Call) => String((call.arguments as Record<string, unknown>)["file_path"]);
const withInput = (call: Call, input: Record<string, unknown>): Call => ({
	...call,
	arguments: { ...(call.arguments as Record<string, unknown>), ...input },
});

interface Checked {
	claude: Record<string, ClaudeOutcome>;
	expense: { requests: number };
}

async function checkWithClaude(script: Script, claude: string, turns: number): Promise<Checked> {
	provider = await ScriptedProvider.start(script, KEY);
	const profile = sandbox.profile(provider.baseUrl);
	const words = ["check", profile, "--runs", "1", "--only", "single-call", "--json"];
	const run = sandbox.ccAny(
		[...words, "--turns", String(turns), "--loops", "0", "--with-claude", "--claude", claude],
		cleanEnvironment(sandbox),
	);
	expect(await run.ended, run.stderr).toBe(0);
	const [report] = JSON.parse(run.stdout);
	return { ...report, claude: Object.fromEntries(report.claude.map((one: ClaudeOutcome) => [one.task, one])) };
}

test.each(CLAUDES)(
	"Claude Code %s: a trail of 60 calls, and the repositories",
	{ timeout: 120_000 },
	async (_v, claude) => {
		const { claude: outcomes, expense } = await checkWithClaude(honest(), claude, 60);
		const done = { passed: true, exitCode: 0, repaired: 0 };
		expect(outcomes).toMatchObject({
			trail: { ...done, detail: "18 of 18 files right, answer right" },
			"fix-bug": { ...done, calls: 4, detail: "test/invoice.test.js passed" },
			rename: { ...done, calls: 10, detail: "outcome.test.js passed" },
			"add-feature": { ...done, calls: 3, detail: "test/duration.test.js passed" },
		});
		expect(outcomes["trail"]?.calls).toBeGreaterThanOrEqual(60);
		// The time of Claude Code is part of the time of the check.
		const requests = Object.values(outcomes).reduce((sum, one) => sum + one.requests, 0);
		expect(expense.requests).toBe(requests + 2);
	},
);

test("a model that forgets, and one that does half of the work, fail the check", { timeout: 60_000 }, async () => {
	const script = honest((call) => {
		if (pathOf(call).includes("recall-")) return withInput(call, { content: "sparrow" });
		if (pathOf(call).endsWith("greet.js") && call.name === "Write") return withInput(call, { content: "export {};\n" });
		if (pathOf(call).endsWith("discount.js") && call.name === "Edit")
			return withInput(call, { new_string: "sum > 4000" });
		return call;
	});
	const { claude } = await checkWithClaude(script, CLAUDES[1][1], 20);
	expect(claude["trail"]).toMatchObject({
		passed: false,
		detail: expect.stringMatching(/^\d of \d files right, answer right/),
	});
	expect(claude["fix-bug"]).toMatchObject({ passed: false, detail: expect.stringContaining("ten percent") });
	expect(claude["rename"]).toMatchObject({ passed: false });
	expect(claude["add-feature"]).toMatchObject({ passed: true });
});

test.each(CLAUDES)(
	"Claude Code %s may only change files in its own folder",
	{ timeout: 60_000 },
	async (_version, claude) => {
		const secret = sandbox.path("secret.txt");
		const target = sandbox.path("written.txt");
		writeFileSync(secret, "the word is quillfeather\n");
		const tries: Call[] = [
			{ name: "Read", arguments: { file_path: secret } },
			{ name: "Write", arguments: { file_path: target, content: "x" } },
			{ name: "Bash", arguments: { command: `touch ${target}`, description: "writes" } },
		];
		let seen = "";
		await checkWithClaude(
			(request) => {
				seen += JSON.stringify(request.messages);
				const made = request.messages.filter((message) => message.role === "tool").length;
				const next = request.tools?.some((tool) => tool.function.name === "Edit") ? tries[made] : undefined;
				return next ? { toolCalls: [next] } : { text: "Done." };
			},
			claude,
			4,
		);
		expect(seen).toContain(secret);
		expect(seen).not.toContain("quillfeather");
		expect(existsSync(target)).toBe(false);
	},
);
