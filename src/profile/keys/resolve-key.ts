import type { Variables } from "../../platform/paths.ts";
import { EXIT, UserError } from "../../platform/user-error.ts";
import { interpolate, missingIn, missingVariables, type StringPlace } from "../documents/interpolate.ts";
import { cleanKey, isUsableKey } from "./clean-key.ts";
import { type ExternalKeyContext, keyError, readKeyFile, runKeyCommand } from "./external-key.ts";
import { describeKeyOrigin, type KeyOrigin, type PeekedKey, type Secret } from "./key-origin.ts";
import { alternativesOf, type KeyReferences, keyVariables, parseReference, splitArgs } from "./key-reference.ts";
import type { StoredKeys } from "./key-store.ts";
import { KeychainFailure } from "./keychain.ts";
import { commandForReference } from "./secret-reference.ts";

export interface SecretContext extends ExternalKeyContext {
	/** Keys of `cc-any keys set`, used for variables that are not set. Called only when one is needed. */
	stored?: (() => StoredKeys) | undefined;
	/** Reads one of them that is in the system's keychain. */
	readKeychain?: ((name: string) => Promise<string | undefined>) | undefined;
}

/**
 * Reads a key again, if a command printed it: it may print another one later. Undefined for every other origin,
 * which would give the same key.
 */
export function renewalOf(key: Secret | undefined, readAgain: () => Promise<Secret | undefined>) {
	return key?.origin.kind === "command" ? async () => (await readAgain())?.value : undefined;
}

/**
 * Reads a key from the first of the references that has one; then from the keys that are stored under the names of
 * their variables. Undefined when there is none. Throws a `UserError` when a file, command or keychain fails: falling
 * through to another key would hide it.
 */
export async function resolveKey(references: KeyReferences, context: SecretContext): Promise<Secret | undefined> {
	for (const reference of alternativesOf(references)) {
		const secret = await readReference(reference, context);
		if (secret) return checked(secret, context);
	}
	const stored = storedFor(references, context.variables, context.stored?.() ?? {});
	if (!stored) return undefined;
	const value = fillIn(stored, await storedValues(stored, context), context.variables);
	return checked({ value, origin: stored.origin }, context);
}

async function readReference(reference: string, context: SecretContext): Promise<Secret | undefined> {
	const { scheme, rest } = parseReference(reference);
	if (scheme === "env") {
		const value = context.variables[rest];
		return value ? { value, origin: { kind: "variable", names: [rest] } } : undefined;
	}
	if (scheme === "text" && missingIn(rest, context.variables).length > 0) return undefined;
	const text = interpolate(rest, context.variables, context);
	const origin = originOf(reference, text);
	if (scheme === "file") return { value: readKeyFile(text, context), origin };
	if (scheme === "command") return { value: await runKeyCommand(text, context), origin };
	return { value: text, origin };
}

/** The origin of a reference whose key is there; `text` is what follows its scheme. */
function originOf(reference: string, text: string): KeyOrigin {
	const { scheme } = parseReference(reference);
	if (scheme === "file") return { kind: "file", path: text };
	if (scheme === "command") return { kind: "command", program: splitArgs(text)[0] ?? "" };
	const names = keyVariables(reference);
	return names.length > 0 ? { kind: "variable", names } : { kind: "profile" };
}

/**
 * Says where a key would come from without running a command, reading a file or asking the keychain: for showing
 * profiles. `value` only if it is in the environment, the key store or the profile. Undefined when no key is set.
 */
export function peekKey(
	references: KeyReferences | undefined,
	variables: Variables,
	storedKeys: StoredKeys = {},
): PeekedKey | undefined {
	for (const reference of alternativesOf(references)) {
		const { scheme, rest } = parseReference(reference);
		const origin = originOf(reference, rest);
		if (scheme === "file" || scheme === "command") return { value: undefined, origin };
		if (keyVariables(reference).some((name) => !variables[name])) continue;
		const value = scheme === "env" ? variables[rest] : interpolate(rest, variables, { profile: "", field: "key" });
		return { value, origin };
	}
	const stored = storedFor(references, variables, storedKeys);
	if (!stored) return undefined;
	const plain = Object.entries(stored.keys).filter((entry): entry is [string, string] => typeof entry[1] === "string");
	const isComplete = plain.length === Object.keys(stored.keys).length;
	const value = isComplete ? fillIn(stored, Object.fromEntries(plain), variables) : undefined;
	return { value, origin: stored.origin };
}

/** A reference whose missing variables all have a stored key. */
interface StoredReference {
	reference: string;
	keys: StoredKeys;
	origin: KeyOrigin;
}

/** The first reference that stored keys complete. No `file:` or `command:` gets here: those return a key or throw. */
function storedFor(
	references: KeyReferences | undefined,
	variables: Variables,
	stored: StoredKeys,
): StoredReference | undefined {
	for (const reference of alternativesOf(references)) {
		const names = keyVariables(reference).filter((name) => !variables[name]);
		if (names.length === 0 || !names.every((name) => Object.hasOwn(stored, name))) continue;
		const keys = Object.fromEntries(names.map((name) => [name, stored[name] ?? ""]));
		const kind = Object.values(keys).some((key) => typeof key === "object") ? "keychain" : "stored";
		return { reference, keys, origin: { kind, names } };
	}
	return undefined;
}

async function storedValues({ keys }: StoredReference, context: SecretContext): Promise<Record<string, string>> {
	const values: Record<string, string> = {};
	for (const [name, key] of Object.entries(keys)) {
		values[name] = typeof key === "string" ? key : await readFromKeychain(name, key.keychain, context);
	}
	return values;
}

async function readFromKeychain(name: string, keychain: string, context: SecretContext): Promise<string> {
	let reason = "";
	try {
		const value = await context.readKeychain?.(name);
		if (value !== undefined) return value;
	} catch (error) {
		if (!(error instanceof KeychainFailure)) throw error;
		reason = `: ${error.message}`;
	}
	const hint = `unlock it and try again, or set the key again: cc-any keys set ${name}`;
	throw keyError(context, `${keychain} did not return the key for ${name}${reason}`, hint);
}

function fillIn({ reference }: StoredReference, values: Record<string, string>, variables: Variables): string {
	const { scheme, rest } = parseReference(reference);
	const filled = { ...variables, ...values };
	return scheme === "env" ? (filled[rest] ?? "") : interpolate(rest, filled, { profile: "", field: "key" });
}

/** The secret alone, when an HTTP header can carry it. The error says what is wrong with it, not what it is. */
function checked(given: Secret, context: SecretContext): Secret {
	const { key, removed } = cleanKey(given.value);
	assertNoReference(key, describeKeyOrigin(given.origin), context);
	const secret = removed === undefined ? given : { ...given, value: key, removed };
	if (isUsableKey(key)) return secret;
	const from = describeKeyOrigin(secret.origin);
	if (secret.value === "") throw keyError(context, `the key from ${from} is empty`, "check where the key is stored");
	const problem = `the key from ${from} has characters that no header can carry (line breaks, spaces, non-ASCII)`;
	throw keyError(context, problem, "store the key alone, on one line");
}

/** A reference into a password store would be sent to the provider as the key. Throws with the command that reads it. */
export function assertNoReference(value: string, from: string, place: StringPlace): void {
	const command = commandForReference(value);
	if (command === undefined) return;
	const problem = `the value from ${from} is a reference to a secret, not the key`;
	throw keyError(place, problem, `let a command read it: \`key: command:${command}\` (docs/keys.md)`);
}

/** The error for a key that is not set. */
export function missingKey(references: KeyReferences | undefined, place: StringPlace): UserError {
	const names = keyVariables(references);
	if (names.length > 0) {
		const { message, hint, exitCode } = missingVariables(names, place);
		return new UserError(message, { hint: `${hint}   or store it: cc-any keys set ${names[0]}`, exitCode });
	}
	return new UserError(`profile ${place.profile}: no key is set`, {
		hint: "give the profile a key, for example `key: env:MY_API_KEY`, or `keyOptional: true` if it needs none",
		exitCode: EXIT.config,
	});
}
