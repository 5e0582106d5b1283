import type { Environment } from "../../platform/paths.ts";
import { keyFile, readStoredKeys, storeKey } from "./key-store.ts";
import { findKeychain, KeychainFailure, type KeychainOptions, whyNoKeychain } from "./keychain.ts";

/** Where keys of `cc-any keys set` are kept; `reason` says why they are not in a keychain. */
export type KeyStorage = { kind: "keychain"; title: string } | { kind: "file"; path: string; reason: string };

/** The storage for messages. */
export function describeKeyStorage(storage: KeyStorage): string {
	if (storage.kind === "keychain") return storage.title;
	const privacy =
		process.platform === "win32"
			? "in a folder of your account (protected by its permissions"
			: "readable by you alone (mode 0600";
	return `${storage.path}, ${privacy}, not encrypted; not in a keychain: ${storage.reason})`;
}

export interface KeepOptions extends KeychainOptions {
	/** Use the private file even if there is a keychain. */
	file?: boolean | undefined;
}

/** Where the next key would be kept: in the system's keychain if it has one, else in a private file. */
export function keyStorage(environment: Environment, options: KeepOptions = {}): KeyStorage {
	const keychain = options.file ? undefined : findKeychain(environment, options);
	if (keychain) return { kind: "keychain", title: keychain.title };
	const reason = options.file ? "as you asked" : whyNoKeychain(options.platform);
	return { kind: "file", path: keyFile(environment), reason };
}

/**
 * Keeps a key under the name of a variable. A keychain that fails is replaced by the file. The file also lists the keys
 * that are in the keychain, so that a start asks the keychain for those only. Returns where the key is.
 */
export async function keepKey(
	name: string,
	key: string,
	environment: Environment,
	options: KeepOptions = {},
): Promise<KeyStorage> {
	const storage = keyStorage(environment, options);
	const keychain = storage.kind === "keychain" ? findKeychain(environment, options) : undefined;
	if (!keychain) return keepInFile(name, key, storage, environment, options);
	try {
		await keychain.store(name, key);
	} catch (error) {
		if (!(error instanceof KeychainFailure)) throw error;
		const file: KeyStorage = { kind: "file", path: keyFile(environment), reason: error.message };
		return keepInFile(name, key, file, environment, options);
	}
	storeKey(name, { keychain: keychain.title }, environment);
	return storage;
}

async function keepInFile(
	name: string,
	key: string,
	storage: KeyStorage,
	environment: Environment,
	options: KeepOptions,
): Promise<KeyStorage> {
	await removeFromKeychain(name, environment, options);
	storeKey(name, key, environment);
	return storage;
}

/** Forgets a key, wherever it is kept. Throws `KeychainFailure` when the keychain does not remove it. */
export async function forgetKey(name: string, environment: Environment, options: KeychainOptions = {}): Promise<void> {
	await removeFromKeychain(name, environment, options);
	storeKey(name, undefined, environment);
}

async function removeFromKeychain(name: string, environment: Environment, options: KeychainOptions): Promise<void> {
	if (typeof readStoredKeys(environment)[name] !== "object") return;
	await findKeychain(environment, options)?.remove(name);
}

/** Reads a kept key from the file or the keychain; undefined if the keychain does not have it, or is not there. */
export async function readKeptKey(
	name: string,
	environment: Environment,
	options: KeychainOptions = {},
): Promise<string | undefined> {
	const kept = readStoredKeys(environment)[name];
	return typeof kept === "object" ? await findKeychain(environment, options)?.read(name) : kept;
}
