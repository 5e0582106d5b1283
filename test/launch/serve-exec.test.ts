import { execFileSync } from "node:child_process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isListening, type Run, Sandbox } from "../support/processes.ts";

const KEY = "sk-sample-key-that-must-not-travel";
let sandbox: Sandbox;
let profile: string;

beforeEach(() => {
	sandbox = new Sandbox();
	profile = sandbox.profile("http://127.0.0.1:9/v1");
});
afterEach(() => sandbox.close());

function start(words: readonly string[], more: Record<string, string> = {}): Run {
	return sandbox.ccAny(words, sandbox.environment({}, { SAMPLE_API_KEY: KEY, ...more }));
}

describe("serve", () => {
	test.each(["SIGTERM", "SIGINT"] as const)(
		"--json: one line once it accepts requests; %s ends it cleanly",
		async (signal) => {
			const run = start(["serve", "--profile", profile, "--json"]);
			const line = (await run.printed((text) => text.includes("\n"))).split("\n")[0] as string;
			const { url, token, pid, profile: name } = JSON.parse(line);
			expect({ pid, name }).toEqual({ pid: run.pid, name: "sample" });
			const models = await fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${token}` } });
			expect(models.status).toBe(200);
			expect((await fetch(`${url}/v1/models`)).status).toBe(401);
			run.kill(signal);
			expect(await run.ended).toBe(0);
			expect(await isListening(Number(new URL(url).port))).toBe(false);
			expect(run.stdout).toBe(`${line}\n`);
			expect(run.stderr).toBe("");
		},
	);

	test("without --json: lines that a shell can read, the key not among them", async () => {
		const run = start(["serve", "--profile", profile]);
		const text = await run.printed((stdout) => stdout.includes("unset SAMPLE_API_KEY\n"));
		expect(text).not.toContain(KEY);
		const script = `${text}\necho "$ANTHROPIC_BASE_URL|$ANTHROPIC_MODEL|$SAMPLE_API_KEY|"`;
		const echoed = execFileSync("sh", ["-c", script], { env: { SAMPLE_API_KEY: KEY }, encoding: "utf8" });
		expect(echoed).toMatch(/^http:\/\/127\.0\.0\.1:\d+\|sample-large\|\|$/m);
		run.kill("SIGTERM");
		expect(await run.ended).toBe(0);
	});

	test("a target without a profile, on a given port; a port in use is reported", async () => {
		const target = [
			"--base-url",
			"http://127.0.0.1:9/v1",
			"--dialect",
			"openai-chat",
			"--key-env",
			"SAMPLE_API_KEY",
			"--model",
			"m",
		];
		const first = start(["serve", ...target, "--json"]);
		const { url } = JSON.parse(await first.printed((text) => text.includes("\n")));
		const taken = new URL(url).port;
		const second = start(["serve", ...target, "--json", "--port", taken]);
		const other = JSON.parse(await second.printed((text) => text.includes("\n")));
		expect(other.url).not.toBe(url);
		expect(second.stderr).toContain(`port ${taken} is taken`);
		first.kill("SIGTERM");
		second.kill("SIGTERM");
		expect(await Promise.all([first.ended, second.ended])).toEqual([0, 0]);
		const third = start(["serve", ...target, "--json", "--port", taken]);
		expect(JSON.parse(await third.printed((text) => text.includes("\n"))).url).toBe(url);
		third.kill("SIGTERM");
		expect(await third.ended).toBe(0);
	});
});

describe("exec", () => {
	test("any command, with the environment of the profile and its own exit code", async () => {
		const script =
			"console.log(process.env.ANTHROPIC_MODEL, process.env.SAMPLE_API_KEY, process.argv.slice(1)); process.exit(5)";
		const run = start(["exec", "--profile", profile, "--", process.execPath, "-e", script, "--", "--profile", "x y"]);
		expect(await run.ended).toBe(5);
		expect(run.stdout).toBe("sample-large undefined [ '--profile', 'x y' ]\n");
	});

	test("without the separator too, as long as the command has no option of cc-any's", async () => {
		const run = start(["exec", "--profile", profile, "sh", "-c", "exit 9"]);
		expect(await run.ended).toBe(9);
	});

	test("a command that is not there", async () => {
		const run = start(["exec", "--profile", profile, "--", "no-such-command"]);
		expect(await run.ended).toBe(127);
		expect(run.stderr).toContain("no-such-command could not be started");
	});

	test("signals pass through", async () => {
		const run = start(["exec", "--profile", profile, "--", "sh", "-c", "echo up; exec sleep 60"]);
		await run.printed((text) => text.includes("up"));
		run.kill("SIGTERM");
		expect(await run.ended).toBe("SIGTERM");
	});
});
