import { readFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Sandbox } from "../support/processes.ts";
import { CLAUDES, KEY, print } from "../support/real-claude.ts";
import { type Script, ScriptedProvider } from "../support/scripted-provider.ts";

let sandbox: Sandbox;
let provider: ScriptedProvider;

beforeEach(() => {
	sandbox = new Sandbox();
});
afterEach(async () => {
	sandbox.close();
	await provider.close();
});

test.each(CLAUDES)(
	"Claude Code %s on a Messages endpoint: thinking, tools, the provider's key",
	async (_version, claude) => {
		const file = sandbox.path("work/a.txt");
		const script: Script = ({ messages }) => {
			const done = JSON.stringify(messages).includes('"tool_result"');
			const write = { name: "Write", arguments: { file_path: file, content: "made\n" } };
			return done ? { text: "Written." } : { reasoning: "A file is wanted.", toolCalls: [write] };
		};
		provider = await ScriptedProvider.start(script, KEY);
		const endpoints = { anthropic: { baseUrl: provider.anthropicUrl } };
		const profile = sandbox.profile("", { dialect: "anthropic", endpoints });
		const run = print(sandbox, claude, profile, ["write a file", "--allowedTools", "Write"]);
		expect(await run.ended).toBe(0);
		expect(run.stdout).toBe("Written.\n");
		expect(readFileSync(file, "utf8")).toBe("made\n");
		expect(provider.requests.map(({ body }) => body.model)).toEqual(["sample-large", "sample-large"]);
		expect(JSON.stringify(provider.requests.map(({ headers }) => headers))).not.toContain("x-api-key");
	},
);
