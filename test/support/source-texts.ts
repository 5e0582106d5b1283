import { readdirSync, readFileSync } from "node:fs";
import { parseSync, Visitor } from "oxc-parser";

/** A text in a source file: a message, or a comment. */
export interface SourceText {
	line: number;
	text: string;
}

/** Three words in a row: anything shorter is a name, a header or a value. */
const PROSE = /[a-z]{2,}[,:;]? [a-z]+[,:;]? [a-z]{2,}/i;
/** Markup, style sheets, programs and regular expressions. */
const CODE = /<\/?[a-z]+[ >]|[{;][a-z-]+:\S|\(\?|\\[bdsw]|\t|^#|=>|%[A-Z]/i;

/** The program's files, as paths from the root of the repository. */
export const SOURCE_FILES = readdirSync("src", { recursive: true, encoding: "utf8" })
	.filter((name) => name.endsWith(".ts"))
	.map((name) => `src/${name.replaceAll("\\", "/")}`)
	.sort();

/** The texts of a source file that people or models read, with a placeholder for each value. */
export function messagesOf(path: string): SourceText[] {
	const source = readFileSync(path, "utf8");
	const found: SourceText[] = [];
	const add = (text: string, start: number) => {
		if (PROSE.test(text) && !CODE.test(text)) found.push({ line: lineAt(source, start), text });
	};
	new Visitor({
		Literal: ({ value, start }) => {
			if (typeof value === "string") add(value, start);
		},
		TemplateLiteral: ({ quasis, start }) => add(quasis.map(({ value }) => value.cooked ?? "").join("`value`"), start),
	}).visit(parseSync(path, source).program);
	return found;
}

/** The comments of a source file. */
export function commentsOf(path: string): SourceText[] {
	const source = readFileSync(path, "utf8");
	const { comments } = parseSync(path, source);
	return comments.map(({ start, value }) => ({ line: lineAt(source, start), text: value }));
}

function lineAt(source: string, offset: number): number {
	return source.slice(0, offset).split("\n").length;
}
