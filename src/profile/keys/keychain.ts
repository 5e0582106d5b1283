import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import type { Environment } from "../../platform/paths.ts";
import { pathFolders } from "../../platform/program.ts";

/**
 * The operating system's store for secrets, through its own program: a native module would be one more thing to trust.
 */
export interface Keychain {
	/** For messages: `the macOS keychain (security)`. */
	title: string;
	/** Stores a key and checks that it can be read back. */
	store(name: string, key: string): Promise<void>;
	/** Undefined when it has none of that name. */
	read(name: string): Promise<string | undefined>;
	remove(name: string): Promise<void>;
}

/** The keychain failed. The message never holds a key. */
export class KeychainFailure extends Error {}

/** A call of the program: its arguments, which other users can see, and its input, which they cannot. */
interface KeychainCall {
	args: readonly string[];
	input?: string;
}

interface KeychainProgram {
	title: string;
	file: string;
	/** Whether it can reach the user's session. */
	isUsable: (environment: Environment) => boolean;
	store: (name: string, key: string) => KeychainCall;
	read: (name: string) => KeychainCall;
	remove: (name: string) => KeychainCall;
}

/** Service name of the entries. */
const SERVICE = "cc-any";

/** `security -i` reads its commands in lines of at most 4096 bytes. */
const MAX_COMMAND_CHARS = 4000;

/** Time limit of a call, which may ask the user to unlock the keychain. */
const KEYCHAIN_TIMEOUT_MS = 45_000;

/** Longest output of a call. */
const MAX_OUTPUT_BYTES = 1 << 20;

const PROGRAMS: Partial<Record<NodeJS.Platform, KeychainProgram>> = {
	linux: {
		title: "the system's keyring (secret-tool)",
		file: "secret-tool",
		// Without a session bus it would try to start one.
		isUsable: ({ env }) =>
			Boolean(env["DBUS_SESSION_BUS_ADDRESS"]) ||
			(env["XDG_RUNTIME_DIR"] !== undefined && existsSync(join(env["XDG_RUNTIME_DIR"], "bus"))),
		store: (name, key) => ({ args: ["store", `--label=cc-any: ${name}`, ...attributes(name)], input: key }),
		read: (name) => ({ args: ["lookup", ...attributes(name)] }),
		remove: (name) => ({ args: ["clear", ...attributes(name)] }),
	},
	darwin: {
		title: "the macOS keychain (security)",
		file: "security",
		isUsable: () => true,
		// Its `-w` takes the key only from the command line or the terminal. A command on standard input may hold it too,
		// and hexadecimal needs no quoting.
		store: (name, key) => ({
			args: ["-i"],
			input: `add-generic-password -U -s "${SERVICE}" -a "${name}" -X "${Buffer.from(key).toString("hex")}"\n`,
		}),
		read: (name) => ({ args: ["find-generic-password", "-s", SERVICE, "-a", name, "-w"] }),
		remove: (name) => ({ args: ["delete-generic-password", "-s", SERVICE, "-a", name] }),
	},
};

function attributes(name: string): string[] {
	return ["service", SERVICE, "account", name];
}

export interface KeychainOptions {
	platform?: NodeJS.Platform | undefined;
	/** Time limit of a call, instead of the default. */
	timeoutMs?: number | undefined;
}

/** The keychain of this machine; undefined if there is none that the user's session can reach. */
export function findKeychain(environment: Environment, options: KeychainOptions = {}): Keychain | undefined {
	const { platform = process.platform, timeoutMs = KEYCHAIN_TIMEOUT_MS } = options;
	const program = PROGRAMS[platform];
	if (!program?.isUsable(environment)) return undefined;
	const places = pathFolders(environment.env, platform).map((folder) => join(folder, program.file));
	const file = places.find((place) => existsSync(place));
	if (file === undefined) return undefined;
	return keychainOf(program, (call) => execute(file, call, environment, timeoutMs));
}

/** Why there is none, for messages. */
export function whyNoKeychain(platform: NodeJS.Platform = process.platform): string {
	const program = PROGRAMS[platform];
	return program ? `${program.file} is not installed, or has no session bus` : `cc-any supports none on ${platform}`;
}

type CallResult = { code: number; output: string };

function keychainOf(program: KeychainProgram, run: (call: KeychainCall) => Promise<CallResult>): Keychain {
	const read = async (name: string): Promise<string | undefined> => {
		const { code, output } = await run(program.read(name));
		const key = output.replace(/\r?\n$/, "");
		return code === 0 && key !== "" ? key : undefined;
	};
	return {
		title: program.title,
		read,
		async store(name, key) {
			const call = program.store(name, key);
			const fits = /^\w+$/.test(name) && !(call.input && call.input.length > MAX_COMMAND_CHARS);
			if (!fits) throw new KeychainFailure(`${program.file} cannot store a key of this name or length`);
			const { code } = await run(call);
			if (code !== 0) throw new KeychainFailure(`${program.file} ended with exit code ${code}`);
			// `security -i` exits with 0 even when its command failed, and a keyring may be in memory only.
			if ((await read(name)) !== key) throw new KeychainFailure(`${program.file} does not return the key`);
		},
		async remove(name) {
			await run(program.remove(name));
			if ((await read(name)) !== undefined) throw new KeychainFailure(`${program.file} did not remove the key`);
		},
	};
}

function execute(
	file: string,
	{ args, input = "" }: KeychainCall,
	{ env }: Environment,
	timeout: number,
): Promise<CallResult> {
	return new Promise((done, reject) => {
		const options = { timeout, env: { ...env }, maxBuffer: MAX_OUTPUT_BYTES };
		const child = execFile(file, args, options, (error, output) => {
			const code = error?.code;
			if (!error || typeof code === "number") return done({ code: Number(code ?? 0), output });
			const reason = error.killed ? `did not finish within ${timeout / 1000} s` : `failed (${code ?? error.signal})`;
			reject(new KeychainFailure(`${basename(file)} ${reason}`));
		});
		child.stdin?.on("error", () => {}); // the exit code tells whether a program that did not read its input succeeded
		child.stdin?.end(input);
	});
}
