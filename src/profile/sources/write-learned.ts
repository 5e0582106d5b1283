import { existsSync, readFileSync, rmSync } from "node:fs";
import { parseDocument } from "yaml";
import { writeFileAtomic } from "../../platform/atomic-write.ts";
import type { Environment } from "../../platform/paths.ts";
import { learnedFile } from "./learned.ts";

/** A value that a check has learned, with its path in a profile. */
export interface LearnedValue {
	path: readonly string[];
	value: unknown;
}

/** Adds values to the file of a profile; those of earlier checks stay. What was there before is kept for `undoLearned`. */
export function writeLearned(name: string, values: readonly LearnedValue[], environment: Environment): string {
	const file = learnedFile(name, environment);
	const text = readIfThere(file) ?? "";
	const document = parseDocument(text || "{}");
	for (const { path, value } of values) document.setIn(path, document.createNode(value));
	document.commentBefore =
		" Written by `cc-any check`. Edit or delete it as you like: your own profile takes precedence.";
	const written = document.toString({ lineWidth: 0, collectionStyle: "block" });
	if (written === text) return file;
	writeFileAtomic(before(file), text);
	writeFileAtomic(file, written);
	return file;
}

/** Takes back the last `writeLearned`. Returns the path; undefined when there is nothing to take back. */
export function undoLearned(name: string, environment: Environment): string | undefined {
	const file = learnedFile(name, environment);
	const text = readIfThere(before(file));
	if (text === undefined) return undefined;
	// Empty: there was no file.
	if (text === "") rmSync(file, { force: true });
	else writeFileAtomic(file, text);
	rmSync(before(file));
	return file;
}

/** The file as it was before the last change. */
function before(file: string): string {
	return `${file}.before`;
}

function readIfThere(file: string): string | undefined {
	return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}
