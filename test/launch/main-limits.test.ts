import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { withKeptLimits } from "../../src/cli/main-limits.ts";
import { mainModel } from "../../src/launch/main-model.ts";
import { learnedFolder } from "../../src/platform/paths.ts";
import { targetOf } from "../../src/profile/model/profile.ts";
import { FactFiles } from "../../src/proxy/learning/fact-files.ts";
import { LearnedFacts } from "../../src/proxy/learning/learned-facts.ts";
import { Sandbox } from "../support/processes.ts";
import { testProfile } from "../support/profile.ts";

let sandbox: Sandbox;
let server: Server | undefined;
let asked: string[];

beforeEach(() => {
	sandbox = new Sandbox();
	asked = [];
});
afterEach(() => {
	server?.closeAllConnections();
	server?.close();
	server = undefined;
	sandbox.close();
});

/** A server with one model of this window; without one, it never answers. */
async function serve(window?: number): Promise<string> {
	server = createServer((request, response) => {
		asked.push(request.url ?? "");
		if (window) response.end(JSON.stringify({ data: [{ id: "foo", max_model_len: window }] }));
	});
	await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

async function start(words: readonly string[], more: Record<string, string> = {}) {
	const run = sandbox.ccAny(words, sandbox.environment({}, more), "");
	expect(await run.ended).toBe(0);
	const { environment } = JSON.parse(readFileSync(sandbox.report, "utf8")) as { environment: Record<string, string> };
	return { window: environment["CLAUDE_CODE_MAX_CONTEXT_TOKENS"], stderr: run.stderr };
}

describe("the window of an address", () => {
	test("is asked before claude starts, and kept", async () => {
		const words = ["--base-url", await serve(131_072), "--model", "foo"];
		expect(await start(words)).toEqual({ window: "131072", stderr: "" });
		expect(asked).toEqual(["/v1/models"]);
		expect((await start(words)).window).toBe("131072");
		expect(asked).toHaveLength(1);
		await start([...words, "--relearn"]);
		expect(asked).toHaveLength(2);
	});

	test("is asked again after a day; a damaged answer counts as none", async () => {
		const words = ["--base-url", await serve(131_072), "--model", "foo"];
		await start(words);
		const folder = sandbox.path("home/.local/state/cc-any/limits");
		const [file = ""] = readdirSync(folder);
		const kept = JSON.parse(readFileSync(`${folder}/${file}`, "utf8"));
		writeFileSync(`${folder}/${file}`, JSON.stringify({ ...kept, contextWindow: 1, at: Date.now() - 25 * 3_600_000 }));
		expect((await start(words)).window).toBe("131072");
		writeFileSync(`${folder}/${file}`, "{");
		expect((await start(words)).window).toBe("131072");
		expect(asked).toHaveLength(3);
	});

	test("of the model that claude's own --model names", async () => {
		const file = sandbox.profile(await serve(131_072));
		const { window } = await start(["--profile", file, "--model", "foo"], { SAMPLE_API_KEY: "sk-sample" });
		expect(window).toBe("131072");
	});

	test("a server that does not answer, or is not there, delays nothing and is said in one line", async () => {
		const silent = ["--base-url", await serve(), "--model", "foo"];
		const dead = ["--base-url", "http://127.0.0.1:9/v1", "--model", "foo"];
		for (const words of [silent, dead]) {
			const { window, stderr } = await start(words);
			expect(window).toBeUndefined();
			expect(stderr).toMatch(/^cc-any: the context window of foo is not known.* --context 32k.*\n$/);
		}
		expect(existsSync(sandbox.path("home/.local/state/cc-any/limits"))).toBe(false);
	});
});

describe("the user's own number", () => {
	const words = ["--base-url", "http://127.0.0.1:9/v1", "--model", "foo"];

	test.each([
		["--context 64k", ["--context", "64k"], {}, "64000"],
		["--context=131072", ["--context=131072"], {}, "131072"],
		["CC_ANY_CONTEXT", [], { CC_ANY_CONTEXT: "1M" }, "1000000"],
		["the flag before the variable", ["--context", "64k"], { CC_ANY_CONTEXT: "1M" }, "64000"],
	])("%s", async (_about, options, variables, expected) => {
		expect(await start([...words, ...options], variables)).toEqual({ window: expected, stderr: "" });
	});

	test("is that of claude's --model too", async () => {
		const file = sandbox.profile("http://127.0.0.1:9/v1");
		const key = { SAMPLE_API_KEY: "sk-sample" };
		const { window } = await start(["--profile", file, "--context", "50k", "--model", "bar"], key);
		expect(window).toBe("50000");
	});

	test("a window that is too small for Claude Code is said once", async () => {
		const { stderr } = await start([...words, "--context", "16k"]);
		expect(stderr).toMatch(/^cc-any: the context window of foo, 16,000 tokens, is too small: .*at least 32,768\n$/);
	});

	test.each(["x", "12", "-5", "32kk"])("%s is refused", async (value) => {
		const run = sandbox.ccAny([...words, `--context=${value}`], sandbox.environment({}), "");
		expect(await run.ended).toBe(2);
		expect(run.stderr).toContain(`--context: ${value} is not a context window`);
	});
});

test("a window that the endpoint's refusals have named is that of the next start; not over the user's own", async () => {
	const environment = { env: {}, home: sandbox.path("home") };
	const profile = testProfile("http://127.0.0.1:9");
	const target = targetOf(profile, "test-model");
	const learned = new LearnedFacts(new FactFiles({ folder: learnedFolder(environment) }));
	learned.learn(target, { contextWindow: 65_536 }, { done: "a window of 65536", seen: "too long" });
	learned.confirm(target, { body: {}, inputTokens: 10, sentAt: Date.now() + 1 });
	const windowOf = async (isGiven: boolean) => {
		const known = await withKeptLimits(profile, { environment, isGiven });
		return mainModel(known).model.contextWindow;
	};
	expect([await windowOf(false), await windowOf(true)]).toEqual([65_536, 128_000]);
});
