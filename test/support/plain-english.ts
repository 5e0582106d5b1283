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
	"there is", // "there is no profile named x" is what a person would say
	"there are",
	"effect", // a noun here: "may have taken effect"
	"contains", // of a text or a URL
	"maximum", // a limit, in Anthropic's own words
	"it is", // a pronoun with an antecedent here, seldom the filler that the guidelines mean
];

/** Phrases that this project used to have and a native writer would not use, each with what to write instead. */
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
	[/\bundefined where\b/, "use 'if' for a condition"],
	[/\bas well\b/, "also, too"],
	[/\bby (?:the|a) (?:JSON )?schema\b/, "that fits the schema"],
	[/\b(?:is|are) (?:kept|shown) where\b|\bat the least\b|\bis meant\b/, "use a plainer form"],
	[/\bpiece by piece\b/, "in pieces"],
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

/** Something that a reader would stumble over. */
export interface Fault {
	line: number;
	text: string;
}

/** The faults of a page in Markdown, by the published rules and by the list of phrases. */
export async function englishFaults(markdown: string): Promise<Fault[]> {
	const file = new VFile(markdown);
	await linter.run(linter.parse(file), file);
	const published = file.messages.map(({ line, reason, actual }) => ({
		line: line ?? 1,
		text: `${reason}: ${actual?.replace(/\s+/g, " ").slice(0, 80)}`,
	}));
	return [...published, ...phraseFaults(markdown)];
}

/** The phrases of the list that occur outside code. */
export function phraseFaults(text: string): Fault[] {
	const prose = text.replace(/```[\s\S]*?```|`[^`\n]+`/g, (code) => code.replace(/[^\n]/g, " "));
	return PHRASES.flatMap(([phrase, instead]) =>
		[...prose.matchAll(new RegExp(phrase.source.replaceAll(" ", "[\\s*]+"), "gi"))].map(({ 0: found, index }) => ({
			line: prose.slice(0, index).split("\n").length,
			text: `"${found}": ${instead}`,
		})),
	);
}
