import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { writeFileAtomic } from "../../platform/atomic-write.ts";
import { configFolder, type Environment } from "../../platform/paths.ts";
import { EXIT, UserError } from "../../platform/user-error.ts";
import { readUserConfig } from "./config-files.ts";

/** What becomes the default. */
export interface DefaultChoice {
	profile: string;
	/** Models that replace those of the profile's tiers. */
	tiers: Readonly<Record<string, string>>;
}

/**
 * Writes the default profile into the user's config, whose other lines and comments stay. Returns the file. Throws a
 * `UserError` where the config is no YAML: the lines are then for a person to add.
 */
export async function writeDefault({ profile, tiers }: DefaultChoice, environment: Environment): Promise<string> {
	const config = await readUserConfig(environment);
	const file = config?.file ?? join(configFolder(environment), "config.yaml");
	if (!/\.ya?ml$/.test(file)) {
		throw new UserError(`${file} is no YAML file, so the default is not written into it`, {
			hint: `add it yourself: profile = ${profile}`,
			exitCode: EXIT.config,
		});
	}
	const document = parseDocument(existsSync(file) ? await readFile(file, "utf8") : "");
	// Fields beside `profile` change that profile and no other: those of the old one would now change the new one.
	const before = config?.values.profile;
	if (before !== undefined && before !== profile) document.delete("tiers");
	document.set("profile", profile);
	if (Object.keys(tiers).length > 0) document.set("tiers", document.createNode(tiers));
	writeFileAtomic(file, document.toString());
	return file;
}
