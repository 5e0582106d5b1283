import { expect, test } from "vitest";
import { PAGES, readPage } from "../support/doc-commands.ts";
import { englishFaults, phraseFaults } from "../support/plain-english.ts";
import { commentsOf, messagesOf, SOURCE_FILES } from "../support/source-texts.ts";

/** Generated; most of their text is what servers and Claude Code print, word for word. */
const QUOTATIONS = new Set(["docs/error-wordings.md", "docs/failures.md"]);

/** Files whose texts are not messages of cc-any, in this form at least. */
const NO_MESSAGES = new Set([
	"src/upstream/failures/wordings.ts", // what servers write
	"src/upstream/failures/money-wordings.ts", // the same
	"src/profile/keys/secret-reference.ts", // command lines of other programs
	"src/proxy/learning/refused-schemas.ts", // keywords of JSON Schema, as a list
	"src/repairs/same-call.ts", // names of parameters, as a list
]);

test.each([...PAGES, "CONTRIBUTING.md"])("the English of %s is plain", async (path) => {
	const page = readPage(path);
	const faults = QUOTATIONS.has(path) ? phraseFaults(page) : await englishFaults(page);
	expect(faults.map(({ line, text }) => `${path}:${line}: ${text}`)).toEqual([]);
});

test("the English of every message is plain", async () => {
	const faults: string[] = [];
	for (const path of SOURCE_FILES.filter((file) => !NO_MESSAGES.has(file))) {
		const messages = messagesOf(path);
		// One paragraph for each message: its fault is on line 1, 3, 5 …
		const page = messages.map(({ text }) => text.replace(/\s+/g, " ").trim()).join("\n\n");
		for (const { line, text } of await englishFaults(page))
			faults.push(`${path}:${messages[(line - 1) / 2]?.line}: ${text}`);
	}
	expect(faults).toEqual([]);
});

test("the English of every comment is plain", () => {
	const faults = SOURCE_FILES.flatMap((path) =>
		commentsOf(path).flatMap((comment) =>
			phraseFaults(comment.text).map(({ line, text }) => `${path}:${comment.line + line - 1}: ${text}`),
		),
	);
	expect(faults).toEqual([]);
});

test("what is not plain is found, with its line", async () => {
	const text = "Plain.\n\nYou are told the the utilization of an URL.\n\n`so many` in code counts for nothing.\n";
	const faults = await englishFaults(text);
	expect(faults).toContainEqual({ line: 3, text: '"are told": name who prints or reports it' });
	const found = faults.map(({ line, text: fault }) => `${line} ${fault}`).join("\n");
	expect(found).toMatch(/3 .*`the`/);
	expect(found).toContain("utilization");
	expect(found).not.toContain("so many");
});

test("messages are found in every form, and nothing else is", () => {
	const texts = messagesOf("src/cli/commands/run/slip.ts").map(({ text }) => text);
	expect(texts).toContain('Start Claude Code with the prompt "`value`"? (Did you mean: `value`)');
	const all = SOURCE_FILES.flatMap(messagesOf);
	expect(all.length).toBeGreaterThan(1000);
	expect(all.filter(({ text }) => /from "|<td|\(\?:/.test(text))).toEqual([]);
});
