import { existsSync, readFileSync, realpathSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomic } from "../../platform/atomic-write.ts";
import { isObject, tryParseJson } from "../../platform/json.ts";
import { configFolder, type Environment } from "../../platform/paths.ts";
import { EXIT, UserError } from "../../platform/user-error.ts";

/** A key, or a note that it is in the system's keychain, with the keychain's title. */
export type StoredKey = string | { readonly keychain: string };

/** Keys by the name of the variable that they replace. */
export type StoredKeys = Readonly<Record<string, StoredKey>>;

/** The file of stored keys, which only its user can read (mode 0600). */
export function keyFile(environment: Environment): string {
	return join(configFolder(environment), "keys.json");
}

/** Reads the stored keys. Throws a `UserError` for a file that others can read, or that is damaged. */
export function readStoredKeys(environment: Environment, platform = process.platform): StoredKeys {
	const file = keyFile(environment);
	if (!existsSync(file)) return {};
	// Windows has no such bits; there, a file in the user's own folder is private.
	const mode = platform === "win32" ? 0 : statSync(file).mode & 0o077;
	if (mode !== 0) {
		throw new UserError(`${file} can be read by others, so cc-any uses no key from it`, {
			hint: `chmod 600 ${file}   (and replace the keys if others use this machine)`,
			exitCode: EXIT.config,
		});
	}
	const keys = parse(readFileSync(file, "utf8"));
	if (keys) return keys;
	// The parser's own message would quote the file.
	throw new UserError(`${file} is damaged: it is not a JSON object of names and keys`, {
		hint: `remove it and set the keys again: rm ${file}`,
		exitCode: EXIT.config,
	});
}

/** Stores a key under the name of a variable, or removes it with undefined. */
export function storeKey(name: string, key: StoredKey | undefined, environment: Environment): void {
	const { [name]: _old, ...others } = readStoredKeys(environment);
	const keys = key === undefined ? others : { ...others, [name]: key };
	const file = keyFile(environment);
	if (Object.keys(keys).length === 0) {
		// The file may be a link: the keys are in its target.
		if (existsSync(file)) rmSync(realpathSync(file));
		rmSync(file, { force: true });
		return;
	}
	writeFileAtomic(file, `${JSON.stringify(keys, undefined, "\t")}\n`);
}

function parse(text: string): StoredKeys | undefined {
	const value = tryParseJson(text);
	return isStoredKeys(value) ? value : undefined;
}

function isStoredKeys(value: unknown): value is StoredKeys {
	return isObject(value) && Object.values(value).every(isStoredKey);
}

function isStoredKey(value: unknown): value is StoredKey {
	return typeof value === "string" || (isObject(value) && typeof value["keychain"] === "string");
}
