import { writeFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Sandbox } from "../support/processes.ts";
import { CLAUDES, cleanEnvironment, KEY, print, rounds } from "../support/real-claude.ts";
import { type ChatRequest, type Script, ScriptedProvider, type ScriptedReply } from "../support/scripted-provider.ts";

const [, claude] = CLAUDES[1];

let sandbox: Sandbox;
let provider: ScriptedProvider | undefined;

beforeEach(() => {
	sandbox = new Sandbox();
});
afterEach(async () => {
	sandbox.close();
	await provider?.close();
});

const refusal = (message: string): ScriptedReply => ({ status: 400, body: JSON.stringify({ error: { message } }) });

/** A provider that refuses some requests, and a profile for it. */
async function strict(refuse: (request: ChatRequest) => string | undefined, script: Script): Promise<string> {
	provider = await ScriptedProvider.start((request, number) => {
		const message = refuse(request);
		return message === undefined ? script(request, number) : refusal(message);
	}, KEY);
	return sandbox.profile(provider.baseUrl);
}

/** One session in print mode: its output, and how many requests the provider got. */
async function session(profile: string, ...words: string[]): Promise<[output: string, requests: number]> {
	const before = provider?.requests.length ?? 0;
	const run = print(sandbox, claude, profile, ["go", ...words]);
	expect(await run.ended).toBe(0);
	return [run.stdout, (provider?.requests.length ?? 0) - before];
}

const ccAny = async (...words: string[]): Promise<string> => {
	const run = sandbox.ccAny(words, cleanEnvironment(sandbox), "");
	expect(await run.ended, run.stderr).toBe(0);
	return run.stdout;
};

test("a window that prompt and output share: two requests in the first session, one in the next", async () => {
	const window = 32_768;
	const prompt = 15_000;
	const profile = await strict(
		({ max_tokens }) =>
			prompt + Number(max_tokens) > window
				? `This model's maximum context length is ${window} tokens. However, you requested ${max_tokens} output tokens and your prompt contains ${prompt} input tokens. Please reduce the length of the input prompt or the number of requested output tokens.`
				: undefined,
		rounds({ text: "Done." }),
	);
	expect(await session(profile)).toEqual(["Done.\n", 2]);
	expect(await session(profile)).toEqual(["Done.\n", 1]);
});

test("refused fields: a request for each, none in the next session, each again with --relearn", async () => {
	const profile = await strict(
		(request) =>
			["stream_options", "max_tokens"]
				.map((name) => name in request && `Unsupported parameter: '${name}'`)
				.find(Boolean) || undefined,
		rounds({ text: "Done." }),
	);
	expect(await session(profile)).toEqual(["Done.\n", 3]);
	expect(await session(profile)).toEqual(["Done.\n", 1]);
	expect(await ccAny("profiles", "show", profile)).toContain("without stream_options");
	expect(await ccAny("doctor", profile, "--offline", "--claude", claude)).toContain("without stream_options");
	expect(await session(profile, "--relearn")).toEqual(["Done.\n", 3]);
});

const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

test("an image that is too large is replaced by a note, and the session goes on", async () => {
	const file = sandbox.path("work/picture.png");
	writeFileSync(file, Buffer.from(PNG, "base64"));
	const profile = await strict(
		({ messages }) =>
			JSON.stringify(messages).includes("data:image/")
				? "image exceeds 5 MB maximum: 6291456 bytes > 5242880 bytes"
				: undefined,
		rounds(
			{ toolCalls: [{ name: "Read", arguments: { file_path: file } }] },
			{ toolCalls: [{ name: "Bash", arguments: { command: "echo on" } }] },
			{ text: "Done." },
		),
	);
	expect(await session(profile, "--allowedTools", "Read,Bash")).toEqual(["Done.\n", 4]);
	expect(JSON.stringify(provider?.requests.at(-1)?.body.messages)).toContain("Image left out: the endpoint refused it");
});
