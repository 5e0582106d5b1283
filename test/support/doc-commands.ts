import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");

/** The pages for users, by path from the root. */
export const PAGES = ["README.md", ...readdirSync(join(root, "docs")).map((name) => `docs/${name}`)].filter((path) =>
	path.endsWith(".md"),
);

/** Words that stand for others, and brackets around what may be left out. */
export const PLACEHOLDER = /[[…|]|\b(?:NAME|FILE|DIR|SESSION|BUNDLE|PROFILE|SHELL|COMMAND|PAGE)\b| N\b/;

export function readPage(path: string): string {
	return readFileSync(join(root, path), "utf8");
}

/** Every `cc-any …` of a page, in a shell block or in the text, without assignments before and comments after it. */
export function commandsOf(path: string): string[] {
	const text = readPage(path);
	const blocks = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = ""]) => block.split("\n"));
	const inline = [...text.replace(/```[\s\S]*?```/g, "").matchAll(/`((?:[A-Z_]+=\S+ |pass [^|`]*\| )?cc-any[^`]*)`/g)];
	return [...blocks, ...inline.map(([, command = ""]) => command)]
		.map((line) =>
			line
				.replace(/\s+#.*$/, "")
				.replace(/^.*\| /, "")
				.replace(/^(?:[A-Z_]+=\S+\s+)+/, "")
				.trim(),
		)
		.filter((line) => /^cc-any( |$)/.test(line));
}
