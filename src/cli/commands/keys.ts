import { text as readAll } from "node:stream/consumers";
import { type Environment, processEnvironment } from "../../platform/paths.ts";
import { EXIT, UserError } from "../../platform/user-error.ts";
import { forgetKey, keepKey, placeOfKeys } from "../../profile/keys/keep-key.ts";
import { readStoredKeys } from "../../profile/keys/key-store.ts";
import { KeychainFailure } from "../../profile/keys/keychain.ts";
import { resolveProfile } from "../../profile/resolve/load.ts";
import { profileNames, readSources } from "../../profile/sources/sources.ts";
import { askHidden, isTerminal } from "../ui/prompt.ts";
import { style } from "../ui/style.ts";
import { table } from "../ui/table.ts";

/** One key, without the key. */
interface KeySummary {
	/** Variable that holds it, or that it stands in for. */
	name: string;
	/** `variable`, which wins, and where one is stored; both where the stored one is not used. */
	sources: ("variable" | "keychain" | "file")[];
	profiles: string[];
}

/** `cc-any keys list`: the keys that are there, by variable. */
export async function listKeys({ json }: { json?: boolean }): Promise<void> {
	const environment = processEnvironment();
	const stored = readStoredKeys(environment);
	const users = await profilesByVariable(environment);
	const names = new Set([...users.keys(), ...Object.keys(stored)]);
	const all = [...names].sort().map((name): KeySummary => {
		const sources: KeySummary["sources"] = [];
		if (environment.env[name]) sources.push("variable");
		const kept = Object.hasOwn(stored, name) ? stored[name] : undefined;
		if (kept !== undefined) sources.push(typeof kept === "object" ? "keychain" : "file");
		return { name, sources, profiles: users.get(name) ?? [] };
	});
	const found = all.filter(({ sources }) => sources.length > 0);
	if (json) {
		process.stdout.write(`${JSON.stringify(found, undefined, 2)}\n`);
		return;
	}
	if (found.length === 0) process.stderr.write("no key is set\n");
	else process.stdout.write(table([["NAME", "FROM", "PROFILES"].map(style.heading), ...found.map(row)]));
	process.stderr.write(`\n${style.hint("hint:")} cc-any keys set PROFILE stores one in ${placeOfKeys(environment)}\n`);
}

function row({ name, sources, profiles }: KeySummary): string[] {
	const from = sources.length === 2 ? `variable (one is in the ${sources[1]} too, not used)` : (sources[0] ?? "");
	return [name, from, profiles.join(", ") || style.faint("no profile reads it")];
}

async function profilesByVariable(environment: Environment): Promise<Map<string, string[]>> {
	const users = new Map<string, string[]>();
	const cwd = process.cwd();
	for (const name of await profileNames(await readSources(environment, cwd))) {
		for (const variable of await variablesOf(name, environment)) {
			users.set(variable, [...(users.get(variable) ?? []), name]);
		}
	}
	return users;
}

async function variablesOf(profile: string, environment: Environment): Promise<string[]> {
	try {
		const selection = { profile, cwd: process.cwd() };
		return (await resolveProfile(selection, environment, { tolerant: true })).keyVariables ?? [];
	} catch (error) {
		if (error instanceof UserError) return []; // `cc-any profiles` tells what is wrong with it
		throw error;
	}
}

/** `cc-any keys set NAME`: stores the key that standard input, or a person, gives. */
export async function setKey(name: string, { file }: { file?: boolean }): Promise<void> {
	const environment = processEnvironment();
	const variable = await variableOf(name, environment);
	const key = await readKey(variable);
	if (!/^[\x21-\x7e]+$/.test(key)) {
		const what = key === "" ? "it is empty" : "it has spaces, line breaks or non-ASCII characters";
		throw new UserError(`the key for ${variable} is not stored: ${what}`, {
			hint: `give the key alone, on one line: cc-any keys set ${name} < FILE`,
			exitCode: EXIT.usage,
		});
	}
	process.stderr.write(`stored ${await keepKey(variable, key, environment, { file })}\n`);
	if (environment.env[variable]) process.stderr.write(`the variable ${variable} is set too, and wins\n`);
}

async function readKey(variable: string): Promise<string> {
	if (isTerminal()) return (await askHidden(`key for ${variable} (not shown):`)).trim();
	return (await readAll(process.stdin)).trim();
}

/** `cc-any keys remove NAME`: forgets a stored key. */
export async function removeKey(name: string): Promise<void> {
	const environment = processEnvironment();
	const stored = readStoredKeys(environment);
	const variable = Object.hasOwn(stored, name) ? name : await variableOf(name, environment);
	if (!Object.hasOwn(stored, variable)) {
		throw new UserError(`no key is stored for ${variable}`, { hint: "cc-any keys list", exitCode: EXIT.config });
	}
	try {
		await forgetKey(variable, environment);
	} catch (error) {
		if (!(error instanceof KeychainFailure)) throw error;
		throw new UserError(`the key for ${variable} is not removed: ${error.message}`, { hint: "unlock the keychain" });
	}
	process.stderr.write(`removed the stored key for ${variable}\n`);
}

/** `cc-any keys test PROFILE`: one request for the list of models. Exit code 1 when the key is refused. */
export async function testKey(name: string): Promise<void> {
	const profile = await resolveProfile({ profile: name, cwd: process.cwd() });
	const { examineProvider } = await import("./doctor/provider.ts");
	const { findingRows } = await import("./doctor/finding.ts");
	const from = profile.keyFrom ?? "none is set";
	const findings = [
		{ check: "key", state: "ok", text: from } as const,
		...(await examineProvider(profile, process.env)),
	];
	process.stdout.write(table(findings.flatMap(findingRows)));
	if (findings.some(({ state }) => state === "failed")) process.exitCode = EXIT.failure;
}

/** The variable that a name means: itself, or the first that the profile of this name reads its key from. */
async function variableOf(name: string, environment: Environment): Promise<string> {
	if (/^[A-Z][A-Z0-9_]*$/.test(name)) return name;
	const profile = await resolveProfile({ profile: name, cwd: process.cwd() }, environment, { tolerant: true });
	const [variable] = profile.keyVariables ?? [];
	if (variable !== undefined) return variable;
	throw new UserError(`profile ${profile.name} reads no key from a variable, so none can be stored for it`, {
		hint: `cc-any profiles show ${profile.name}`,
		exitCode: EXIT.config,
	});
}
