import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { holdSecret, withoutSecrets } from "../../src/platform/secrets.ts";
import { type FaultServer, startFaultServer } from "../support/fault-server.ts";
import { Sandbox } from "../support/processes.ts";

const KEY = 'sk-$&-Qm"7r/Zx+0123456789abcdef';
const FORMS = {
	plain: KEY,
	json: JSON.stringify(KEY).slice(1, -1),
	url: encodeURIComponent(KEY),
	base64: Buffer.from(KEY).toString("base64"),
	"basic authentication": Buffer.from(`user:${KEY}`).toString("base64"),
	"base64 after one byte": Buffer.from(`:${KEY}`).toString("base64"),
};
/** No run of this many characters of the key, in any form, may be seen. */
const LONGEST_SEEN_CHARS = 9;

function leaksIn(text: string): string[] {
	return Object.entries(FORMS).flatMap(([name, form]) => {
		for (let at = 0; at + LONGEST_SEEN_CHARS < form.length; at++) {
			const part = form.slice(at, at + LONGEST_SEEN_CHARS + 1);
			if (text.includes(part)) return [`${name}: ${part}`];
		}
		return [];
	});
}

describe("a text without the secrets of this process", () => {
	test.each(Object.entries(FORMS))("has none in this form: %s", (_name, form) => {
		holdSecret(KEY);
		expect(leaksIn(withoutSecrets(`Incorrect API key provided: ${form}. Find yours at https://x.example.`))).toEqual(
			[],
		);
	});

	test("nor one that a cut has shortened", () => {
		holdSecret(KEY);
		for (let length = 1; length < KEY.length; length++) {
			for (const end of ["", "…", "... (cut)"]) {
				expect(leaksIn(withoutSecrets(`key ${KEY.slice(0, length)}${end}`))).toEqual([]);
			}
		}
	});

	test("keeps everything else, and words that stand in for a key", () => {
		holdSecret("ollama");
		holdSecret("not-needed");
		expect(withoutSecrets("ollama: not-needed sk-$&-Q")).toBe("ollama: not-needed sk-$&-Q");
	});
});

describe("a provider that repeats the key in each of its answers", () => {
	let sandbox: Sandbox;
	let server: FaultServer;
	let pad = 0;
	const ask = { model: "claude-opus-4-8", max_tokens: 9, stream: true, messages: [{ role: "user", content: "hi" }] };

	beforeEach(async () => {
		sandbox = new Sandbox();
		server = await startFaultServer(() => {
			const message = `${"x".repeat(pad)} ${Object.values(FORMS).join(" , ")}`;
			return {
				status: 401,
				body: JSON.stringify({ error: { message, code: KEY, type: KEY, param: KEY } }),
				headers: { "x-request-id": "1" },
			};
		});
	});
	afterEach(async () => {
		sandbox.close();
		await server.close();
	});

	test.each([0, 130, 150, 1480, 1495])(
		"shows it nowhere, also where texts are cut (after %i characters)",
		async (chars) => {
			pad = chars;
			const headers = { "x-team": `$\{TEAM_TOKEN}` };
			const profile = sandbox.profile(`${server.url}/v1`, { headers });
			const environment = sandbox.environment({ ask }, { SAMPLE_API_KEY: KEY, TEAM_TOKEN: "t0ken" });
			const shown: Record<string, string> = {};
			for (const args of [
				["--profile", profile, "--trace", "-p", "hi"],
				["trace", "show", "last"],
				["trace", "show", "last", "1"],
				["trace", "show", "last", "1", "--json"],
				["trace", "explain", "last"],
				["trace", "export", "last", "1", "bundle"],
				["doctor", "--profile", profile],
				["keys", "test", profile],
				["models", profile, "--refresh"],
				["check", profile, "--only", "single-call", "--runs", "1", "--json"],
				["--profile", profile, "--dry-run"],
			]) {
				const run = sandbox.ccAny(args, environment);
				await run.ended;
				shown[args.join(" ")] = `${run.stdout}\n${run.stderr}`;
			}
			const seen = await sandbox.seen();
			shown["the client"] = JSON.stringify(seen.reply);
			expect(seen.reply?.text).toContain("[red");
			expect(seen.environment["TEAM_TOKEN"]).toBeUndefined();
			for (const folder of ["home", "work"]) {
				for (const file of readdirSync(sandbox.path(folder), {
					recursive: true,
					encoding: "utf8",
					withFileTypes: true,
				})) {
					if (file.isFile()) shown[file.name] = readFileSync(join(file.parentPath, file.name), "utf8");
				}
			}
			for (const [place, text] of Object.entries(shown)) expect(leaksIn(text), place).toEqual([]);
			expect(server.requests[0]?.headers["authorization"]).toBe(`Bearer ${KEY}`);
			expect(server.requests[0]?.headers["x-team"]).toBe("t0ken");
		},
	);
});
