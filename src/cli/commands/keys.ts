import { type Environment, processEnvironment } from "../../platform/paths.ts";
import { EXIT, UserError } from "../../platform/user-error.ts";
import { describeKeyStorage, forgetKey, keepKey, keyStorage } from "../../profile/keys/keep-key.ts";
import { describeKeyOrigin } from "../../profile/keys/key-origin.ts";
import { readStoredKeys } from "../../profile/keys/key-store.ts";
import { KeychainFailure } from "../../profile/keys/keychain.ts";
import { resolveProfile } from "../../profile/resolve/resolve-profile.ts";
import { profileNames, readSources } from "../../profile/sources/sources.ts";
import { print, printJson, tell, warn } from "../ui/output.ts";
import { isTerminal } from "../ui/prompt.ts";
import { style } from "../ui/style.ts";
import { table } from "../ui/table.ts";
import type { DoctorFinding } from "./doctor/finding.ts";
import { askKey, keyFromStdin } from "./enter-key.ts";

/** One key, without the key. */
interface KeySummary {
	/** Variable that holds it, or that it replaces. */
	name: string;
	/** `variable`, and where a key is stored. With both, the variable is used. */
	sources: ("variable" | "keychain" | "file")[];
	profiles: string[];
}

/** `cc-any keys list`: the keys that are set, by variable. */
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
		printJson(found, 2);
		return;
	}
	if (found.length === 0) tell("no key is set\n");
	else print(table([["NAME", "FROM", "PROFILES"].map(style.heading), ...found.map(row)]));
	tell(
		`\n${style.hint("hint:")} cc-any keys set PROFILE stores one in ${describeKeyStorage(keyStorage(environment))}\n`,
	);
}

function row({ name, sources, profiles }: KeySummary): string[] {
	const from = sources.length === 2 ? `variable (one is in the ${sources[1]} too, not used)` : (sources[0] ?? "");
	return [name, from, profiles.join(", ") || style.faint("no profile reads it")];
}

async function profilesByVariable(environment: Environment): Promise<Map<string, string[]>> {
	const users = new Map<string, string[]>();
	const cwd = process.cwd();
	for (const name of profileNames(await readSources(environment, cwd))) {
		for (const variable of await variablesOf(name, environment)) {
			users.set(variable, [...(users.get(variable) ?? []), name]);
		}
	}
	return users;
}

async function variablesOf(profile: string, environment: Environment): Promise<string[]> {
	try {
		const selection = { profile, cwd: process.cwd() };
		return (await resolveProfile(selection, environment, { tolerant: true })).report.keyVariables;
	} catch (error) {
		if (error instanceof UserError) return []; // `cc-any profiles` reports what is wrong with it
		throw error;
	}
}

/** `cc-any keys set NAME`: stores a key from standard input or a hidden prompt. */
export async function setKey(name: string, { file }: { file?: boolean }): Promise<void> {
	const environment = processEnvironment();
	const variable = await variableOf(name, environment);
	const place = { profile: name, variable };
	const key = isTerminal() ? await askKey(`key for ${variable}`, place) : await keyFromStdin(place);
	tell(`stored ${variable} in ${describeKeyStorage(await keepKey(variable, key, environment, { file }))}\n`);
	if (environment.env[variable]) tell(`the variable ${variable} is set too, and takes precedence\n`);
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
	tell(`removed the stored key for ${variable}\n`);
}

/** `cc-any keys test PROFILE`: a request for the list of models with each key. Exit code 1 when none works. */
export async function testKey(name: string): Promise<void> {
	const resolved = await resolveProfile({ profile: name, cwd: process.cwd() });
	const { keyOrigin, warnings } = resolved.report;
	const { examineProvider } = await import("./doctor/provider.ts");
	const { findingRows } = await import("./doctor/finding.ts");
	for (const warning of warnings) warn(warning);
	const from = keyOrigin ? describeKeyOrigin(keyOrigin) : "none is set";
	// Each of several has a line of its own.
	const single: DoctorFinding[] = resolved.profile.keys ? [] : [{ check: "key", state: "ok", text: from }];
	const findings = [...single, ...(await examineProvider(resolved)).findings];
	print(table(findings.flatMap(findingRows)));
	if (findings.some(({ state }) => state === "failed")) process.exitCode = EXIT.failure;
}

/** The shell keeps what was typed in its history, and other users may see it in the list of processes. */
export function refuseKeyArgument(name: string): never {
	throw new UserError("a key does not belong on the command line: the shell keeps it in its history", {
		hint: `cc-any keys set ${name} asks for it, or reads it from standard input; replace the key if others can read your history`,
		exitCode: EXIT.usage,
	});
}

/** The variable for a name: the name itself, or the first variable that the profile of this name reads its key from. */
async function variableOf(name: string, environment: Environment): Promise<string> {
	if (/^[A-Z][A-Z0-9_]*$/.test(name)) return name;
	const selection = { profile: name, cwd: process.cwd() };
	const { profile, report } = await resolveProfile(selection, environment, { tolerant: true });
	const [variable] = report.keyVariables;
	if (variable !== undefined) return variable;
	throw new UserError(`profile ${profile.name} reads no key from a variable, so none can be stored for it`, {
		hint: `cc-any profiles show ${profile.name}`,
		exitCode: EXIT.config,
	});
}
