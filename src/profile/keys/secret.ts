import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import type { Variables } from "../../platform/paths.ts";
import { EXIT, UserError } from "../../platform/user-error.ts";
import { interpolate, missingIn, missingVariables, type StringPlace } from "../documents/interpolate.ts";
import type { StoredKeys } from "./key-store.ts";
import { KeychainFailure } from "./keychain.ts";

/** Longest wait for a key command, in milliseconds: time enough to unlock a password store by hand. */
const COMMAND_TIMEOUT = 60_000;

export interface SecretContext extends StringPlace {
	variables: Variables;
	/** Folder that a relative `file:` path starts from. */
	folder: string;
	home?: string | undefined;
	/** Keys of `cc-any keys set`, which stand in for variables that are not set. */
	stored?: (() => StoredKeys) | undefined;
	/** Reads one of them that is in the system's keychain. */
	readKept?: ((name: string) => Promise<string | undefined>) | undefined;
	/** Longest wait for a `command:`, in milliseconds. */
	timeout?: number | undefined;
}

/** A key and, for people, where it was read from. The key itself is never part of `from`. */
export interface Secret {
	value: string;
	from: string;
}

type Found = Pick<Secret, "from"> & { value: string | undefined };

/** What reads a key anew, where a program printed it: that may print another one later. */
export function renewalOf(key: Found | undefined, readAgain: () => Promise<Found | undefined>) {
	return key?.from.startsWith("command ") ? async () => (await readAgain())?.value : undefined;
}

/**
 * Reads a key from the first of the references that has one: `${NAME}`, `env:NAME`, `file:PATH`, `command:CMD ARGS`, or
 * the key itself; then from the keys that are stored under the names of these variables. Undefined when there is none.
 * A file, command or keychain that fails is an error at once: falling through to another key would hide it.
 */
export async function resolveKey(
	reference: string | readonly string[],
	context: SecretContext,
): Promise<Secret | undefined> {
	const alternatives = typeof reference === "string" ? [reference] : reference;
	for (const alternative of alternatives) {
		const secret = await resolveSecret(alternative, context);
		if (secret) return { ...secret, value: checked(secret, context) };
	}
	const kept = storedFor(reference, context.variables, context.stored?.() ?? {});
	if (!kept) return undefined;
	const secret = { value: fill(kept, await valuesOf(kept, context), context.variables), from: kept.from };
	return { ...secret, value: checked(secret, context) };
}

/** A reference whose missing variables all have a stored key. */
interface Kept {
	reference: string;
	keys: StoredKeys;
	from: string;
}

/** The first reference that stored keys complete. */
function storedFor(
	reference: string | readonly string[] | undefined,
	variables: Variables,
	stored: StoredKeys,
): Kept | undefined {
	const alternatives = typeof reference === "string" ? [reference] : (reference ?? []);
	for (const alternative of alternatives) {
		const [scheme] = split(alternative);
		const lacking = keyVariables(alternative).filter((name) => !variables[name]);
		if (scheme === "file" || scheme === "command" || lacking.length === 0) continue;
		if (!lacking.every((name) => Object.hasOwn(stored, name))) continue;
		const keys = Object.fromEntries(lacking.map((name) => [name, stored[name] ?? ""]));
		const place = Object.values(keys).some((key) => typeof key === "object") ? "keychain entry" : "stored key";
		return { reference: alternative, keys, from: `${place} ${lacking.join(", ")}` };
	}
	return undefined;
}

async function valuesOf({ keys }: Kept, context: SecretContext): Promise<Record<string, string>> {
	const values: Record<string, string> = {};
	for (const [name, key] of Object.entries(keys)) {
		values[name] = typeof key === "string" ? key : await fromKeychain(name, key.keychain, context);
	}
	return values;
}

async function fromKeychain(name: string, keychain: string, context: SecretContext): Promise<string> {
	const hint = `unlock it and try again, or set the key anew: cc-any keys set ${name}`;
	try {
		const value = await context.readKept?.(name);
		if (value !== undefined) return value;
	} catch (error) {
		if (!(error instanceof KeychainFailure)) throw error;
		throw failed(context, `${keychain} does not give the key for ${name}: ${error.message}`, hint);
	}
	throw failed(context, `${keychain} does not give the key for ${name}`, hint);
}

function fill({ reference }: Kept, values: Record<string, string>, variables: Variables): string {
	const [scheme, rest] = split(reference);
	const filled = { ...variables, ...values };
	return scheme === "env" ? (filled[rest] ?? "") : interpolate(rest, filled, { profile: "", field: "key" });
}

/**
 * Says where a key would come from without running a command, reading a file or asking the keychain: for showing profiles. `value` only
 * where it is at hand in the environment or the profile itself. Undefined when it is plainly not set.
 */
export function peekKey(
	reference: string | readonly string[] | undefined,
	variables: Variables,
	stored: StoredKeys = {},
): Found | undefined {
	const alternatives = typeof reference === "string" ? [reference] : (reference ?? []);
	for (const alternative of alternatives) {
		const [scheme, rest] = split(alternative);
		if (scheme === "file") return { value: undefined, from: `file ${rest}` };
		if (scheme === "command") return { value: undefined, from: `command ${programOf(rest)}` };
		const names = keyVariables(alternative);
		if (names.some((name) => !variables[name])) continue;
		const place = { profile: "", field: "key" };
		const value = scheme === "env" ? variables[rest] : interpolate(rest, variables, place);
		return { value, from: names.length > 0 ? `variable ${names.join(", ")}` : "written in the profile" };
	}
	const kept = storedFor(reference, variables, stored);
	if (!kept) return undefined;
	const plain = Object.entries(kept.keys).filter((entry): entry is [string, string] => typeof entry[1] === "string");
	const complete = plain.length === Object.keys(kept.keys).length;
	return { value: complete ? fill(kept, Object.fromEntries(plain), variables) : undefined, from: kept.from };
}

/** Names of the variables that a key reference reads, whether set or not. */
export function keyVariables(reference: string | readonly string[] | undefined): string[] {
	const alternatives = typeof reference === "string" ? [reference] : (reference ?? []);
	return alternatives.flatMap((text) => (text.startsWith("env:") ? [text.slice(4).trim()] : missingIn(text, {})));
}

/** The error for a key that is not there. */
export function missingKey(reference: string | readonly string[] | undefined, place: StringPlace): UserError {
	const names = keyVariables(reference);
	if (names.length > 0) {
		const { message, exitCode } = missingVariables(names, place);
		const hint = `export ${names[0]}=...   or keep it in a file of yours: cc-any keys set ${names[0]}`;
		return new UserError(message, { hint, exitCode });
	}
	return new UserError(`profile ${place.profile}: no key is set`, {
		hint: "give the profile a key, for example `key: env:MY_API_KEY`, or `keyOptional: true` if it needs none",
		exitCode: EXIT.config,
	});
}

/** Shows that there is a secret, not which: at most its last four characters, and none of a short one. */
export function mask(secret: string): string {
	return secret.length >= 20 ? `…${secret.slice(-4)}` : "…";
}

async function resolveSecret(reference: string, context: SecretContext): Promise<Secret | undefined> {
	const [scheme, rest] = split(reference);
	if (scheme === "env") {
		const value = context.variables[rest];
		return value ? { value, from: `variable ${rest}` } : undefined;
	}
	const missing = missingIn(rest, context.variables);
	if (scheme === undefined && missing.length > 0) return undefined;
	const text = interpolate(rest, context.variables, context);
	if (scheme === "file") return { value: await fromFile(text, context), from: `file ${text}` };
	if (scheme === "command") return { value: await fromCommand(text, context), from: `command ${programOf(text)}` };
	const names = keyVariables(reference);
	return { value: text, from: names.length > 0 ? `variable ${names.join(", ")}` : "written in the profile" };
}

function split(reference: string): [scheme: string | undefined, rest: string] {
	const match = /^(env|file|command):(.*)$/s.exec(reference);
	return match ? [match[1], (match[2] ?? "").trim()] : [undefined, reference];
}

async function fromFile(path: string, context: SecretContext): Promise<string> {
	const home = context.home ?? homedir();
	const expanded = path.startsWith("~/") ? join(home, path.slice(2)) : path;
	const file = isAbsolute(expanded) ? expanded : resolve(context.folder, expanded);
	try {
		return trimmed(await readFile(file, "utf8"));
	} catch (error) {
		const code = (error as NodeJS.ErrnoException).code ?? "unreadable";
		throw failed(context, `the key file ${file} cannot be read (${code})`, `check that the file exists: ls -l ${file}`);
	}
}

/** Runs the command without a shell. Its output is the key, so nothing of it may reach an error message. */
async function fromCommand(text: string, context: SecretContext): Promise<string> {
	const [program, ...args] = words(text);
	if (!program) throw failed(context, "command: names no program", "write `key: command:PROGRAM ARGUMENTS`");
	const timeout = context.timeout ?? COMMAND_TIMEOUT;
	const env = context.variables as NodeJS.ProcessEnv;
	return new Promise((done, reject) => {
		execFile(program, args, { timeout, env, cwd: context.folder, maxBuffer: 1 << 20 }, (error, output) => {
			if (!error) return done(trimmed(output));
			const hint = "run the command by itself and see that it prints the key";
			reject(failed(context, `the key command ${program} ${outcome(error, timeout)}`, hint));
		});
	});
}

function outcome(error: Error & { code?: unknown; killed?: boolean; signal?: unknown }, timeout: number): string {
	if (error.code === "ENOENT") return "was not found";
	if (error.killed && error.signal) return `gave no key within ${timeout / 1000} s`;
	if (typeof error.code === "number") return `ended with exit code ${error.code}`;
	return `failed (${String(error.code ?? error.signal)})`;
}

/** Splits a command line at white space; quotes hold an argument together, nothing else is special. */
export function words(text: string): string[] {
	const found: string[] = [];
	for (const [, double, single, bare] of text.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)) {
		found.push(double ?? single ?? bare ?? "");
	}
	return found;
}

function programOf(text: string): string {
	return words(text)[0] ?? "";
}

/** Without the one line end that an editor or `echo` leaves. */
function trimmed(text: string): string {
	return text.replace(/\r?\n$/, "");
}

/** A key must fit into an HTTP header; the message says what is wrong with it, not what it is. */
function checked(secret: Secret, context: SecretContext): string {
	if (secret.value === "") {
		throw failed(context, `the key from ${secret.from} is empty`, "check where the key is stored");
	}
	if (!/^[\x21-\x7e]+$/.test(secret.value)) {
		const problem = `the key from ${secret.from} has characters that no header can carry (line breaks, spaces, non-ASCII)`;
		throw failed(context, problem, "store the key alone, on one line");
	}
	return secret.value;
}

function failed(place: StringPlace, problem: string, hint: string): UserError {
	return new UserError(`profile ${place.profile}: ${place.field}: ${problem}`, { hint, exitCode: EXIT.config });
}
