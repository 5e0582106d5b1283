import { writeFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { Sandbox } from "../support/processes.ts";
import { CLAUDES, cleanEnvironment, KEY, rounds, toolResults } from "../support/real-claude.ts";
import { type Script, ScriptedProvider } from "../support/scripted-provider.ts";

const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const WORDS = 'A dialog with the title "Disk full" and one button, "Retry".';
const [, [, newest]] = CLAUDES;

test("an image that a blind model reads through Claude Code is described, recorded, explained and replayed", async () => {
	const sandbox = new Sandbox();
	onTestFinished(() => sandbox.close());
	const file = sandbox.path("work/screen.png");
	writeFileSync(file, Buffer.from(PNG, "base64"));
	const read = { toolCalls: [{ name: "Read", arguments: { file_path: file } }] };
	const script: Script = (request, number) => {
		if (request.model === "eyes") return { text: WORDS };
		return rounds(read, { text: "It says: Disk full." })(request, number);
	};
	const provider = await ScriptedProvider.start(script, KEY);
	onTestFinished(() => provider.close());
	const facts = { contextWindow: 262_144, maxOutput: 32_768 };
	const models = { "sample-large": { ...facts, vision: false }, eyes: { ...facts, vision: true } };
	const profile = sandbox.profile(provider.baseUrl, { models });
	const environment = cleanEnvironment(sandbox, { CC_ANY_TRACE: "1" });
	const ccAny = async (...words: string[]) => {
		const run = sandbox.ccAny(words, environment, "");
		expect(await run.ended, run.stderr).toBe(0);
		return run.stdout;
	};
	const options = [
		"--profile",
		profile,
		"--vision",
		"eyes",
		"--claude",
		newest,
		"-p",
		"what does it say?",
		"--allowedTools",
		"Read",
	];
	expect(await ccAny(...options)).toBe("It says: Disk full.\n");

	const bodies = provider.requests.map(({ body }) => body);
	const seen = bodies.filter(({ model }) => model === "eyes");
	expect(seen).toHaveLength(1);
	expect(JSON.stringify(seen)).toContain("data:image/png;base64,");
	const others = bodies.filter(({ model }) => model !== "eyes");
	expect(JSON.stringify(others)).not.toContain("data:image");
	expect(toolResults(others.at(-1) ?? (others[0] as never)).join()).toContain(WORDS);

	const list = (await ccAny("trace", "show", "last")).split("\n");
	const number = (words: string) =>
		list
			.findLast((line) => line.includes(words))
			?.trim()
			.split(/\s+/)[0] ?? "";
	expect(await ccAny("trace", "show", "last", number(" vision "))).toContain(WORDS);
	const last = number(" main ");
	expect(await ccAny("trace", "explain", "last", last)).toMatch(/image-described/);
	const bundle = sandbox.path("work/bundle");
	await ccAny("trace", "export", "last", last, bundle);
	expect(await ccAny("replay", bundle)).toMatch(/recorded → now\s+no difference/);
});
