import { execFileSync } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
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

	test("--json: sends the provider nothing before the first request", async () => {
		const asked: (string | undefined)[] = [];
		const provider = createServer(({ url }, response) => {
			asked.push(url);
			response.end("{}");
		});
		await new Promise<void>((resolve) => provider.listen(0, "127.0.0.1", resolve));
		const address = `http://127.0.0.1:${(provider.address() as AddressInfo).port}/v1`;
		const run = start(["serve", "--json", "--base-url", address, "--model", "m"]);
		await run.printed((text) => text.includes("\n"));
		run.kill("SIGTERM");
		expect(await run.ended).toBe(0);
		expect(asked).toEqual([]);
		provider.close();
	});

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

	test("a target without a profile, on a given port; a port in use is an error", async () => {
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
		expect(await second.ended).toBe(1);
		expect(second.stdout).toBe("");
		expect(second.stderr).toMatch(new RegExp(`port ${taken} of 127.0.0.1 is taken\\s+hint: .*--port \\d+`));
		first.kill("SIGTERM");
		expect(await first.ended).toBe(0);
		const third = start(["serve", ...target, "--json", "--port", taken]);
		expect(JSON.parse(await third.printed((text) => text.includes("\n"))).url).toBe(url);
		third.kill("SIGTERM");
		expect(await third.ended).toBe(0);
	});

	test("--token-env: the token of the variable, which is named and never printed", async () => {
		const token = "a-token-that-clients-know";
		const words = ["serve", "--profile", profile, "--token-env", "MY_TOKEN"];
		for (const json of [true, false]) {
			const run = start([...words, ...(json ? ["--json"] : [])], { MY_TOKEN: ` ${token}\n` });
			const text = await run.printed((stdout) => stdout.includes(json ? "\n" : "unset SAMPLE_API_KEY\n"));
			const url = /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0];
			for (const [offered, status] of [[token, 200] as const, ["another", 401] as const]) {
				const reply = await fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${offered}` } });
				expect(reply.status).toBe(status);
			}
			expect(text).not.toContain(token);
			expect(text).toContain(json ? '"tokenEnv":"MY_TOKEN"' : 'export ANTHROPIC_AUTH_TOKEN="$MY_TOKEN"');
			run.kill("SIGTERM");
			expect(await run.ended).toBe(0);
		}
	});

	test.each([
		[undefined, "is not set"],
		["short", "is not a token of 16 to 256 characters without spaces"],
		["two words are not a token", "is not a token of"],
	])("--token-env with %j", async (value, problem) => {
		const more = value === undefined ? {} : { MY_TOKEN: value };
		const run = start(["serve", "--profile", profile, "--token-env", "MY_TOKEN"], more);
		expect(await run.ended).toBe(78);
		expect(run.stderr).toContain(`MY_TOKEN ${problem}`);
		expect(run.stderr).toContain("hint: export MY_TOKEN=");
		if (value) expect(run.stderr).not.toContain(value);
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

	test("a reply in another wire format than the profile's: the better --dialect is named at the end", async () => {
		const message = {
			...{ id: "msg_1", type: "message", role: "assistant", model: "m", stop_reason: "end_turn", stop_sequence: null },
			...{ content: [{ type: "text", text: "fine" }], usage: { input_tokens: 3, output_tokens: 1 } },
		};
		const server = createServer((request, response) => {
			request.resume();
			response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(message));
		});
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		try {
			const { port } = server.address() as AddressInfo;
			const target = [
				"--base-url",
				`http://127.0.0.1:${port}/v1`,
				"--dialect",
				"openai-chat",
				"--key-env",
				"SAMPLE_API_KEY",
			];
			const script = `const { ANTHROPIC_BASE_URL: url, ANTHROPIC_AUTH_TOKEN: token } = process.env;
				const body = { model: "m", max_tokens: 9, messages: [{ role: "user", content: "hi" }] };
				fetch(url + "/v1/messages", { method: "POST", body: JSON.stringify(body), headers: {
					authorization: "Bearer " + token, "content-type": "application/json", "anthropic-version": "2023-06-01" } })
					.then((reply) => reply.text()).then(console.log);`;
			const run = start(["exec", ...target, "--model", "m", "--", process.execPath, "-e", script]);
			expect(await run.ended).toBe(0);
			expect(run.stdout).toContain('"text":"fine"');
			expect(run.stderr.match(/use --dialect anthropic/g)).toHaveLength(1);
		} finally {
			server.close();
		}
	});
});
