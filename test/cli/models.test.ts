import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { describeModel, roundedTokens } from "../../src/profile/model/describe-model.ts";
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

test("the profile's facts, without a key and without a request; unknown ones are question marks", async () => {
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
		source: expect.stringMatching(/^built-in catalogue npm \S+, \d{4}-\d\d-\d\d$/),
	});
});

describe("--search", () => {
	test("the models of all profiles, with price, window and abilities; every word counts, of the profile's name too", async () => {
		const { code, stdout } = await models(["--search", "glm-5.3-FLASH"]);
		expect(code).toBe(0);
		expect(stdout).toMatch(/^glm-5\.3-flash +glm +1M +131k +\$0\.15 +\$0\.5 +\$0\.03 +yes +always$/m);
		expect(stdout).toMatch(/^z-ai\/glm-5\.3-flash +openrouter +1M +131k +\? +\? +\? +yes/m);
		const { search, models: found } = JSON.parse((await models(["--search", "qwen flash vercel", "--json"])).stdout);
		expect([search, found]).toEqual(["qwen flash vercel", []]);
		const one = JSON.parse((await models(["--search", "kimi-k3 NOVITA", "--json"])).stdout);
		expect(one.models).toEqual([
			expect.objectContaining({ profile: "novita", id: "moonshotai/kimi-k3", contextWindow: 1_048_576, vision: true }),
		]);
	});

	test("no match is an error with a hint; a broken profile hides no other", async () => {
		mkdirSync(sandbox.path("home/.config/cc-any/profiles"), { recursive: true });
		writeFileSync(sandbox.path("home/.config/cc-any/profiles/broken.yaml"), "nmae: x\n");
		const none = await models(["--search", "no-such-model"]);
		expect(none).toMatchObject({ code: 1, stdout: "" });
		expect(none.stderr).toMatch(/broken: [\s\S]*no profile has a model with no-such-model/);
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

test.each([
	["OpenRouter and others", { data: [{ id: "unheard-of", context_length: 131_072 }] }],
	["vLLM", { data: [{ id: "unheard-of", max_model_len: 131_072 }] }],
	["Gemini", { models: [{ name: "models/unheard-of", inputTokenLimit: 131_072 }] }],
	["Groq, a null beside it", { data: [{ id: "unheard-of", context_length: null, context_window: 131_072 }] }],
])("a window in the list fills what the profile leaves open, in runs too: %s", async (_about, body) => {
	server = await startFaultServer([{ status: 200, body: JSON.stringify(body) }]);
	const profile = sandbox.profile(`${server.url}/v1`, { tiers: { haiku: "unheard-of" } });
	const { stdout } = await models([profile, "--refresh", "--json"], { SAMPLE_API_KEY: KEY });
	const { models: list } = JSON.parse(stdout);
	expect(list[0]).toMatchObject({ id: "sample-large", contextWindow: 262_144, listed: false });
	const source = `catalogue list of ${server.url}/v1, ${new Date().toISOString().slice(0, 10)}`;
	expect(list[1]).toMatchObject({ id: "unheard-of", contextWindow: 131_072, listed: true, source });
	const words = ["--profile", profile, "-p", "hi", "--model", "haiku"];
	const run = sandbox.ccAny(words, sandbox.environment({}, { SAMPLE_API_KEY: KEY }));
	expect(await run.ended).toBe(0);
	expect((await sandbox.seen()).environment["CLAUDE_CODE_MAX_CONTEXT_TOKENS"]).toBe("131072");
	// Another address is another server.
	const moved = sandbox.profile("http://127.0.0.1:9/v1", { tiers: { haiku: "unheard-of" } });
	const { models: later } = JSON.parse((await models([moved, "--json"])).stdout);
	expect(later[1]).toEqual({ id: "unheard-of", tiers: ["haiku"], source: "named as a tier" });
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

describe("models.dev, if asked", () => {
	const CATALOGUE = {
		other: { id: "other", env: ["OTHER_KEY"], models: {} },
		house: {
			id: "house",
			env: ["SAMPLE_API_KEY"],
			api: "https://api.house.example/v1",
			models: {
				"sample-large": {
					id: "sample-large",
					name: "Sample\nLarge",
					reasoning: false,
					modalities: { input: ["text", "image"], output: ["text"] },
					limit: { context: 999_999, output: 64_000 },
					cost: { input: 1.5, output: 6, cache_read: 0.15 },
				},
				"sample-\x1b[31mred": { id: "x" },
				"sample-mini": { id: "sample-mini", modalities: { input: ["text"] }, limit: { context: 131_072 }, cost: {} },
			},
		},
	};
	const kept = () => sandbox.path("home/.local/state/cc-any/catalogue/sample.json");
	const start = async (body: unknown, status = 200) => {
		server = await startFaultServer([{ status, body: typeof body === "string" ? body : JSON.stringify(body) }]);
		return { CC_ANY_MODELS_DEV_URL: `${server.url}/api.json`, SAMPLE_API_KEY: KEY };
	};

	test("it fills in what the profile does not set, no more; kept with its date and source; no key is sent", async () => {
		const more = await start(CATALOGUE);
		const profile = sandbox.profile("http://127.0.0.1:9/v1", { tiers: { haiku: "sample-mini" } });
		const asked = await models([profile, "--refresh", "--from", "models.dev"], more);
		expect([asked.code, asked.stderr]).toEqual([0, expect.stringContaining(`kept in ${kept()}`)]);
		expect(statSync(kept()).mode & 0o777).toBe(0o600);
		expect(server?.requests.map(({ url, headers }) => [url, headers.authorization])).toEqual([
			["/api.json", undefined],
		]);

		const { models: list } = JSON.parse((await models([profile, "--json"])).stdout);
		const origin = `catalogue models.dev/house, ${new Date().toISOString().slice(0, 10)}`;
		expect(list).toMatchObject([
			{
				// The window is the profile's own, and stays.
				...{ id: "sample-large", contextWindow: 262_144, maxOutput: 32_768, thinking: "none", vision: true },
				price: { input: 1.5, output: 6, cacheRead: 0.15 },
			},
			{
				id: "sample-mini",
				tiers: ["haiku"],
				contextWindow: 131_072,
				vision: false,
				thinking: "toggle",
				source: origin,
			},
		]);
		expect(list[1].price).toBeUndefined();
		// What would steer a terminal is left out.
		expect(list).toHaveLength(2);
		const shown = sandbox.ccAny(["profiles", "show", profile], sandbox.environment({}, more));
		await shown.ended;
		expect(shown.stdout).toMatch(/models\.sample-large\.price\.input +1\.5 +catalogue models\.dev\/house, \d{4}-/);
		// A run on it uses it.
		const run = sandbox.ccAny(["--profile", profile, "-p", "hi", "--model", "haiku"], sandbox.environment({}, more));
		expect(await run.ended).toBe(0);
		expect((await sandbox.seen()).environment["CLAUDE_CODE_MAX_CONTEXT_TOKENS"]).toBe("131072");
	});

	test("a profile that extends a built-in one does not hide what that one says", async () => {
		const price = { input: 77, output: 88 };
		const more = await start({ work: { models: { "deepseek-flash": { limit: { context: 5 }, cost: price } } } });
		mkdirSync(sandbox.path("home/.config/cc-any/profiles"), { recursive: true });
		writeFileSync(sandbox.path("home/.config/cc-any/profiles/work.yaml"), "extends: deepseek\n");
		const built = JSON.parse((await models(["deepseek", "--json"])).stdout).models;
		const own = JSON.parse((await models(["work", "--from", "models.dev", "--json"], more)).stdout).models;
		const flash = (list: { id: string }[]) => list.find(({ id }) => id === "deepseek-flash");
		expect(flash(own)).toEqual(flash(built));
	});

	test("the provider can be named; a damaged copy is no obstacle", async () => {
		const more = await start(CATALOGUE);
		const profile = sandbox.profile("http://127.0.0.1:9/v1");
		expect((await models([profile, "--from", "models.dev/other"], more)).code).toBe(0);
		expect(JSON.parse(readFileSync(kept(), "utf8"))).toMatchObject({ from: "models.dev/other", models: {} });
		writeFileSync(kept(), "{");
		expect((await models([profile])).code).toBe(0);
	});

	test.each<[about: string, body: unknown, status: number, words: string[], code: number, text: string]>([
		["no such provider", CATALOGUE, 200, ["models.dev/nobody"], 1, "it has no provider nobody"],
		["none that fits", { x: { models: {} } }, 200, ["models.dev"], 1, "name its provider: --from models.dev/ID"],
		["a page", "<html>", 200, ["models.dev"], 1, "no list of providers"],
		["an error", "{}", 500, ["models.dev"], 1, "no list of providers"],
		["another catalogue", {}, 200, ["elsewhere.org"], 2, "there is no catalogue elsewhere.org"],
	])("%s is reported", async (_about, body, status, words, code, text) => {
		const more = await start(body, status);
		const run = await models([sandbox.profile("http://127.0.0.1:9/v1"), "--from", ...words], more);
		expect([run.code, run.stderr]).toEqual([code, expect.stringContaining(text)]);
		expect(existsSync(kept())).toBe(false);
	});
});

test("a model in a line, for /model", () => {
	expect(describeModel({ contextWindow: 1_000_000, price: { input: 0.3, output: 1.2 } })).toBe(
		"1M context · $0.3 in, $1.2 out per Mtok",
	);
	expect([describeModel({}), describeModel({ price: { output: 2 } })]).toEqual(["", "$2 out per Mtok"]);
	expect([262_144, 131_072, 1_048_576, 2_000_000, 512].map(roundedTokens)).toEqual(["262k", "131k", "1M", "2M", "512"]);
});
