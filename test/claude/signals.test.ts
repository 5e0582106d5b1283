import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isAlive, isListening, type Run, Sandbox, until } from "../support/processes.ts";
import { CLAUDES, KEY, print } from "../support/real-claude.ts";
import { ScriptedProvider } from "../support/scripted-provider.ts";

let sandbox: Sandbox;
let provider: ScriptedProvider;
let profile: string;

beforeEach(async () => {
	sandbox = new Sandbox();
	provider = await ScriptedProvider.start(() => ({ text: "thinking about it ", hang: true }), KEY);
	profile = sandbox.profile(provider.baseUrl);
});
afterEach(async () => {
	sandbox.close();
	await provider.close();
});

/** The process id of claude: the only child of cc-any. */
function childOf(pid: number): number {
	return Number(execFileSync("ps", ["-o", "pid=", "--ppid", String(pid)], { encoding: "utf8" }).trim());
}

/** Ports on which a process listens, from /proc. */
function portOf(pid: number): number {
	const environment = execFileSync("cat", [`/proc/${pid}/environ`], { encoding: "utf8" });
	return Number(/ANTHROPIC_BASE_URL=http:\/\/127\.0\.0\.1:(\d+)/.exec(environment)?.[1]);
}

async function streaming(claude: string): Promise<{ run: Run; child: number; port: number }> {
	const run = print(sandbox, claude, profile, ["think"]);
	await until(() => provider.requests[0]);
	const child = childOf(run.pid);
	return { run, child, port: portOf(child) };
}

describe.each(CLAUDES)("Claude Code %s", (_version, claude) => {
	test.each([
		["SIGINT", "cc-any", 0],
		["SIGTERM", "cc-any", 143],
		["SIGHUP", "cc-any", 129],
		["SIGTERM", "claude", 143],
		["SIGKILL", "claude", "SIGKILL"],
	] as const)("%s to %s while the model answers", async (signal, whom, end) => {
		const { run, child, port } = await streaming(claude);
		if (whom === "cc-any") run.kill(signal);
		else process.kill(child, signal);
		expect(await run.ended).toBe(end);
		expect(isAlive(child)).toBe(false);
		expect(await isListening(port)).toBe(false);
		await until(() => provider.requests.every(({ aborted }) => aborted) || undefined);
		expect(readdirSync(sandbox.path("tmp")).filter((name) => name.startsWith("cc-any"))).toEqual([]);
	});
});
