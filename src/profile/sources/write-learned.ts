import { existsSync, readFileSync } from "node:fs";
import { parseDocument } from "yaml";
import { writeFileAtomic } from "../../platform/atomic-write.ts";
import type { Environment } from "../../platform/paths.ts";
import { learnedFile } from "./learned.ts";

/** A value that a check has learned, with its path in a profile. */
export interface LearnedValue {
	path: readonly string[];
	value: unknown;
}

/** Adds values to the file of a profile; those of earlier checks stay. Returns its path. */
export function writeLearned(name: string, values: readonly LearnedValue[], environment: Environment): string {
	const file = learnedFile(name, environment);
	const text = existsSync(file) ? readFileSync(file, "utf8") : "";
	const document = parseDocument(text || "{}");
	for (const { path, value } of values) document.setIn(path, document.createNode(value));
	document.commentBefore =
		" Written by `cc-any check`. Edit or delete it as you like: your own profile takes precedence.";
	writeFileAtomic(file, document.toString({ lineWidth: 0, collectionStyle: "block" }));
	return file;
}
