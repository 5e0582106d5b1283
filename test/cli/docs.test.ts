import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Command, CommanderError } from "commander";
import { describe, expect, test } from "vitest";
import { createProgram } from "../../src/cli/program.ts";
import { splitArguments } from "../../src/launch/arguments.ts";
import { parseSource } from "../../src/profile/documents/parse-source.ts";
import { validate } from "../../src/profile/documents/validate.ts";
import { splitArgs } from "../../src/profile/keys/key-reference.ts";
import { ProfileFileSchema } from "../../src/profile/model/schema.ts";
import { builtinNames } from "../../src/profile/sources/builtin.ts";
import { commandsOf, PAGES, PLACEHOLDER, readPage } from "../support/doc-commands.ts";

const root = join(import.meta.dirname, "../..");
const TASKS = PAGES.filter((page) => !/README|architecture|fidelity|profiles/.test(page));

/** Parses as a run would; the actions do nothing. Throws for a command or option that does not exist. */
async function parse(line: string): Promise<void> {
	const program = createProgram([]);
	disarm(program);
	const names = program.commands.map((command) => command.name());
	const { command, own } = splitArguments(splitArgs(line).slice(1), names);
	try {
		await program.parseAsync(command ? [command, ...own] : own, { from: "user" });
	} catch (error) {
		// `--version` and `--help` end the parsing.
		if (!(error instanceof CommanderError && error.exitCode === 0)) throw error;
	}
}

function disarm(command: Command): void {
	command
		.action(() => {})
		.exitOverride()
		.configureOutput({ writeErr: () => {}, writeOut: () => {} });
	for (const child of command.commands) disarm(child);
}

describe.each(TASKS)("%s", (page) => {
	test("its commands exist, with their options, and its profiles", async () => {
		const names = builtinNames();
		const commands = commandsOf(page);
		for (const line of commands) {
			await expect(
				parse(line).then(() => line),
				line,
			).resolves.toBe(line);
			const profile = /--profile (\S+)/.exec(line)?.[1];
			if (profile && !PLACEHOLDER.test(line)) expect(names, line).toContain(profile);
		}
	});

	test("its profiles are valid, its links lead somewhere", async () => {
		for (const [, text = ""] of readPage(page).matchAll(/```yaml\n([\s\S]*?)```/g)) {
			const document = await parseSource(text, `${page}.yaml`);
			expect(() => validate(ProfileFileSchema, document)).not.toThrow();
		}
		const pages = readdirSync(join(root, "docs"));
		for (const [, target] of readPage(page).matchAll(/\]\(([\w-]+\.md)\)/g)) expect(pages).toContain(target);
	});
});

/** The anchor that GitHub and the site give a heading. */
const anchorOf = (heading: string) =>
	heading
		.toLowerCase()
		.replace(/[^\p{L}\p{N} _-]/gu, "")
		.replaceAll(" ", "-");

test.each([...PAGES, "CONTRIBUTING.md", "CHANGELOG.md"])("the anchors that %s links to exist", (page) => {
	const folder = dirname(page);
	for (const [, target = "", anchor = ""] of readPage(page).matchAll(/\]\(([\w./-]*)#([\w-]+)\)/g)) {
		const file = target === "" ? page : join(folder, target);
		const headings = [...readPage(file).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => anchorOf(heading));
		expect(headings, `${file}#${anchor}`).toContain(anchor);
	}
});

test("most pages have commands", () => {
	expect(TASKS.filter((page) => commandsOf(page).length > 0).length).toBeGreaterThan(12);
});

test("a command that does not exist is noticed", async () => {
	await expect(parse("cc-any doctor demo --onlin")).rejects.toThrow("unknown option");
	await expect(parse("cc-any keys forget demo")).rejects.toThrow();
});

test("the error texts of the troubleshooting page are those of the code", () => {
	const source = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
		.filter((path) => path.endsWith(".ts"))
		.map((path) => readFileSync(join(root, "src", path), "utf8"))
		.join("\n");
	const texts = [...readPage("docs/troubleshooting.md").matchAll(/^### `(.+)`$/gm)].map(([, text]) => text);
	expect(texts.length).toBeGreaterThan(10);
	for (const text of texts) expect(source).toContain(text);
});
