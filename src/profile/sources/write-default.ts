import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { writeFileAtomic } from "../../platform/atomic-write.ts";
import { configFolder, type Environment } from "../../platform/paths.ts";
import { EXIT, UserError } from "../../platform/user-error.ts";
import { readUserConfig } from "./config-files.ts";

/** A new default profile. */
export interface DefaultChoice {
	profile: string;
	/** Models that replace those of the profile's tiers. */
	tiers: Readonly<Record<string, string>>;
}

/**
 * Writes the default profile into the user's config, whose other lines and comments stay. Returns the file. Throws a
 * `UserError` when the config is not YAML: a person has to add the lines.
 */
export async function writeDefault({ profile, tiers }: DefaultChoice, environment: Environment): Promise<string> {
	const config = await readUserConfig(environment);
	const file = config?.file ?? join(configFolder(environment), "config.yaml");
	if (!/\.ya?ml$/.test(file)) {
		throw new UserError(`${file} is not a YAML file, so the default was not written`, {
			hint: `add it yourself: profile = ${profile}`,
			exitCode: EXIT.config,
		});
	}
	const document = parseDocument(existsSync(file) ? readFileSync(file, "utf8") : "");
	// Fields beside `profile` override that profile's. Those for the old one would now override the new one's.
	const before = config?.values.profile;
	if (before !== undefined && before !== profile) document.delete("tiers");
	document.set("profile", profile);
	if (Object.keys(tiers).length > 0) document.set("tiers", document.createNode(tiers));
	writeFileAtomic(file, document.toString());
	return file;
}
