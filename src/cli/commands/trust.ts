import { dirname, resolve } from "node:path";
import { type Environment, processEnvironment } from "../../platform/paths.ts";
import { EXIT, UserError } from "../../platform/user-error.ts";
import { findProjectConfig, readProfileFile } from "../../profile/sources/config-files.ts";
import { profileFields } from "../../profile/sources/layer.ts";
import { guardedFields, trustFile } from "../../profile/sources/trust.ts";
import { type CommandOutput, processOutput } from "../ui/output.ts";

export interface TrustOptions {
	/** The file to trust; the project's config file when absent. */
	file?: string | undefined;
	cwd?: string | undefined;
}

/**
 * `cc-any trust [FILE]`: records that addresses, keys, commands and headers in a project's file may be used, as long as
 * its content stays the same. Prints what the file sets. Throws for a file that cannot be read or is invalid.
 */
export async function trust(
	options: TrustOptions = {},
	output: CommandOutput = processOutput(),
	environment: Environment = processEnvironment(),
): Promise<void> {
	const cwd = options.cwd ?? process.cwd();
	const { file, fields } = await guardedFile(options.file, cwd, environment);
	const path = trustFile(file, environment);
	output.write(`trusted ${path}\n`);
	if (fields.length > 0) output.tell(`it may set ${fields.join(", ")}\n`);
	output.tell("when its content changes, cc-any asks again\n");
}

/** A file to trust, and the fields that need it. */
interface GuardedFile {
	file: string;
	fields: string[];
}

async function guardedFile(given: string | undefined, cwd: string, environment: Environment): Promise<GuardedFile> {
	const config = await findProjectConfig(given ? dirname(resolve(cwd, given)) : cwd, environment.home);
	const wanted = given ? resolve(cwd, given) : config?.file;
	if (!wanted) {
		throw new UserError(`there is no project file for cc-any in ${cwd}`, {
			hint: "name the file: cc-any trust FILE",
			exitCode: EXIT.config,
		});
	}
	if (config?.file === wanted) {
		const { profiles = {}, modelOverrides } = config.values;
		const parts = [profileFields(config.values), ...Object.values(profiles)];
		const fields = parts.flatMap((part) => guardedFields(part));
		return { file: wanted, fields: [...new Set(modelOverrides ? [...fields, "modelOverrides"] : fields)] };
	}
	const { values } = await readProfileFile(wanted, "project");
	return { file: wanted, fields: guardedFields(values) };
}
