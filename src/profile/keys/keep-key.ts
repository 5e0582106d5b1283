import type { Environment } from "../../platform/paths.ts";
import { keyFile, readStoredKeys, storeKey } from "./key-store.ts";
import { findKeychain, KeychainFailure, type KeychainOptions, whyNoKeychain } from "./keychain.ts";

export interface KeepOptions extends KeychainOptions {
	/** The private file, although there is a keychain. */
	file?: boolean | undefined;
}

/**
 * Keeps a key under the name of a variable: in the system's keychain where there is one, else in the private file.
 * Returns where, and why there, for people. The file notes which keys are in the keychain, so that a start asks the
 * keychain for those alone.
 */
export async function keepKey(
	name: string,
	key: string,
	environment: Environment,
	options: KeepOptions = {},
): Promise<string> {
	const keychain = options.file ? undefined : findKeychain(environment, options);
	const reason = options.file ? "as you asked" : whyNoKeychain(options.platform);
	if (!keychain) return keepInFile(name, key, environment, reason, options);
	try {
		await keychain.store(name, key);
	} catch (error) {
		if (!(error instanceof KeychainFailure)) throw error;
		return keepInFile(name, key, environment, error.message, options);
	}
	storeKey(name, { keychain: keychain.title }, environment);
	return `in ${keychain.title}, under ${name} of cc-any`;
}

async function keepInFile(
	name: string,
	key: string,
	environment: Environment,
	reason: string,
	options: KeepOptions,
): Promise<string> {
	await leaveKeychain(name, environment, options);
	storeKey(name, key, environment);
	return `in ${keyFile(environment)}, for you alone (mode 0600, not encrypted); not in a keychain: ${reason}`;
}

/** Where a key would go, for people, before it is asked for. */
export function placeOfKeys(environment: Environment, options: KeychainOptions = {}): string {
	const keychain = findKeychain(environment, options);
	if (keychain) return keychain.title;
	return `${keyFile(environment)}, for you alone (not encrypted; no keychain: ${whyNoKeychain(options.platform)})`;
}

/** Forgets a key, wherever it is kept. Throws `KeychainFailure` where the keychain does not let it go. */
export async function forgetKey(name: string, environment: Environment, options: KeychainOptions = {}): Promise<void> {
	await leaveKeychain(name, environment, options);
	storeKey(name, undefined, environment);
}

async function leaveKeychain(name: string, environment: Environment, options: KeychainOptions): Promise<void> {
	if (typeof readStoredKeys(environment)[name] !== "object") return;
	await findKeychain(environment, options)?.remove(name);
}

/** The key behind an entry of the file; undefined where the keychain does not have it, or cannot be reached. */
export async function readKeptKey(
	name: string,
	environment: Environment,
	options: KeychainOptions = {},
): Promise<string | undefined> {
	const kept = readStoredKeys(environment)[name];
	return typeof kept === "object" ? findKeychain(environment, options)?.read(name) : kept;
}
