import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { parseDocument } from "yaml";
import type { Environment } from "../../platform/paths.ts";
import { learnedFile } from "./learned.ts";

/** One value that a check has taught, with its place in a profile. */
export interface LearnedValue {
	path: readonly string[];
	value: unknown;
}

/** Adds values to the file; those of earlier checks stay. Returns its path. */
export async function writeLearned(
	name: string,
	values: readonly LearnedValue[],
	environment: Environment,
): Promise<string> {
	const file = learnedFile(name, environment);
	const text = existsSync(file) ? await readFile(file, "utf8") : "";
	const document = parseDocument(text || "{}");
	for (const { path, value } of values) document.setIn(path, document.createNode(value));
	document.commentBefore = " Written by `cc-any check`. Edit or delete it as you like: your own profile goes first.";
	await mkdir(dirname(file), { recursive: true, mode: 0o700 });
	await writeFile(file, document.toString({ lineWidth: 0, collectionStyle: "block" }), { mode: 0o600 });
	return file;
}
