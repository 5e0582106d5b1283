import { describe, expect, test } from "vitest";
import { MarkdownContext } from "../../../src/repairs/markup/scanner/markdown-context.ts";

function textRead(...pieces: string[]) {
	const context = new MarkdownContext();
	for (const piece of pieces) context.push(piece);
	return context;
}

describe("whether an opener is an example", () => {
	test.each<[string, string, boolean]>([
		["at the beginning", "", false],
		["after text", "Look: ", false],
		...['"', "'", "“", "”", "‘", "「", "«"].map((mark): [string, string, boolean] => [
			`after ${mark}`,
			`a ${mark}`,
			true,
		]),
		["after a closed quotation", '"a" ', false],
		["in inline code", "a `b ", true],
		["right after a backtick", "a `", true],
		["after inline code", "a `b` ", false],
		["in inline code of two backticks", "a ``b ` ", true],
		["after inline code of two backticks", "a ``b ` c`` ", false],
		["on the line after an open backtick", "a `b\n", false],
		["in a fence", "```\n", true],
		["in a fence with a language", "```js title\n", true],
		["in a fence of tildes", "~~~\na\n", true],
		["on the line of a fence", "```", true],
		["after two backticks", "``\n", false],
		["after a fence", "```\na\n```\n", false],
		["after a fence with space", "```\na\n ``` \n", false],
		["after a longer end", "```\na\n`````\n", false],
		["after a shorter end", "````\na\n```\n", true],
		["after another end", "```\na\n~~~\n", true],
		["after an end with a word", "```\na\n```js\n", true],
		["after an end with a long tail", `\`\`\`\na\n\`\`\`${" ".repeat(120)}x\n`, true],
		["after a fence with a backtick in its language", "```a`b\n", false],
		["after tildes with a backtick in the language", "~~~a`b\n", true],
		["in a fence of a list", "- ```\n", true],
		["in a fence of a numbered list", "12. ```\n", true],
		["in a fence of a quotation", "> ```\n", true],
		["in a block quote", "> a ", true],
		["in an indented block quote", "  > ", true],
		["on the line after a block quote", "> a\n", false],
		["indented by four", "a\n\n    ", true],
		["indented by a tab", "a\n\t", true],
		["indented by three", "a\n   ", false],
		["indented where nothing comes before", "\n    ", false],
		["behind indented text", "a\n    b ", false],
	])("%s: %j is %s", (_name, text, expected) => {
		expect(textRead(text).skipsOpener()).toBe(expected);
		expect(textRead(...text).skipsOpener()).toBe(expected);
	});

	test("a quotation goes on to the end of its paragraph", () => {
		const context = textRead('a "');
		expect(context.skipsOpener()).toBe(true);
		context.push("<x> b");
		expect(context.skipsOpener()).toBe(true);
		context.push("\nc ");
		expect(context.skipsOpener()).toBe(true);
		context.push("\n \n");
		expect(context.skipsOpener()).toBe(false);
	});
});

test("blank, and the start of a line", () => {
	expect([textRead("").isBlank, textRead(" \n\t").isBlank, textRead(" a").isBlank, textRead("a\n ").isBlank]).toEqual([
		...[true, true, false, false],
	]);
	expect([
		textRead("").isLineStart,
		textRead("a\n ").isLineStart,
		textRead("a").isLineStart,
		textRead("\n a").isLineStart,
	]).toEqual([...[true, true, false, false]]);
	const context = textRead("a");
	expect(context.isBlank).toBe(false);
	context.push("\n");
	expect([context.isBlank, context.isLineStart]).toEqual([false, true]);
});

test("text of any length is followed", () => {
	const long = "word ".repeat(1000);
	expect(textRead(`${long}\n\`\`\`\n${long}`).skipsOpener()).toBe(true);
	expect(textRead(long, `\n\`\`\`\n`, long, "\n```\n").skipsOpener()).toBe(false);
	expect(textRead(`${long}\``).skipsOpener()).toBe(true);
});
