import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { chatChunk, chatStream, type FaultServer, startFaultServer } from "../support/fault-server.ts";
import { CC_ANY, Sandbox } from "../support/processes.ts";
import { ASK } from "../support/sdk-client.ts";

const KEY = "sk-sample-key-of-the-profile";

/** Imported into cc-any: a timer of the first exchange throws, and a promise of no exchange rejects. */
const FAULT = `
import { AsyncResource } from "node:async_hooks";
import http from "node:http";
import { syncBuiltinESMExports } from "node:module";
const { request } = http;
const outside = new AsyncResource("outside");
let isFirst = true;
http.request = (...args) => {
	const sent = request(...args);
	const { authorization } = args[1].headers;
	if (isFirst) sent.on("response", () => setTimeout(() => { throw new Error("injected with " + authorization); }, 50));
	if (isFirst) outside.runInAsyncScope(() => Promise.reject(new Error("rejected")));
	isFirst = false;
	return sent;
};
syncBuiltinESMExports();
`;

let sandbox: Sandbox;
let server: FaultServer;

beforeEach(async () => {
	sandbox = new Sandbox();
	writeFileSync(sandbox.path("fault.mjs"), FAULT);
	// The first reply never ends.
	server = await startFaultServer([
		{ stream: [chatChunk({ content: "begun" })], after: "hang" },
		{ stream: chatStream({ content: "fine" }) },
	]);
});
afterEach(async () => {
	sandbox.close();
	await server.close();
});

function start(words: readonly string[], environment: Record<string, string>) {
	const program = ["--import", sandbox.path("fault.mjs"), CC_ANY, ...words, "--profile", sandbox.profile(server.url)];
	return sandbox.start(process.execPath, program, environment);
}

test("serve: an internal error ends its exchange at once, and nothing else", async () => {
	const run = start(["serve", "--json"], sandbox.environment({}, { SAMPLE_API_KEY: KEY }));
	const line = await run.printed((text) => text.includes("\n"));
	const { url, token } = JSON.parse(line) as { url: string; token: string };
	const ask = async () => {
		const headers = { authorization: `Bearer ${token}` };
		const body = JSON.stringify({ ...ASK, stream: true });
		return (await fetch(`${url}/v1/messages`, { method: "POST", headers, body })).text();
	};
	const [broken, fine] = [await ask(), await ask()];
	expect(broken).toContain("begun");
	expect(broken).toMatch(/event: error\ndata: .*cc-any failed: injected/);
	expect(fine).toContain("event: message_stop");
	expect(run.stderr).toContain("2 internal errors, recorded in ");
	const file = /recorded in (\S+):/.exec(run.stderr)?.[1] ?? "";
	const text = readFileSync(file, "utf8");
	expect(text).toMatch(/Error: injected with Bearer .*redacted[\s\S]*fault\.mjs/i);
	expect(text).toContain("Error: rejected");
	expect(text).not.toContain(KEY);
	expect(statSync(file).mode & 0o777).toBe(0o600);
});

test("a session goes on, ends as claude ends, and says what happened", async () => {
	const plan = { ask: { ...ASK, stream: true }, exit: 3 };
	const run = start([], sandbox.environment(plan, { SAMPLE_API_KEY: KEY }));
	expect(await run.ended).toBe(3);
	const { reply } = await sandbox.seen();
	expect(reply?.text).toContain("event: error");
	expect(run.stderr.trim().split("\n").at(-1)).toMatch(/^cc-any: 2 internal errors, recorded in \S+: please/);
	expect(existsSync(/recorded in (\S+):/.exec(run.stderr)?.[1] ?? "")).toBe(true);
});
