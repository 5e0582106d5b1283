import { statSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { describeModel, roundedTokens } from "../../src/profile/describe-model.ts";
import { type FaultServer, startFaultServer } from "../support/fault-server.ts";
import { Sandbox } from "../support/processes.ts";

const KEY = "sk-sample-key-that-must-not-travel";
let sandbox: Sandbox;
let server: FaultServer | undefined;

beforeEach(() => {
	sandbox = new Sandbox();
});
afterEach(async () => {
	sandbox.close();
	await server?.close();
	server = undefined;
});

async function models(words: readonly string[], more: Record<string, string> = {}) {
	const run = sandbox.ccAny(["models", ...words], sandbox.environment({}, more));
	const code = await run.ended;
	expect(run.stdout + run.stderr).not.toContain(KEY);
	return { code, stdout: run.stdout, stderr: run.stderr };
}

test("what the profile knows, without a key and without asking anybody; what it does not know is a question mark", async () => {
	const profile = sandbox.profile("http://127.0.0.1:9/v1", { tiers: { haiku: "unheard-of" } });
	const { code, stdout, stderr } = await models([profile]);
	expect([code, stderr]).toEqual([0, expect.stringContaining("--refresh asks the provider")]);
	const rows = stdout
		.trimEnd()
		.split("\n")
		.map((line) => line.split(/ {2,}/));
	expect(rows[1]?.slice(0, 9)).toEqual([
		"sample-large",
		"opus,sonnet,fable,subagent",
		"262k",
		"32k",
		"?",
		"?",
		"?",
		"yes",
		"toggle",
	]);
	expect(rows[2]).toEqual(["unheard-of", "haiku", "?", "?", "?", "?", "?", "?", "?", "named as a tier"]);
});

test("--json keeps numbers, prices and sources", async () => {
	const { models: list, asked } = JSON.parse((await models(["deepseek", "--json"])).stdout);
	expect(asked).toBeUndefined();
	expect(list.find(({ id }: { id: string }) => id === "deepseek-flash")).toMatchObject({
		tiers: ["sonnet", "haiku"],
		price: { input: expect.any(Number) },
		source: expect.stringMatching(/^built-in profiles\/deepseek\.yaml:\d+$/),
	});
});

test("--refresh asks the provider; the answer is kept, dated, and shown later", async () => {
	const body = JSON.stringify({ data: [{ id: "sample-new" }, { id: "sample-other" }] });
	server = await startFaultServer([{ status: 200, body }]);
	const profile = sandbox.profile(`${server.url}/v1`);
	expect((await models([profile, "--refresh"])).code).toBe(78);
	const fresh = await models([profile, "--refresh"], { SAMPLE_API_KEY: KEY });
	expect(fresh.stdout).toMatch(/sample-large \(not listed\)[\s\S]*sample-new .*the provider's list\nsample-other/);
	expect(server.requests.map(({ url, headers }) => [url, headers.authorization])).toEqual([
		["/v1/models", `Bearer ${KEY}`],
	]);
	const later = await models([profile]);
	expect(later.stdout).toBe(fresh.stdout);
	expect(later.stderr).toMatch(/asked on \d{4}-\d\d-\d\d/);
	expect(statSync(sandbox.path("home/.local/state/cc-any/models/sample.json")).mode & 0o777).toBe(0o600);
	// Another address is another provider.
	expect((await models([sandbox.profile("http://127.0.0.1:9/v1")])).stdout).not.toContain("sample-new");
});

test.each([
	["Gemini's form", { models: [{ name: "models/g-1" }] }, "g-1"],
	["a bare list", [{ id: "t-1" }], "t-1"],
])("%s of a list is read", async (_about, body, id) => {
	server = await startFaultServer([{ status: 200, body: JSON.stringify(body) }]);
	const { stdout } = await models([sandbox.profile(`${server.url}/v1`), "--refresh"], { SAMPLE_API_KEY: KEY });
	expect(stdout).toMatch(new RegExp(`\\n${id} `));
});

test("a provider without a list, or that is not there, is an error with the next step", async () => {
	server = await startFaultServer([{ status: 404, body: "<html>" }]);
	const more = { SAMPLE_API_KEY: KEY };
	const none = await models([sandbox.profile(`${server.url}/v1`), "--refresh"], more);
	expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining("HTTP 404") });
	expect(none.stderr).toContain("cc-any doctor sample");
	expect((await models([sandbox.profile("http://127.0.0.1:9/v1"), "--refresh"], more)).stderr).toContain(
		"ECONNREFUSED",
	);
});

test("a model in a line, for /model", () => {
	expect(describeModel({ contextWindow: 1_000_000, price: { input: 0.3, output: 1.2 } })).toBe(
		"1M context · $0.3 in, $1.2 out per Mtok",
	);
	expect([describeModel({}), describeModel({ price: { output: 2 } })]).toEqual(["", "$2 out per Mtok"]);
	expect([262_144, 131_072, 1_048_576, 2_000_000, 512].map(roundedTokens)).toEqual(["262k", "131k", "1M", "2M", "512"]);
});
