import { describe, expect, test } from "vitest";
import { parseSource } from "../../src/profile/documents/parse-source.ts";
import { validate } from "../../src/profile/documents/validate.ts";
import { ConfigFileSchema, ProfileFileSchema } from "../../src/profile/model/schema.ts";
import { userError } from "../support/profile-home.ts";

async function read(
	text: string,
	file = "own.yaml",
	schema: typeof ProfileFileSchema | typeof ConfigFileSchema = ProfileFileSchema,
) {
	return validate(schema, await parseSource(text, file));
}

const bad: [what: string, text: string, message: string][] = [
	[
		"an unknown field, with a suggestion",
		"name: own\nendpoint:\n  a: 1\n",
		"own.yaml:2: endpoint: unknown field (did you mean endpoints?)",
	],
	[
		"a nested unknown field",
		"models:\n  m:\n    contextwindow: 5\n",
		"own.yaml:3: models.m.contextwindow: unknown field (did you mean contextWindow?)",
	],
	[
		"a value outside its list",
		"name: own\ndialect: antropic\n",
		'own.yaml:2: dialect: "antropic" is not allowed; allowed: openai-chat, anthropic, openai-responses, gemini (did you mean anthropic?)',
	],
	[
		"a repair that does not exist",
		"disabledRepairs:\n  - think-tag\n",
		'own.yaml:2: disabledRepairs.0: "think-tag" is not allowed; allowed: assistant-turns, billing-line',
	],
	["a wrong type", "models:\n  m:\n    vision: 3\n", "own.yaml:3: models.m.vision: must be true or false, not 3"],
	[
		"text where a number belongs",
		'models:\n  m:\n    contextWindow: "1M"\n',
		'own.yaml:3: models.m.contextWindow: must be a number, not "1M"',
	],
	["a number out of range", "limits:\n  concurrency: 0\n", "own.yaml:2: limits.concurrency: must be at least 1, not 0"],
	[
		"a name that is a device of Windows",
		"name: Nul.x\n",
		'own.yaml:1: name: must be letters, digits, dots and dashes, and no name of a Windows device, not "Nul.x"',
	],
	["a list item", "aliases:\n  - a\n  - 7\n", "own.yaml:3: aliases.1: must be text, not 7"],
	[
		"an unknown quirk",
		"quirks:\n  streamUsages: true\n",
		"own.yaml:2: quirks.streamUsages: unknown field (did you mean streamUsage?)",
	],
	[
		"a plain quirk's value",
		"quirks:\n  toolChoice: never\n",
		'own.yaml:2: quirks.toolChoice: "never" is not allowed; allowed: full, strings, auto-none, none-only, unsupported',
	],
	[
		"a reasoned quirk's value",
		"quirks:\n  toolChoice:\n    value: never\n    why: a\n    source: b\n",
		"own.yaml:3: quirks.toolChoice.value:",
	],
	[
		"a quirk with a reason but no source",
		"quirks:\n  toolChoice: { value: full, why: a }\n",
		"own.yaml:2: quirks.toolChoice.source: is missing",
	],
	["text that is no YAML", "name: own\n\ttitle: x\n", "own.yaml:2: not valid YAML"],
	["a field that is there twice", "name: a\ntitle: b\nname: c\n", "own.yaml:3: not valid YAML"],
	["text instead of fields", "just text\n", "own.yaml: must be a group of fields"],
];

describe("errors name file, line, field and what is allowed", () => {
	test.each(bad)("%s", async (_what, text, message) => {
		const error = await userError(read(text));
		expect(error.message).toContain(message);
		expect(error.exitCode).toBe(78);
	});

	test("all problems of a file are reported at once, each with its line", async () => {
		const error = await userError(read("dialect: x\nstatus: y\nmodels:\n  m: { vision: 1, price: { input: -1 } }\n"));
		const places = error.message.split("\n").map((line) => line.split(": ").slice(0, 2).join(": "));
		expect(places.sort()).toEqual([
			"own.yaml:1: dialect",
			"own.yaml:2: status",
			"own.yaml:4: models.m.price.input",
			"own.yaml:4: models.m.vision",
		]);
	});

	test("a key of the wrong type is not repeated", async () => {
		const error = await userError(read("key: { secret: sk-verysecret }\n"));
		expect(error.message).not.toContain("sk-verysecret");
		expect(error.message).toContain("own.yaml:1: key:");
	});

	test("JSON errors have lines too, with tabs", async () => {
		const error = await userError(
			read('{\n\t"profile": "kimi",\n\t"tiers": { "opsu": "x" }\n}\n', "config.json", ConfigFileSchema),
		);
		expect(error.message).toContain("config.json:3: tiers.opsu: unknown field (did you mean opus?)");
	});

	test("TOML that does not parse names its line, a wrong field its name", async () => {
		const broken = await userError(read('profile = "kimi"\ntiers = {\n', "config.toml", ConfigFileSchema));
		expect(broken.message).toMatch(/^config\.toml:[23]: not valid TOML/);
		const wrong = await userError(read("profile = 3\n", "config.toml", ConfigFileSchema));
		expect(wrong.message).toContain("config.toml: profile: must be text, not 3");
	});
});

describe("what is accepted", () => {
	test("a quirk is plain or carries its reason", async () => {
		const profile = await read("quirks:\n  toolChoice: strings\n  maxTools: { value: 64, why: limit, source: page }\n");
		expect(profile).toEqual({
			quirks: { toolChoice: "strings", maxTools: { value: 64, why: "limit", source: "page" } },
		});
	});

	test("the same profile in YAML, JSON and TOML", async () => {
		const value = { name: "own", tiers: { opus: "big" }, models: { big: { vision: false } } };
		expect(await read("name: own\ntiers: { opus: big }\nmodels: { big: { vision: false } }\n")).toEqual(value);
		expect(await read(JSON.stringify(value), "own.json")).toEqual(value);
		expect(await read('name = "own"\n[tiers]\nopus = "big"\n[models.big]\nvision = false\n', "own.toml")).toEqual(
			value,
		);
	});

	test("fallback and limits", async () => {
		const text =
			"fallback: [kimi, deepseek-flash]\nlimits: { requestsPerMinute: 60, tokensPerMinute: 1000, concurrency: 2 }\n";
		expect(await read(text)).toEqual({
			fallback: ["kimi", "deepseek-flash"],
			limits: { requestsPerMinute: 60, tokensPerMinute: 1000, concurrency: 2 },
		});
	});
});
