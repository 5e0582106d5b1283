import { afterEach, beforeEach, expect, test } from "vitest";
import { chatStream, type FaultServer, startFaultServer } from "../support/fault-server.ts";
import { Sandbox } from "../support/processes.ts";

let sandbox: Sandbox;
let server: FaultServer;
let profile: string;

beforeEach(async () => {
	sandbox = new Sandbox();
	server = await startFaultServer([{ stream: chatStream({ content: "fine" }) }]);
	profile = sandbox.profile(`${server.url}/v1`);
});
afterEach(async () => {
	sandbox.close();
	await server.close();
});

async function stderrOf(...options: string[]): Promise<string> {
	const ask = { model: "opus", max_tokens: 9, stream: true, messages: [{ role: "user", content: "hi" }] };
	const environment = sandbox.environment({ ask }, { SAMPLE_API_KEY: "sk-sample" });
	const run = sandbox.ccAny(["--profile", profile, ...options], environment);
	expect(await run.ended).toBe(0);
	expect((await sandbox.seen()).reply?.status).toBe(200);
	return run.stderr;
}

test("after an interactive session", async () => {
	expect(await stderrOf()).toMatch(/^cc-any: 1 request to sample\/sample-large · .*slowest first token \d+/);
});

test("a prompt that claude answered without any request: the answer came from elsewhere", async () => {
	const run = async (...words: string[]) => {
		const environment = sandbox.environment({ stdout: "hi" }, { SAMPLE_API_KEY: "sk-sample" });
		const run = sandbox.ccAny(["--profile", profile, ...words], environment);
		expect(await run.ended).toBe(0);
		return run.stderr;
	};
	const unseen = /^cc-any: claude ended without sending a request to cc-any; if it answered, .* hint: cc-any doctor/m;
	expect(await run("-p", "say hi")).toMatch(unseen);
	// Claude Code answers these by itself, and an interactive session may end without a prompt.
	expect(await run("-p", "/cost")).not.toMatch(unseen);
	expect(await run()).not.toMatch(unseen);
});

test("not in print mode, and not with --quiet", async () => {
	expect(await stderrOf("-p")).toBe("");
	expect(await stderrOf("--quiet")).toBe("");
});
