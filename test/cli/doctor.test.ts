import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { DoctorFinding } from "../../src/cli/commands/doctor/finding.ts";
import { examineSurroundings, managedSettingsFile } from "../../src/cli/commands/doctor/surroundings.ts";
import { compareVersions, TESTED_CLAUDE } from "../../src/launch/claude-versions.ts";
import { type Behaviour, chatChunk, type FaultServer, startFaultServer } from "../support/fault-server.ts";
import { PINNED_CLAUDES } from "../support/installed-claude.ts";
import { Sandbox } from "../support/processes.ts";
import { CLAUDES } from "../support/real-claude.ts";
import { selfSigned } from "../support/self-signed.ts";

const KEY = "sk-sample-key-that-must-not-travel";
let sandbox: Sandbox;
let server: FaultServer | undefined;

beforeEach(() => {
	sandbox = new Sandbox();
	installClaude("2.1.300");
});
afterEach(async () => {
	sandbox.close();
	await server?.close();
	server = undefined;
});

/** A claude that knows its version and nothing else. */
function installClaude(version: string): void {
	rmSync(sandbox.path("bin/claude"));
	writeFileSync(sandbox.path("bin/claude"), `#!/bin/sh\necho "${version} (Claude Code)"\n`, { mode: 0o755 });
}

const call = (input: string, name = "Read"): Behaviour => ({
	stream: [
		chatChunk({ tool_calls: [{ index: 0, id: "call_1", type: "function", function: { name, arguments: input } }] }),
		chatChunk({}, "tool_calls"),
		`data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 90, completion_tokens: 7 } })}\n\n`,
		"data: [DONE]\n\n",
	],
});
const models = (...ids: string[]): Behaviour => ({
	status: 200,
	body: JSON.stringify({ data: ids.map((id) => ({ id })) }),
});

async function provider(list: Behaviour, reply: Behaviour): Promise<string> {
	server = await startFaultServer(({ url }) => (url.endsWith("/models") ? list : reply));
	return sandbox.profile(`${server.url}/v1`);
}

/** Runs doctor with --json; returns the exit code and the finding of each check. */
async function doctor(words: readonly string[], more: Record<string, string> = {}) {
	const environment = sandbox.environment({}, { SAMPLE_API_KEY: KEY, ...more });
	const run = sandbox.ccAny(["doctor", ...words, "--json"], environment);
	const code = await run.ended;
	expect(run.stdout + run.stderr).not.toContain(KEY);
	const findings = JSON.parse(run.stdout) as DoctorFinding[];
	return { code, findings, of: (check: string) => findings.filter((finding) => finding.check === check) };
}

test("the repairs of the profile are listed", async () => {
	server = await startFaultServer(({ url }) => (url.endsWith("/models") ? models("sample-large") : call("{}")));
	const repairs = [
		{ tool: "Read", field: "pages", value: "", action: "remove" },
		{ tool: "Edit", field: "target", action: "rename", to: "file_path", why: "its habit" },
	];
	const { of } = await doctor([sandbox.profile(`${server.url}/v1`, { repairs })]);
	expect(of("repair").map(({ text }) => text)).toEqual([
		'Read: pages "" is removed',
		"Edit: target is renamed to file_path (its habit)",
	]);
});

test("the tool call's cost, at the prices of the profile", async () => {
	server = await startFaultServer(({ url }) =>
		url.endsWith("/models") ? models("sample-large") : call('{"file_path":"/tmp/example.txt"}'),
	);
	const priced = { "sample-large": { price: { input: 100, output: 1000 } } };
	const { of } = await doctor([sandbox.profile(`${server.url}/v1`, { models: priced })]);
	expect(of("tool call")[0]?.text).toMatch(/^streamed and complete.*, \$0\.02$/);
});

test("a provider without TLS is named, unless it is in the user's own network", async () => {
	const local = await provider(models("sample-large"), call('{"file_path":"/tmp/example.txt"}'));
	expect((await doctor([local])).of("endpoint")[0]?.text).toMatch(/\/v1 answers$/);
	const far = sandbox.profile("http://api.example.com/v1");
	const { of } = await doctor([far], { HTTP_PROXY: server?.url ?? "" });
	expect(of("endpoint")[0]?.text).toBe(
		"http://api.example.com/v1 answers without TLS: the key and the prompts are not encrypted",
	);
});

test("all is well: each check is ok, the exit code 0, the model asked once", async () => {
	const profile = await provider(models("other", "sample-large"), call('{"file_path":"/tmp/example.txt"}'));
	const { code, findings, of } = await doctor([profile]);
	expect(findings.filter(({ state }) => state !== "ok")).toEqual([]);
	expect(code).toBe(0);
	expect(of("claude")[0]?.text).toMatch(/^2\.1\.300 at .*claude, tested/);
	expect(of("models")[0]?.text).toBe("sample-large listed among 2");
	expect(of("key")[0]?.text).toBe("set, variable SAMPLE_API_KEY");
	expect(of("window")[0]?.text).toBe("262,144 tokens (from the profile)");
	expect(of("tool call")[0]?.text).toMatch(/^streamed and complete.*cost unknown$/);
	expect(server?.requests.map(({ url, headers }) => [url, headers.authorization])).toEqual([
		["/v1/models", `Bearer ${KEY}`],
		["/v1/chat/completions", `Bearer ${KEY}`],
	]);
});

test("each of several keys is tried; one that works is enough", async () => {
	const good = "good-key-0123456789";
	server = await startFaultServer(({ url, headers }) => {
		if (headers.authorization !== `Bearer ${good}`) return { status: 401, body: "{}" };
		return url.endsWith("/models") ? models("sample-large") : call('{"file_path":"/tmp/example.txt"}');
	});
	const profile = sandbox.profile(`${server.url}/v1`, { keys: ["env:SAMPLE_API_KEY", "env:GOOD_KEY"] });
	const { code, of } = await doctor([profile], { GOOD_KEY: good });
	expect(of("key")[0]?.text).toBe("2 keys in this order: SAMPLE_API_KEY, GOOD_KEY");
	expect(of("key SAMPLE_API_KEY")[0]).toMatchObject({ state: "warning", text: "1 of 2: refused (HTTP 401)" });
	expect(of("key GOOD_KEY")[0]).toMatchObject({ state: "ok", text: "2 of 2: accepted" });
	expect(code).toBe(0);
});

test("a window that no file names is asked for, and shown with its age, also by `profiles show`", async () => {
	const list = { status: 200, body: JSON.stringify({ data: [{ id: "sample-large", max_model_len: 65_536 }] }) };
	server = await startFaultServer(({ url }) => (url.endsWith("/models") ? list : call('{"file_path":"/x"}')));
	const profile = sandbox.profile(`${server.url}/v1`, { models: {} });
	const { of } = await doctor([profile]);
	expect(of("window")[0]?.text).toMatch(/^65,536 tokens \(from the server, \d{4}-\d\d-\d\d \d\d:\d\d UTC\)$/);
	const shown = sandbox.ccAny(["profiles", "show", profile], sandbox.environment({}, { SAMPLE_API_KEY: KEY }));
	await shown.ended;
	expect(shown.stdout).toMatch(/sample-large: the server named a window of 65536 tokens on \d{4}-/);
});

test("the demo needs nothing; without a name the configured profile is examined, and who chose it", async () => {
	const { code, of } = await doctor([], { CC_ANY_PROFILE: "demo" });
	expect([code, of("tool call")[0]?.state, of("endpoint")[0]?.state]).toEqual([0, "ok", "ok"]);
	expect(of("profile")[0]?.text).toMatch(/^demo .*named by a variable$/);
});

describe("what is wrong is reported with a fix", () => {
	test.each<[string, Behaviour, Behaviour, string, DoctorFinding["state"], RegExp]>([
		["a refused key", { status: 401, body: "{}" }, call("{}"), "endpoint", "failed", /refuses the key \(HTTP 401\)/],
		["a provider that is down", { status: 503, body: "busy" }, call("{}"), "endpoint", "failed", /HTTP 503: busy/],
		[
			"a model that is not listed",
			models("a", "b"),
			call('{"file_path":"/x"}'),
			"models",
			"warning",
			/sample-large not in the provider's list of 2 models/,
		],
		[
			"no list at all",
			{ status: 404, body: "" },
			call('{"file_path":"/x"}'),
			"models",
			"ok",
			/has no list of models \(HTTP 404\)/,
		],
		[
			"an answer in words",
			models("sample-large"),
			{ stream: [chatChunk({ content: "no" }), chatChunk({}, "stop"), "data: [DONE]\n\n"] },
			"tool call",
			"warning",
			/without calling the tool/,
		],
		[
			"a call of another shape",
			models("sample-large"),
			call('{"colour":7}'),
			"tool call",
			"failed",
			/does not match the tool/,
		],
		[
			"a refused request",
			models("sample-large"),
			{ status: 400, body: '{"error":{"message":"no tools here"}}' },
			"tool call",
			"failed",
			/no tools here/,
		],
	])("%s", async (_about, list, reply, check, state, text) => {
		const { code, of } = await doctor([await provider(list, reply)]);
		const [finding] = of(check);
		expect(finding).toMatchObject({ state, text: expect.stringMatching(text) });
		expect(finding?.fix !== undefined || state === "ok").toBe(true);
		expect(code).toBe(state === "failed" ? 1 : 0);
	});

	test("a certificate that nobody vouches for: TLS fails with its fix; with the certificate it is fine", async () => {
		const { key, cert, file } = selfSigned(sandbox.path("tmp"));
		const secure = createServer({ key, cert }, (_request, response) =>
			response.end('{"data":[{"id":"sample-large"}]}'),
		);
		await new Promise<void>((resolve) => secure.listen(0, "127.0.0.1", resolve));
		const profile = sandbox.profile(`https://127.0.0.1:${(secure.address() as AddressInfo).port}/v1`);
		const [failed] = (await doctor([profile])).of("endpoint");
		expect(failed).toMatchObject({ state: "failed", fix: expect.stringContaining("set NODE_EXTRA_CA_CERTS") });
		const [fine] = (await doctor([profile], { NODE_EXTRA_CA_CERTS: file })).of("endpoint");
		expect(fine).toMatchObject({ state: "ok", text: expect.stringContaining("over TLS") });
		secure.closeAllConnections();
		secure.close();
	});

	test("the provider's advice on a failed tool call is the fix", async () => {
		const broke = { status: 402, body: '{"error":{"message":"Insufficient balance"}}' };
		const { of } = await doctor([await provider(models("sample-large"), broke)]);
		expect(of("tool call")[0]).toEqual({
			check: "tool call",
			state: "failed",
			text: "Insufficient balance",
			fix: "add money to the account of sample, or use another profile: cc-any profiles",
		});
		// It was a test, not a session: `trace last` is still the user's.
		const traces = sandbox.ccAny(["trace", "list"], sandbox.environment({}));
		await traces.ended;
		expect(traces.stdout).toBe("");
	});

	test.each<[string, (url: string) => string, Record<string, string>, RegExp]>([
		[
			"https at an http port",
			(url) => url.replace("http:", "https:"),
			{},
			/^the server speaks http: write http:\/\/127/,
		],
		[
			"a proxy that is not there",
			() => "http://models.test/v1",
			{ HTTP_PROXY: "http://127.0.0.1:9" },
			/^correct or unset HTTPS_PROXY.* 127\.0\.0\.1:9$/,
		],
		["no server", () => "http://127.0.0.1:9/v1", {}, /^nothing listens there: start the server, or correct baseUrl/],
	])("%s", async (_about, address, variables, fix) => {
		server = await startFaultServer([models("sample-large")]);
		const { of } = await doctor([sandbox.profile(address(`${server.url}/v1`))], variables);
		expect(of("endpoint")[0]).toMatchObject({ state: "failed", fix: expect.stringMatching(fix) });
	});

	test("a claude that is too old, and one that knows no window but its own", async () => {
		const profile = sandbox.profile("http://127.0.0.1:9/v1", { models: { "sample-large": { contextWindow: 65_536 } } });
		const look = async (version: string) => {
			installClaude(version);
			return (await doctor([profile, "--offline"])).of("claude")[0];
		};
		expect(await look("1.0.100")).toMatchObject({ state: "failed", text: expect.stringContaining("it is too old") });
		expect(await look("2.1.80")).toMatchObject({ state: "warning", text: expect.stringContaining("200,000 tokens") });
		expect(await look("2.1.200")).toMatchObject({ state: "ok" });
	});

	test("nothing listens: no tool call is tried", async () => {
		const { code, of } = await doctor([sandbox.profile("http://127.0.0.1:9/v1")]);
		expect(of("endpoint")[0]).toMatchObject({ state: "failed", text: expect.stringContaining("ECONNREFUSED") });
		expect([code, of("tool call")]).toEqual([1, []]);
	});

	test("no key, no profile, no claude: each is a finding, the rest is still examined", async () => {
		const profile = sandbox.profile("http://127.0.0.1:9/v1");
		const { code, of } = await doctor([profile, "--claude", "/nowhere/claude"], { SAMPLE_API_KEY: "" });
		expect(of("profile")[0]).toMatchObject({ state: "failed", fix: expect.stringContaining("SAMPLE_API_KEY") });
		expect(of("claude")[0]).toMatchObject({ state: "failed", fix: expect.stringContaining("npm install") });
		expect([code, of("shell").length]).toEqual([1, 1]);
		expect((await doctor([])).of("profile")[0]?.text).toBe("no profile is chosen");
	});

	test("--offline sends nothing to the provider", async () => {
		const { code, of } = await doctor([sandbox.profile("http://127.0.0.1:9/v1"), "--offline"]);
		expect([code, of("endpoint"), of("tool call")]).toEqual([0, [], []]);
	});
});

test("for people: a table, and the count on stderr", async () => {
	installClaude("2.1.400");
	const run = sandbox.ccAny(["doctor", "demo", "--offline"], sandbox.environment({}));
	expect(await run.ended).toBe(0);
	expect(run.stdout).toMatch(/warning {2}claude +2\.1\.400 at .*\n +fix: nothing to do unless/);
	expect(run.stderr).toBe("\n0 failed, 1 warning, 7 ok\n");
});

describe("surroundings", () => {
	const home = () => sandbox.path("home");
	const look = (env: Record<string, string>, managed = "/nowhere") =>
		examineSurroundings(undefined, { env, home: home() }, sandbox.path("work"), managed);
	const settings = (folder: string, values: object) => {
		mkdirSync(join(folder, ".claude"), { recursive: true });
		writeFileSync(join(folder, ".claude/settings.json"), JSON.stringify(values));
	};

	test("variables of the shell are named, a proxy's password is not", () => {
		const findings = look({ ANTHROPIC_API_KEY: KEY, HTTPS_PROXY: "http://me:secret@proxy:3128" });
		expect(findings[0]?.text).toMatch(/^ANTHROPIC_API_KEY set/);
		expect(findings[1]?.text).toContain("HTTPS_PROXY=http://…@proxy:3128");
		expect(JSON.stringify(findings)).not.toMatch(/sk-sample|secret/);
	});

	test.each<[object, DoctorFinding["state"], RegExp]>([
		[{ apiKeyHelper: "get-key" }, "ok", /apiKeyHelper/],
		[{ availableModels: ["opus"] }, "warning", /availableModels/],
		[{ env: { CLAUDE_CODE_MAX_OUTPUT_TOKENS: "1" } }, "warning", /CLAUDE_CODE_MAX_OUTPUT_TOKENS/],
		[{ env: { ANTHROPIC_BASE_URL: "https://elsewhere.test" } }, "ok", /ignores/],
		[{ theme: "dark" }, "ok", /settings\.json$/],
	])("Claude's settings %j", (values, state, text) => {
		for (const folder of [home(), sandbox.path("work")]) settings(folder, values);
		const found = look({}).filter(({ check }) => check === "claude settings");
		expect(found).toHaveLength(2);
		for (const finding of found) expect(finding).toMatchObject({ state, text: expect.stringMatching(text) });
	});

	test("an administrator's settings that force a login", () => {
		settings(sandbox.root, { forceLoginMethod: "claudeai" });
		const found = look({}, join(sandbox.root, ".claude/settings.json"));
		expect(found.at(-1)).toMatchObject({ check: "managed settings", state: "warning" });
	});

	test("their place on each system", () => {
		const places = (["linux", "darwin", "win32"] as const).map(managedSettingsFile);
		expect(places).toEqual([
			"/etc/claude-code/managed-settings.json",
			"/Library/Application Support/ClaudeCode/managed-settings.json",
			"C:\\Program Files\\ClaudeCode\\managed-settings.json",
		]);
	});
});

test("versions are compared by number, and the tested range is that of the tests", () => {
	expect(compareVersions("2.1.9", "2.1.197")).toBeLessThan(0);
	expect(compareVersions("2.10.0", "2.9.9")).toBeGreaterThan(0);
	expect(compareVersions("2.1.3", "2.1.3")).toBe(0);
	expect([PINNED_CLAUDES[0], CLAUDES[1][0]]).toEqual([...TESTED_CLAUDE]);
});
