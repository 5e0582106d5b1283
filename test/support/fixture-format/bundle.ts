import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { jsonLines } from "../../../src/trace/store/read-store.ts";
import { CaseFile, type Title } from "./case-file.ts";
import { formatEvents } from "./event-text.ts";
import { compactJson } from "./json-text.ts";
import { formatReply } from "./raw-reply.ts";

const JSON_FILES: Record<string, Title> = {
	"target.json": "target",
	"request.json": "request",
	"upstream-request.json": "upstream request",
	"count-reply.json": "count reply",
	"upstream-count.json": "upstream count",
	"message.json": "message",
	"failure.json": "failure",
};

/** A folder that `cc-any trace export` wrote, as a fixture file. */
export function readBundle(folder: string, dialect: string): CaseFile {
	const read = (name: string) => {
		const path = join(folder, name);
		return existsSync(path) ? readFileSync(path) : undefined;
	};
	const file = new CaseFile(read("about.md")?.toString() ?? "");
	const put = (title: Title, text: string | undefined) => {
		if (text !== undefined) file.set(title, dialect, { form: undefined, text });
	};
	for (const [name, title] of Object.entries(JSON_FILES)) {
		const bytes = read(name);
		put(title, bytes && compactJson(JSON.parse(bytes.toString())));
	}
	for (const [name, title] of [
		["request-divergences.json", "request divergences"],
		["divergences.json", "divergences"],
	] as const) {
		const bytes = read(name);
		put(title, bytes && formatLines(JSON.parse(bytes.toString())));
	}
	const events = read("events.jsonl");
	put("events", events && formatEvents(jsonLines(events.toString()) as never));
	for (const title of ["upstream.sse", "upstream.json"] as const) {
		const bytes = read(title);
		if (bytes) file.set(title, dialect, formatReply(bytes));
	}
	return file;
}

/** A line of JSON for each value. */
export function formatLines(values: readonly unknown[]): string {
	return values.map((value) => `${JSON.stringify(value)}\n`).join("");
}
