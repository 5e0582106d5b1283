import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { chatChunk, type FaultServer, startFaultServer } from "../support/fault-server.ts";
import { CC_ANY, type Run, Sandbox } from "../support/processes.ts";

let sandbox: Sandbox;
let server: FaultServer;
let profile: string;

const usage = `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 90, completion_tokens: 7 } })}\n\n`;
const leaked = '<tool_call>{"name":"Bash","arguments":{"command":"ls"}}</tool_call>';
const stream = (content: string) => [chatChunk({ content }), chatChunk({}, "stop"), usage, "data: [DONE]\n\n"];
const ask = {
	model: "claude-opus-4-8",
	max_tokens: 9,
	stream: true,
	messages: [{ role: "user", content: "list the files" }],
	tools: [{ name: "Bash", input_schema: { type: "object", properties: { command: { type: "string" } } } }],
};

beforeEach(async () => {
	sandbox = new Sandbox();
	server = await startFaultServer((_request, number) => ({
		stream: stream(number % 2 === 0 ? leaked : "other words"),
	}));
	profile = sandbox.profile(`${server.url}/v1`);
});
afterEach(async () => {
	sandbox.close();
	await server.close();
});

function start(...words: string[]): Run {
	return sandbox.ccAny(words, sandbox.environment({ ask }, { SAMPLE_API_KEY: "sk-sample" }));
}

async function output(...words: string[]): Promise<string> {
	const run = start(...words);
	expect(await run.ended, run.stderr).toBe(0);
	return run.stdout;
}

describe("a session with a leaked tool call", () => {
	beforeEach(async () => {
		await output("--profile", profile, "--trace", "-p", "hi");
	});

	test("trace lists it, show shows it, by id, by its end, or as the last", async () => {
		const [session] = JSON.parse(await output("trace", "--json"));
		expect(session).toMatchObject({ profile: "sample", traced: true, summary: { requests: 1, outputTokens: 7 } });
		expect(await output("trace")).toContain(session.session);
		for (const word of [session.session, session.session.slice(-4), "last"]) {
			const [record] = JSON.parse(await output("trace", "show", word, "--json"));
			expect(record).toMatchObject({ number: 1, purpose: "main", servedModel: "sample-large", tools: ["Bash"] });
		}
		expect(await output("trace", "show", "last")).toMatch(
			/1 +\d\d:\d\d:\d\d +main +sample-large +200 .* leaked-tool-call/,
		);
		const text = await output("trace", "show", "last", "1");
		for (const part of ["list the files", 'Bash {"command":"ls"}', "leaked-tool-call at response.text"]) {
			expect(text).toContain(part);
		}
	});

	test("explain names stage, rule, what was expected, verdict, and each change with its rule", async () => {
		const text = await output("trace", "explain", "last");
		for (const part of [
			/finding +leaked-tool-call/,
			/stage +response repair/,
			/seen +hermes: <tool_call>/,
			/expected +tool calls in their own field/,
			/verdict +model/,
			/next +cc-any check sample/,
			/model {2}\[model-mapped\]\n +- "claude-opus-4-8"\n +\+ "sample-large"/,
		]) {
			expect(text).toMatch(part);
		}
		expect(await output("trace", "explain")).toBe(text);
	});

	test("fixture prints a case of the newest session", async () => {
		expect(await output("trace", "fixture", "1")).toMatch(
			/^recorded by cc-any .*\n[\s\S]*\n--- events\nmessage_start /,
		);
	});

	test("export writes a bundle that replay runs again, offline and live", async () => {
		expect(await output("trace", "export", "last", "1", "bundle")).toBe("bundle\n");
		expect(readFileSync(sandbox.path("work/bundle/upstream.sse"), "utf8")).toBe(stream(leaked).join(""));
		const offline = await output("replay", "bundle");
		expect(offline).toMatch(/request: recorded → now\n {2}no difference/);
		expect(offline).toMatch(/leaked-tool-call at response.text/);
		expect(offline).toMatch(/reply: recorded → now\n {2}no difference/);
		const live = await output("replay", "bundle", "--live", "--yes", "--profile", profile);
		expect(live).toMatch(/block\[0\]\n {4}- tool_use Bash: {"command":"ls"}\n {4}\+ text: other words/);
		expect(live).toMatch(/stop_reason\n {4}- tool_use\n {4}\+ end_turn/);
		expect(server.requests).toHaveLength(2);
	});

	test("view serves the page and this session, until it is interrupted", async () => {
		const view = start("trace", "view");
		const url = (await view.printed((text) => text.endsWith("\n"))).trim();
		expect(await (await fetch(url)).text()).toContain("<title>cc-any trace</title>");
		expect(await (await fetch(`${url}viewer.js`)).text()).toContain("EventSource");
		const [session] = (await (await fetch(`${url}api/sessions`)).json()) as { head: { session: string } }[];
		const exchange = await fetch(`${url}api/sessions/${session?.head.session}/1`);
		expect(await exchange.json()).toMatchObject({ explanation: { first: { kind: "leaked-tool-call" } } });
		view.kill("SIGINT");
		expect(await view.ended).toBe(0);
	});

	test("tail follows: what was, and what comes", async () => {
		const tail = start("trace", "tail");
		await tail.printed((text) => text.split("\n").length > 1);
		await output("--profile", profile, "-p", "hi");
		const text = await tail.printed((printed) => printed.trimEnd().split("\n").length > 1);
		expect(text).toMatch(/^1 .*leaked-tool-call\n1 .*main/);
		tail.kill("SIGTERM");
		expect(await tail.ended).toBe("SIGTERM");
	});

	test("replay writes the request for a profile whose key is not there; live it says what is missing", async () => {
		await output("trace", "export", "last", "1", "bundle");
		expect(await output("replay", "bundle", "--profile", "gemini")).toContain("not read: gemini speaks gemini");
		const unknown = start("replay", "bundle", "--live");
		expect(await unknown.ended).toBe(78);
		expect(unknown.stderr).toContain("bundle was sent to the profile sample: there is no profile named sample");
		const target = sandbox.path("work/bundle/target.json");
		for (const evil of ["./evil.yaml", "../evil", "evil.json"]) {
			const text = readFileSync(target, "utf8");
			writeFileSync(target, text.replace(/"profile": ?"[^"]*"/, `"profile":"${evil}"`));
			const named = start("replay", "bundle", "--live", "--yes");
			expect(await named.ended).toBe(2);
			expect(named.stderr).toContain("does not name the profile");
			writeFileSync(target, text);
		}
		const asked = start("replay", "bundle", "--live", "--profile", profile);
		expect(await asked.ended).toBe(2);
		expect(asked.stderr).toMatch(
			/nothing was sent: --live sends the recorded conversation \(\d+ characters\) to sample-/,
		);
	});

	test("a reader that has seen enough ends the command, without an error", async () => {
		const tail = sandbox.start(
			"/bin/sh",
			["-c", 'cc_any() { "$0" "$@"; }; cc_any "$@" | head -n 1', process.execPath, CC_ANY, "trace", "tail"],
			sandbox.environment({ ask }),
		);
		await tail.printed((text) => text.includes("leaked-tool-call"));
		// Nothing is written to the closed pipe before the next exchange.
		await output("--profile", profile, "-p", "hi");
		expect(await tail.ended).toBe(0);
		expect(tail.stderr).not.toContain("EPIPE");
	});

	test("a record that cannot be read hides no other", async () => {
		const folder = sandbox.path("home/.local/state/cc-any/sessions");
		writeFileSync(join(folder, "20991231-235959-0000.jsonl"), "");
		writeFileSync(join(folder, "20991231-235958-0000.jsonl"), "{}\n\0\0\n{}\n");
		const run = start("trace");
		expect(await run.ended, run.stderr).toBe(0);
		expect(run.stdout.trimEnd().split("\n")).toHaveLength(2);
		expect(run.stderr).toContain("not listed: 20991231-235959-0000, 20991231-235958-0000");
		const empty = start("trace", "explain", "last");
		expect(await empty.ended).toBe(1);
		expect(empty.stderr).toMatch(/20991231-235959-0000\.jsonl is empty[\s\S]*hint: cc-any trace lists/);
	});

	test.each([
		[["trace", "show", "nothing"], 1, "no session nothing is recorded"],
		[["trace", "explain", "last", "7"], 2, "has no exchange 7, it has 1 to 1"],
		[["replay", "nowhere"], 1, "holds no recorded exchange"],
		[["trace", "last"], 2, "hint: cc-any trace show last"],
	])("%s fails with words", async (words, code, message) => {
		const run = start(...words);
		expect(await run.ended).toBe(code);
		expect(run.stderr).toContain(message);
	});
});

test("without --trace the bodies are not there, and the commands say so", async () => {
	await output("--profile", profile, "-p", "hi");
	expect(await output("trace", "show", "last", "1")).toContain("not recorded; --trace");
	const run = start("trace", "export", "last", "1", "bundle");
	expect(await run.ended).toBe(1);
	expect(run.stderr).toContain("has no full trace of exchange 1");
	expect(existsSync(sandbox.path("work/bundle"))).toBe(false);
});
