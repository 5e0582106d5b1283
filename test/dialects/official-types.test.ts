import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { encodeCount, encodeFixture, type Fixture, loadFixtures } from "../support/fixture.ts";
import type { Official, OfficialCount } from "../support/official-types.ts";

/** What the vendors' types do not know, and why it is sent all the same. */
const KNOWN: Readonly<Record<keyof Official, Readonly<Record<string, string>>>> = {
	"openai-chat": {
		top_k: "vLLM and many others take it",
		reasoning_content: "how DeepSeek, Kimi and others want their reasoning back",
		reasoning_details: "the same of OpenRouter and MiniMax",
		name: "the tool's name in its result, for chat templates that want it (quirk toolResultNames)",
		extra_content: "Google's thought signatures",
		image_url: "images in the answer of a tool, for providers that take them (quirk imagesInToolResults)",
		web_search_20250305: "a server tool that the provider runs itself (quirk serverTools)",
	},
	"openai-responses": {
		reasoning: "reasoning in plain words, as llama.cpp reads it: without an id, which it did not come with",
	},
	gemini: {},
	anthropic: {
		temperature: "the models of today refuse it, other endpoints take it",
		future_block: "what cc-any does not know passes as it is",
		BetaToolUnion: "a tool without schema, as it came",
	},
};

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const TYPES = join(ROOT, "test/support/official-types.ts");
const TSC = join(ROOT, "node_modules/typescript/bin/tsc");
const OPTIONS = {
	strict: true,
	noEmit: true,
	skipLibCheck: true,
	target: "es2023",
	lib: ["es2023", "dom"],
	module: "esnext",
	moduleResolution: "bundler",
	allowImportingTsExtensions: true,
	typeRoots: [join(ROOT, "node_modules/@types")],
	types: ["node"],
};
const HEAD = `import type { Official, OfficialCount } from ${JSON.stringify(TYPES)};\n`;

interface CompileError {
	fixture: Fixture | undefined;
	message: string;
}

const folder = mkdtempSync(join(tmpdir(), "cc-any-types-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let errors: CompileError[] = [];

beforeAll(() => {
	const fixtures = loadFixtures();
	writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: OPTIONS, files: ["requests.ts"] }));
	writeFileSync(join(folder, "requests.ts"), HEAD + fixtures.map(declaration).join("\n"));
	errors = compile().map(({ file, line, message }) => ({
		fixture: file === "requests.ts" ? fixtures[line - 2] : undefined,
		message: `${file}: ${message}`,
	}));
}, 60_000);

/** A literal of the vendor's type: a field that it does not know is an error too. */
function declaration(fixture: Fixture, index: number): string {
	// What a profile adds of its own is no work of the encoder.
	const { thinkingBudgetField: _field, ...others } = fixture.target.quirks;
	const quirks = { ...others, extraBody: {}, thinkingOn: {}, thinkingOff: {} };
	const { upstream } = encodeFixture({ ...fixture, target: { ...fixture.target, quirks } });
	const request = `export const request${index}: Official["${fixture.dialect.name}"] = ${JSON.stringify(upstream.body)};`;
	if (!fixture.goldens.has("count reply")) return request;
	const count: `OfficialCount["${keyof OfficialCount}"]` = `OfficialCount["${fixture.dialect.name}"]`;
	return `${request} export const count${index}: ${count} = ${JSON.stringify(encodeCount(fixture).body)};`;
}

function compile(): { file: string; line: number; message: string }[] {
	const found = compilerOutput().matchAll(/^(\S.*?)\((\d+),\d+\): error (.*)$/gm);
	return [...found].map(([, file = "", line, message = ""]) => ({ file, line: Number(line), message }));
}

function compilerOutput(): string {
	try {
		return execFileSync(process.execPath, [TSC, "--pretty", "false", "-p", folder], { cwd: folder, encoding: "utf8" });
	} catch (error) {
		const { status, stdout } = error as { status?: number; stdout?: string };
		// Errors of types are what is asked for; anything else is a failure of the compiler.
		if (status !== 1 && status !== 2) throw error;
		return stdout ?? "";
	}
}

test("what the encoders can write is what their vendors take", () => {
	expect(errors.filter(({ fixture }) => !fixture)).toEqual([]);
});

test.each(Object.keys(KNOWN) as (keyof Official)[])(
	"the request of every %s fixture is of the vendor's type",
	(name) => {
		const found = errors.filter(({ fixture }) => fixture?.dialect.name === name);
		const known = Object.keys(KNOWN[name]);
		const reasonFor = (message: string) => known.find((word) => new RegExp(`["']${word}["']`).test(message));
		const unknown = found.filter(({ message }) => reasonFor(message) === undefined);
		expect(unknown.map(({ fixture, message }) => `${fixture?.name}: ${message}`)).toEqual([]);
		// A deviation that is gone is struck from the list.
		expect(new Set(found.map(({ message }) => reasonFor(message)))).toEqual(new Set(known));
	},
);
