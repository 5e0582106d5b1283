import remarkGfm from "remark-gfm";
import remarkParse from "remark-parse";
import remarkRetext from "remark-retext";
import retextEnglish from "retext-english";
import retextIndefiniteArticle from "retext-indefinite-article";
import retextReadability from "retext-readability";
import retextRedundantAcronyms from "retext-redundant-acronyms";
import retextRepeatedWords from "retext-repeated-words";
import retextSimplify from "retext-simplify";
import { unified } from "unified";
import { VFile } from "vfile";
import { expect, test } from "vitest";
import { PAGES, readPage } from "../support/doc-commands.ts";

/** Generated; most of their text is what servers and Claude Code print, word for word. */
const QUOTATIONS = new Set(["docs/error-wordings.md", "docs/failures.md"]);

/**
 * Words that the US plain-language guidelines (plainlanguage.gov, the list of retext-simplify) would replace, and that
 * are terms here or are found in the wrong place.
 */
const TERMS = [
	"request", // an HTTP request; "ask" is something else
	"address", // a URL, not "discuss"
	"type", // of a value, or on a keyboard
	"parameters", // of a request or a tool, not "limits"
	"function", // of a program
	"option", // of a command
	"attempt", // one upstream request within an exchange: see the glossary
	"interface", // of a network or a user
	"delete", // of a file, not "cut"
	"it is", // a pronoun with an antecedent here, seldom the filler that the guidelines mean
];

/** Phrases that this project's pages used to have and a native writer would not use, each with what to write instead. */
const PHRASES: readonly [RegExp, string][] = [
	[/\b(?:is|are|was|were) told\b|\btold (?:at|it|once|none)\b/, "name who prints or reports it"],
	[/\bstands? (?:for|in|below|above)\b/, "say what it means or where it is"],
	[/\bso many\b/, "give the number"],
	[/\bcarr(?:y|ies|ied) out\b/, "run, do"],
	[/\b(?:and|or) the like\b|\bthe likes? of\b/, "name the things, or write 'such as'"],
	[/\bgoes by\b|\bgo by\b/, "say what decides"],
	[/\banew\b/, "again"],
	[/\btaken for\b/, "mistaken for, treated as"],
	[/\bsays? so\b|\b(?:is|and) said\b/, "prints, reports, warns"],
	[/\bin spite of\b/, "despite"],
	[/\bwhere (?:none|there is|there are|one is|nothing|it (?:has|needs|would))\b/, "use 'if' for a condition"],
	[/\bas well\b/, "also, too"],
	[/\bno longer than\b|\bof its own accord\b/, "use a plainer form"],
];

const english = unified()
	.use(retextEnglish)
	.use([
		[retextSimplify, { ignore: TERMS }],
		[retextReadability, { age: 18, minWords: 8 }],
		retextRepeatedWords,
		retextIndefiniteArticle,
		retextRedundantAcronyms,
	]);
const linter = unified().use(remarkParse).use(remarkGfm).use(remarkRetext, english);

/** `file:line: reason` for each sentence that a reader would stumble over. */
async function faults(path: string, text: string): Promise<string[]> {
	const file = new VFile({ path, value: text });
	if (!QUOTATIONS.has(path)) await linter.run(linter.parse(file), file);
	const published = file.messages.map(
		({ line, reason, actual }) => `${path}:${line}: ${reason}: ${actual?.replace(/\s+/g, " ").slice(0, 80)}`,
	);
	const prose = text.replace(/```[\s\S]*?```|`[^`\n]+`/g, (code) => code.replace(/[^\n]/g, " "));
	const own = PHRASES.flatMap(([phrase, instead]) =>
		[...prose.matchAll(new RegExp(phrase.source.replaceAll(" ", "\\s+"), "gi"))].map(
			({ 0: found, index }) => `${path}:${prose.slice(0, index).split("\n").length}: "${found}": ${instead}`,
		),
	);
	return [...published, ...own];
}

test.each([...PAGES, "CONTRIBUTING.md"])("the English of %s is plain", async (path) => {
	expect(await faults(path, readPage(path))).toEqual([]);
});

test("what is not plain is found, with its line", async () => {
	const text = "Plain.\n\nYou are told the the utilization of an URL.\n\n`so many` in code counts for nothing.\n";
	const found = await faults("a.md", text);
	expect(found.join("\n")).toMatch(/a\.md:3: .*the/);
	expect(found.join("\n")).toContain('a.md:3: "are told": name who prints or reports it');
	expect(found.join("\n")).toContain("utilization");
	expect(found.join("\n")).not.toContain("so many");
});
