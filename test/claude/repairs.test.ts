import { readFileSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { LEAK_FAMILIES } from "../repairs/all-families.ts";
import type { Meant } from "../repairs/leak-family.ts";
import { Sandbox } from "../support/processes.ts";
import { CLAUDES, KEY, print, rounds, toolResults } from "../support/real-claude.ts";
import { ScriptedProvider, type ScriptedReply } from "../support/scripted-provider.ts";

const [, claude] = CLAUDES[1];

let sandbox: Sandbox;
let provider: ScriptedProvider;

beforeEach(() => {
	sandbox = new Sandbox();
});
afterEach(async () => {
	sandbox.close();
	await provider.close();
});

async function run(replies: ScriptedReply[], more: Record<string, unknown> = {}) {
	provider = await ScriptedProvider.start(rounds(...replies), KEY);
	const profile = sandbox.profile(provider.baseUrl, more);
	const words = ["do it", "--allowedTools", "Write,Read,Edit,Bash"];
	const ended = print(sandbox, claude, profile, words);
	expect(await ended.ended).toBe(0);
	return { stdout: ended.stdout, results: toolResults(provider.requests.at(-1)?.body as never) };
}

/** One family for each grammar. */
const FAMILIES = LEAK_FAMILIES.filter(
	({ grammar }, index) => LEAK_FAMILIES.findIndex((family) => family.grammar === grammar) === index,
);

/** A reply whose tool arguments are an object instead of a string. */
function objectArguments(name: string, input: object): string {
	const call = { index: 0, id: "call_object", type: "function", function: { name, arguments: input } };
	return [{ delta: { tool_calls: [call] } }, { delta: {}, finish_reason: "tool_calls" }]
		.map((choice) => `data: ${JSON.stringify({ id: "c", choices: [{ index: 0, ...choice }] })}\n\n`)
		.join("");
}

test("a task of Read, Edit and Bash by a model that leaks its calls as text, in the markup of every grammar", async () => {
	const files = FAMILIES.map(({ grammar }) => sandbox.path(`work/${grammar}.txt`));
	for (const file of files) writeFileSync(file, 'one\n"two" & <b>\n');
	const replies = FAMILIES.flatMap((family, index): ScriptedReply[] => {
		const file_path = files[index] as string;
		const calls: Meant[] = [
			["Read", { file_path }],
			["Edit", { file_path, old_string: '"two" & <b>', new_string: "drei & <i> ü" }],
			["Bash", { command: `grep -c '<i>' ${file_path} && echo "${family.grammar} & done"` }],
		];
		const lead = family.wholeMessage ? "" : "I go on.\n\n";
		return calls.map((call) => ({ text: `${lead}${family.write([call])}`, finish: "stop" }));
	});
	const { stdout, results } = await run([...replies, { text: "All done." }]);
	expect(stdout).toBe("All done.\n");
	expect(results.length).toBe(replies.length);
	for (const [index, file] of files.entries()) {
		expect(readFileSync(file, "utf8"), file).toBe("one\ndrei & <i> ü\n");
		expect(results[index * 3 + 2]).toContain(`1\n${FAMILIES[index]?.grammar} & done`);
	}
	// No markup was sent back to the model.
	const said = provider.requests.at(-1)?.body.messages.filter(({ role }) => role === "assistant") ?? [];
	expect(new Set(said.map(({ content }) => String(content ?? "").trim()))).toEqual(new Set(["I go on.", ""]));
}, 120_000);

test("damaged and partly wrong inputs: the task is still done", async () => {
	const file = sandbox.path("work/a.txt");
	writeFileSync(file, "one\ntwo\n");
	const { stdout, results } = await run([
		{ toolCalls: [{ name: "read", arguments: { path: file, pages: "", limit: "10" } }] },
		{
			toolCalls: [
				{
					name: "Edit",
					arguments: `{"filePath": "${file}", 'old_str': "two", "new_str": "three", "replace_all": "False",}`,
				},
			],
		},
		{ toolCalls: [{ name: "functions.Bash", arguments: { cmd: `cat ${file}`, timeout: "5000", foo: null } }] },
		{ body: objectArguments("Bash", { command: "echo object" }) },
		// Only the model knows a missing parameter or the rest of a truncated string, so it gets an error.
		{ toolCalls: [{ name: "Edit", arguments: { file_path: file, old_string: "three" } }] },
		{ toolCalls: [{ name: "Write", arguments: `{"file_path": "${file}", "content": "half` }] },
		{ text: "<think>\nIt works.\n</think>\n\nAll done.<|im_end|>" },
	]);
	expect(stdout).toBe("All done.\n");
	expect(readFileSync(file, "utf8")).toBe("one\nthree\n");
	expect(results.length).toBe(6);
	expect(results[2]).toContain("three");
	expect(results[3]).toContain("object");
	expect(results[4]).toContain("new_string");
	expect(results[5]).toMatch(/could not be parsed|InputValidationError/);
}, 40_000);

test("a model that repeats itself gets a reminder and is then stopped", async () => {
	const again: ScriptedReply = { toolCalls: [{ name: "Bash", arguments: { command: "cat missing.txt" } }] };
	const { stdout, results } = await run([again]);
	expect(stdout).toContain("cc-any ended this turn");
	expect(provider.requests.length).toBe(6);
	expect(results.filter((result) => result.includes("with nothing new between them")).length).toBe(3);
}, 40_000);

test.each([
	// Nothing was shown: the attempt failed, is repeated once, and then reported as an error.
	["at once", 0, 1],
	// The reasoning was shown: Claude Code itself asks once more, and then an error says what happened.
	["bit by bit", 50, 1],
] as const)(
	"a model that only thinks, %s: one more request, then a message to the user",
	async (_how, pace, exitCode) => {
		provider = await ScriptedProvider.start(rounds({ reasoning: "I think and think.", pace }), KEY);
		const ended = print(sandbox, claude, sandbox.profile(provider.baseUrl), ["do it"]);
		expect(await ended.ended).toBe(exitCode);
		expect(ended.stdout).toContain("the model ended its turn twice without an answer: reasoning without an answer");
		// One more attempt by cc-any; the other requests are what Claude Code itself sends after a 400.
		expect(provider.requests.length).toBeLessThan(10);
	},
	40_000,
);
