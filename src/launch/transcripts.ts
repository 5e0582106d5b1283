import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { asObject, tryParseJson } from "../platform/json.ts";
import { claudeFolder, type Variables } from "../platform/paths.ts";

/**
 * Whether Claude Code has written down an answer of a model in this directory since a time, in milliseconds since 1970. Its
 * transcripts are `projects/DIRECTORY/SESSION.jsonl` in its folder (measured with 2.0.76 to 2.1.332).
 */
export function hasAnsweredSince(start: number, directory: string, variables: Variables): boolean {
	const folder = join(claudeFolder(variables), "projects", directory.replace(/[^a-zA-Z0-9]/g, "-"));
	try {
		const files = readdirSync(folder).filter((name) => name.endsWith(".jsonl"));
		const changed = files.map((name) => join(folder, name)).filter((path) => statSync(path).mtimeMs >= start);
		return changed.some((path) =>
			readFileSync(path, "utf8")
				.split("\n")
				.some((line) => isNewAnswer(line, start)),
		);
	} catch {
		return false; // there are none
	}
}

/** Claude Code's own error messages have the model `<synthetic>`. */
function isNewAnswer(line: string, start: number): boolean {
	if (!line.includes('"assistant"')) return false;
	const { type, message, timestamp } = asObject(tryParseJson(line));
	return type === "assistant" && asObject(message)["model"] !== "<synthetic>" && Date.parse(String(timestamp)) >= start;
}
