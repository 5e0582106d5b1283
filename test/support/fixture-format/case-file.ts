/**
 * The text of a fixture file: a sentence that says where the case comes from, then sections.
 *
 *     invented: a call without an id. Source: …
 *
 *     --- upstream.sse
 *     data: {"choices":…}
 *
 *     --- events
 *     message_start …
 *
 * A header is `--- TITLE` or `--- DIALECT, DIALECT: TITLE`, with the form of the text in brackets behind it where there is more
 * than one. The text ends before the last line break before the next header. docs/testing.md describes the sections.
 */
export interface Section {
	/** How the text has to be read, where there is more than one way: `changes`, `CRLF`, `escaped`. */
	form: string | undefined;
	text: string;
}

const HEADER = /^--- (?:([a-z-]+(?:, [a-z-]+)*): )?([a-z. ]+?)(?: \((\w+)\))?$/;

/** The order in which the sections are written. */
const TITLES = [
	"target",
	"request",
	"upstream request",
	"request divergences",
	"count reply",
	"upstream count",
	"upstream.sse",
	"upstream.json",
	"events",
	"message",
	"failure",
	"divergences",
] as const;

export type Title = (typeof TITLES)[number];

/** Sections that hold the exact bytes of a reply: a blank line before the next header would belong to the reply. */
const REPLIES: readonly Title[] = ["upstream.sse", "upstream.json"];

/** Names the dialects of a case that has several. */
const DIALECTS = "dialects";

export class CaseFile {
	readonly about: string;
	/** Several for a request that is encoded in each of them; none where the folder says which. */
	readonly dialects: readonly string[];
	readonly #sections = new Map<string, Section>();

	constructor(about: string, dialects: readonly string[] = []) {
		this.about = about.trim();
		this.dialects = dialects;
	}

	static parse(text: string): CaseFile {
		const about: string[] = [];
		const blocks: { dialects: string; title: string; form: string | undefined; lines: string[] }[] = [];
		for (const line of text.replace(/\n$/, "").split("\n")) {
			const [, dialects = "", title, form] = HEADER.exec(line) ?? [];
			if (title) blocks.push({ dialects, title, form, lines: [] });
			else (blocks.at(-1)?.lines ?? about).push(line);
		}
		const names = blocks
			.find(({ title }) => title === DIALECTS)
			?.lines.join(" ")
			.trim();
		const file = new CaseFile(about.join("\n"), names?.split(/\s+/));
		for (const { dialects, title, form, lines } of blocks) {
			if (title === DIALECTS) continue;
			const section = { form, text: lines.join("\n") };
			for (const dialect of dialects ? dialects.split(", ") : file.#all) file.set(asTitle(title), dialect, section);
		}
		return file;
	}

	get #all(): readonly string[] {
		return this.dialects.length > 0 ? this.dialects : [""];
	}

	find(title: Title, dialect: string): Section | undefined {
		return this.#sections.get(this.#keyOf(title, dialect));
	}

	set(title: Title, dialect: string, section: Section | undefined): void {
		const key = this.#keyOf(title, dialect);
		if (section) this.#sections.set(key, section);
		else this.#sections.delete(key);
	}

	#keyOf(title: Title, dialect: string): string {
		return this.dialects.length > 0 ? `${dialect}: ${title}` : title;
	}

	/** The text of the file. A section that is the same for several dialects is written once. */
	format(): string {
		const dialects = this.dialects.length > 0 ? `--- ${DIALECTS}\n${this.dialects.join(" ")}\n\n` : "";
		const blocks = TITLES.flatMap((title) => this.#all.map((dialect) => formatGroup(this.#groupOf(title, dialect))));
		return `${this.about}\n\n${dialects}${[...new Set(blocks)].join("").replace(/\n\n$/, "\n")}`;
	}

	/** The section of a dialect, with all the dialects that have the same. */
	#groupOf(title: Title, dialect: string): Group {
		const section = this.find(title, dialect);
		const dialects = this.#all.filter((other) => isSame(this.find(title, other), section));
		return { title, section, dialects, isForAll: dialects.length === this.#all.length };
	}
}

interface Group {
	title: Title;
	section: Section | undefined;
	dialects: readonly string[];
	isForAll: boolean;
}

function formatGroup({ title, section, dialects, isForAll }: Group): string {
	if (!section) return "";
	const owner = isForAll ? "" : `${dialects.join(", ")}: `;
	const header = `--- ${owner}${title}${section.form ? ` (${section.form})` : ""}`;
	return REPLIES.includes(title) ? `${header}\n${section.text}\n` : `${header}\n${section.text.trimEnd()}\n\n`;
}

function asTitle(text: string): Title {
	const title = TITLES.find((candidate) => candidate === text);
	if (!title) throw new Error(`a fixture has no section "${text}"`);
	return title;
}

function isSame(a: Section | undefined, b: Section | undefined): boolean {
	return a?.form === b?.form && a?.text.trimEnd() === b?.text.trimEnd();
}
