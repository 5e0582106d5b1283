import { writeFileSync } from "node:fs";
import type { MessageEvent } from "../../../src/protocol/events.ts";
import type { CaseFile, Section, Title } from "../../../src/trace/fixture/case-file.ts";
import { compactJson } from "../../../src/trace/fixture/compact-json.ts";
import { formatEvents, parseEvents } from "../../../src/trace/fixture/event-text.ts";
import { parseReply } from "../../../src/trace/fixture/raw-reply.ts";
import { mergePatch, patchBetween } from "./json-text.ts";

/** Sections that a case without them inherits from `encode/default.fixture`. */
const INHERITED: readonly Title[] = ["request", "upstream request"];

/** Whether this run writes what the code does into the fixtures. */
export function isUpdate(): boolean {
	return process.env["UPDATE_FIXTURES"] === "1";
}

/** The sections of one case for one dialect, with those it inherits. */
export class Goldens {
	readonly #path: string;
	readonly #file: CaseFile;
	readonly #base: CaseFile | undefined;
	readonly #dialect: string;

	constructor(path: string, file: CaseFile, base: CaseFile | undefined, dialect: string) {
		this.#path = path;
		this.#file = file;
		this.#base = base;
		this.#dialect = dialect;
	}

	get about(): string {
		return this.#file.about;
	}

	has(title: Title): boolean {
		return this.#file.find(title, this.#dialect) !== undefined;
	}

	/** The value of a JSON section. A target that is not written has no fields; other missing sections are undefined. */
	json(title: Title): unknown {
		const inherited = this.#inherited(title);
		const section = this.#file.find(title, this.#dialect);
		if (!section) return title === "target" ? {} : inherited;
		const value = JSON.parse(section.text);
		return section.form === "changes" ? mergePatch(inherited, value) : value;
	}

	/** The values of a section with a line of JSON for each; empty where the section is missing. */
	lines(title: Title): unknown[] {
		const text = this.#file.find(title, this.#dialect)?.text ?? "";
		return text
			.split("\n")
			.filter(Boolean)
			.map((line) => JSON.parse(line));
	}

	events(): MessageEvent[] {
		return parseEvents(this.#file.find("events", this.#dialect)?.text ?? "");
	}

	reply(): { bytes: Buffer; isStream: boolean } | undefined {
		const stream = this.#file.find("upstream.sse", this.#dialect);
		const section = stream ?? this.#file.find("upstream.json", this.#dialect);
		return section && { bytes: parseReply(section), isStream: section === stream };
	}

	/** What the section says; with UPDATE_FIXTURES=1 `actual` is written into it first. */
	expectedJson(title: Title, actual: unknown): unknown {
		if (isUpdate()) this.#update(title, this.#jsonSection(title, actual));
		return this.json(title);
	}

	expectedLines(title: Title, actual: readonly unknown[]): unknown[] {
		const text = actual.map((value) => `${JSON.stringify(value)}\n`).join("");
		if (isUpdate()) this.#update(title, text === "" ? undefined : { form: undefined, text });
		return this.lines(title);
	}

	expectedEvents(actual: readonly MessageEvent[]): MessageEvent[] {
		if (isUpdate()) this.#update("events", { form: undefined, text: formatEvents(actual) });
		return this.events();
	}

	write(): void {
		writeFileSync(this.#path, this.#file.format());
	}

	#inherited(title: Title): unknown {
		const section = INHERITED.includes(title) ? this.#base?.find(title, this.#dialect) : undefined;
		return section && JSON.parse(section.text);
	}

	/** The section for a value: none when it is inherited, what has changed where that is shorter. */
	#jsonSection(title: Title, actual: unknown): Section | undefined {
		if (actual === undefined) return undefined;
		const value: unknown = JSON.parse(JSON.stringify(actual));
		const whole = { form: undefined, text: compactJson(value) };
		if (this.#base === undefined || this.#base === this.#file) return whole;
		const inherited = this.#inherited(title);
		if (JSON.stringify(inherited) === JSON.stringify(value)) return undefined;
		const patch = patchBetween(inherited, value);
		const changes = { form: "changes", text: compactJson(patch ?? value) };
		return patch !== undefined && changes.text.length < whole.text.length ? changes : whole;
	}

	#update(title: Title, section: Section | undefined): void {
		this.#file.set(title, this.#dialect, section);
		this.write();
	}
}
