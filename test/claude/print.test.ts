import { readFileSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Sandbox } from "../support/processes.ts";
import { asksFor, CLAUDES, KEY, print, rounds, toolResults } from "../support/real-claude.ts";
import { type Script, ScriptedProvider } from "../support/scripted-provider.ts";

let sandbox: Sandbox;
let provider: ScriptedProvider | undefined;

beforeEach(() => {
	sandbox = new Sandbox();
});
afterEach(async () => {
	sandbox.close();
	await provider?.close();
	provider = undefined;
});

const SMALL = { "sample-small": { contextWindow: 131_072, maxOutput: 16_384 } };

async function profileFor(script: Script): Promise<string> {
	provider = await ScriptedProvider.start(script, KEY);
	const models = { "sample-large": { contextWindow: 262_144, maxOutput: 32_768 }, ...SMALL };
	return sandbox.profile(provider.baseUrl, { models, tiers: { haiku: "sample-small" } });
}

describe.each(CLAUDES)("Claude Code %s", (_version, claude) => {
	test("print mode", async () => {
		const profile = await profileFor(
			rounds({ reasoning: "They want a greeting.", text: "Hello from the sample model." }),
		);
		const run = print(sandbox, claude, profile, ["say hello"]);
		expect(await run.ended).toBe(0);
		expect(run.stdout).toBe("Hello from the sample model.\n");
		// From 2.1.330 on, Claude Code warns in one line about a model that is not in its own list.
		expect(run.stderr.replace(/^\[claude-code:unrecognized_model\] .*\n+/, "")).toBe("");
		const { body } = provider?.requests[0] ?? {};
		expect(body).toMatchObject({ model: "sample-large", stream: true });
		expect(asksFor(body as NonNullable<typeof body>, "say hello")).toBe(true);
		expect(body?.["max_tokens"]).toBe(32_768);
	});

	test("a task with Write, Read, Edit and Bash leaves its result on disk", async () => {
		const file = sandbox.path("work/notes.txt");
		const profile = await profileFor(
			rounds(
				{
					text: "First a file.",
					toolCalls: [{ name: "Write", arguments: { file_path: file, content: "one\ntwo\n" } }],
				},
				{ toolCalls: [{ name: "Read", arguments: { file_path: file } }] },
				{ toolCalls: [{ name: "Edit", arguments: { file_path: file, old_string: "two", new_string: "three" } }] },
				{ toolCalls: [{ name: "Bash", arguments: { command: `wc -l < ${file} && cat ${file} > copy.txt` } }] },
				{ text: "All done." },
			),
		);
		const run = print(sandbox, claude, profile, ["write notes", "--allowedTools", "Write,Read,Edit,Bash"]);
		expect(await run.ended).toBe(0);
		expect(run.stdout).toBe("All done.\n");
		expect(readFileSync(file, "utf8")).toBe("one\nthree\n");
		expect(readFileSync(sandbox.path("work/copy.txt"), "utf8")).toBe("one\nthree\n");
		const results = toolResults(provider?.requests.at(-1)?.body as never);
		expect(results.length).toBe(4);
		expect(results[1]).toContain("two");
		expect(results[3]).toContain("2");
	});

	test("parallel tools: every result finds its call", async () => {
		for (const name of ["a", "b", "c"]) writeFileSync(sandbox.path(`work/${name}.txt`), `content of ${name}\n`);
		const read = (name: string) => ({ name: "Read", arguments: { file_path: sandbox.path(`work/${name}.txt`) } });
		const profile = await profileFor(rounds({ toolCalls: ["a", "b", "c"].map(read) }, { text: "Read." }));
		expect(await print(sandbox, claude, profile, ["read them"]).ended).toBe(0);
		const { messages } = provider?.requests.at(-1)?.body ?? { messages: [] };
		const calls = messages.flatMap((message) => message.tool_calls ?? []);
		expect(calls.length).toBe(3);
		for (const call of calls) {
			const name = /(\w)\.txt/.exec(call.function.arguments)?.[1];
			const result = messages.find((message) => message.tool_call_id === call.id);
			expect(JSON.stringify(result?.content)).toContain(`content of ${name}`);
		}
	});

	test("a subagent runs on the model of its tier", async () => {
		const script: Script = (request) => {
			const isSubagent = asksFor(request, "Count the sheep") && !asksFor(request, "delegate it");
			if (isSubagent)
				return rounds({ toolCalls: [{ name: "Bash", arguments: { command: "echo 42" } }] }, { text: "42 sheep" })(
					request,
					0,
				);
			const task = {
				description: "count",
				prompt: "Count the sheep",
				subagent_type: "general-purpose",
				model: "haiku",
			};
			return rounds(
				{ toolCalls: [{ name: "Agent", arguments: { ...task, run_in_background: false } }] },
				{ text: "It says 42." },
			)(request, 0);
		};
		const profile = await profileFor(script);
		const run = print(sandbox, claude, profile, ["delegate it", "--allowedTools", "Bash,Agent"]);
		expect(await run.ended).toBe(0);
		expect(run.stdout).toBe("It says 42.\n");
		const models = provider?.requests.map(({ body }) => body.model);
		expect(new Set(models)).toEqual(new Set(["sample-large", "sample-small"]));
		expect(toolResults(provider?.requests.at(-1)?.body as never).join()).toContain("42 sheep");
	});

	test("a loop of 60 calls", async () => {
		const script: Script = (request, number) => {
			const done = toolResults(request).length;
			if (done >= 60) return { text: `${done} calls` };
			return rounds({
				toolCalls: [{ name: "Bash", arguments: { command: `echo round-${done}` }, id: `id-${number}` }],
			})(request, 0);
		};
		const profile = await profileFor(script);
		const run = print(sandbox, claude, profile, ["go on", "--allowedTools", "Bash"]);
		expect(await run.ended).toBe(0);
		expect(run.stdout).toBe("60 calls\n");
		const results = toolResults(provider?.requests.at(-1)?.body as never);
		expect(results.map((result) => /round-(\d+)/.exec(result)?.[1])).toEqual([...Array(60).keys()].map(String));
		// Each request begins with the whole request before it, so a provider's prefix cache works for all 60 turns.
		const prompts = (provider?.requests ?? []).map(({ body }) => JSON.stringify(body.messages).slice(0, -1));
		for (const [index, prompt] of prompts.slice(1).entries()) {
			expect(prompt.startsWith(prompts[index] as string), `request ${index + 2}`).toBe(true);
		}
	}, 60_000);
});
