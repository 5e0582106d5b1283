import { readFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Sandbox } from "../support/processes.ts";
import { CLAUDES, KEY, print, rounds, toolResults } from "../support/real-claude.ts";
import { type ScriptedProvider as Provider, ScriptedProvider } from "../support/scripted-provider.ts";

let sandbox: Sandbox;
let provider: Provider;

beforeEach(() => {
	sandbox = new Sandbox();
});
afterEach(async () => {
	sandbox.close();
	// Throws where a request broke a rule of its wire, or where reasoning did not come back byte for byte.
	await provider.close();
});

const [, newest] = CLAUDES;
const TOOLS = ["--allowedTools", "Write,Read,Edit,Bash"];

test.each([
	["openai-responses", (model: Provider) => model.baseUrl, "/v1/responses"],
	["gemini", (model: Provider) => model.geminiUrl, "/v1beta/models/sample-large:streamGenerateContent?alt=sse"],
] as const)(
	"a task of five steps over %s, reasoning carried from step to step, and over a restart",
	async (dialect, urlOf, path) => {
		const [, claude] = newest;
		const file = sandbox.path("work/greeting.txt");
		const call = (reasoning: string, name: string, input: Record<string, unknown>) => ({
			reasoning,
			toolCalls: [{ name, arguments: input }],
		});
		const script = rounds(
			call("A file is wanted.", "Write", { file_path: file, content: "Hello größe\n" }),
			call("What does it hold?", "Read", { file_path: file }),
			call("One word is wrong.", "Edit", { file_path: file, old_string: "größe", new_string: "world" }),
			{
				text: "Two looks at once.",
				toolCalls: ["wc -l < greeting.txt", "cat greeting.txt"].map((command) => ({
					name: "Bash",
					arguments: { command },
				})),
			},
			{ text: "The file says Hello world." },
		);
		provider = await ScriptedProvider.start(script, KEY);
		const profile = sandbox.profile("", { dialect, endpoints: { [dialect]: { baseUrl: urlOf(provider) } } });
		const run = print(sandbox, claude, profile, ["greet the world", ...TOOLS]);
		expect(await run.ended).toBe(0);
		expect(run.stdout).toBe("The file says Hello world.\n");
		expect(readFileSync(file, "utf8")).toBe("Hello world\n");
		expect(new Set(provider.requests.map((request) => request.path))).toEqual(new Set([path]));
		const last = provider.requests.at(-1)?.body;
		expect(last && toolResults(last)).toHaveLength(5);
		expect(JSON.stringify(last)).toContain("Hello world");

		// Another process, another proxy: what has to go back stands in Claude Code's own transcript.
		const before = provider.requests.length;
		const resumed = print(sandbox, claude, profile, ["say it again", "--continue", ...TOOLS]);
		expect(await resumed.ended).toBe(0);
		expect(resumed.stdout).toBe("The file says Hello world.\n");
		const continued = provider.requests.slice(before).map(({ body }) => toolResults(body).length);
		expect(Math.max(...continued)).toBe(5);
	},
);
