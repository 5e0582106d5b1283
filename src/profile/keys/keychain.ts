import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Environment } from "../../platform/paths.ts";

/** Where the operating system keeps secrets, through its own program: a native module would be one more thing to trust. */
export interface Keychain {
	/** For people: `the macOS keychain (security)`. */
	title: string;
	/** Stores a key and sees that it can be read back. */
	store(name: string, key: string): Promise<void>;
	/** Undefined where it has none of that name. */
	read(name: string): Promise<string | undefined>;
	remove(name: string): Promise<void>;
}

/** The keychain did not do what it was asked to. Never holds a key. */
export class KeychainFailure extends Error {}

/** A call of the program: its arguments, which other users can see, and its input, which they cannot. */
interface Call {
	words: readonly string[];
	input?: string;
}

interface Program {
	title: string;
	file: string;
	/** Whether there is something for it to talk to. */
	isUsable: (environment: Environment) => boolean;
	store: (name: string, key: string) => Call;
	read: (name: string) => Call;
	remove: (name: string) => Call;
}

/** What the entries are filed under. */
const SERVICE = "cc-any";

/** `security -i` reads its commands in lines of at most 4096 bytes. */
const LONGEST_LINE = 4000;

const PROGRAMS: Partial<Record<NodeJS.Platform, Program>> = {
	linux: {
		title: "the system's keyring (secret-tool)",
		file: "secret-tool",
		// Without a session bus it would try to start one.
		isUsable: ({ env }) =>
			Boolean(env["DBUS_SESSION_BUS_ADDRESS"]) ||
			(env["XDG_RUNTIME_DIR"] !== undefined && existsSync(join(env["XDG_RUNTIME_DIR"], "bus"))),
		store: (name, key) => ({ words: ["store", `--label=cc-any: ${name}`, ...attributes(name)], input: key }),
		read: (name) => ({ words: ["lookup", ...attributes(name)] }),
		remove: (name) => ({ words: ["clear", ...attributes(name)] }),
	},
	darwin: {
		title: "the macOS keychain (security)",
		file: "security",
		isUsable: () => true,
		// Its `-w` takes the key from the command line or the terminal only; a command on standard input may hold it, and
		// in hexadecimal nothing in it needs quoting.
		store: (name, key) => ({
			words: ["-i"],
			input: `add-generic-password -U -s "${SERVICE}" -a "${name}" -X "${Buffer.from(key).toString("hex")}"\n`,
		}),
		read: (name) => ({ words: ["find-generic-password", "-s", SERVICE, "-a", name, "-w"] }),
		remove: (name) => ({ words: ["delete-generic-password", "-s", SERVICE, "-a", name] }),
	},
};

function attributes(name: string): string[] {
	return ["service", SERVICE, "account", name];
}

export interface KeychainOptions {
	platform?: NodeJS.Platform | undefined;
	/** Longest wait for the program, which may ask the user to unlock, in milliseconds. */
	patience?: number | undefined;
}

/** The keychain of this machine; undefined where there is none that its user's session can reach. */
export function findKeychain(environment: Environment, options: KeychainOptions = {}): Keychain | undefined {
	const { platform = process.platform, patience = 45_000 } = options;
	const program = PROGRAMS[platform];
	if (!program?.isUsable(environment)) return undefined;
	const folders = (environment.env["PATH"] ?? "").split(delimiter);
	if (!folders.some((folder) => folder !== "" && existsSync(join(folder, program.file)))) return undefined;
	return keychainOf(program, (call) => carryOut(program.file, call, environment, patience));
}

/** Why there is none, for people. */
export function whyNoKeychain(platform: NodeJS.Platform = process.platform): string {
	const program = PROGRAMS[platform];
	return program ? `${program.file} is not there, or has no session to talk to` : `cc-any knows none on ${platform}`;
}

type Outcome = { code: number; output: string };

function keychainOf(program: Program, run: (call: Call) => Promise<Outcome>): Keychain {
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
			const fits = /^\w+$/.test(name) && !(call.input && call.input.length > LONGEST_LINE);
			if (!fits) throw new KeychainFailure(`${program.file} takes no such key`);
			const { code } = await run(call);
			if (code !== 0) throw new KeychainFailure(`${program.file} ended with exit code ${code}`);
			// `security -i` ends well whatever became of its commands, and a keyring may live in memory only.
			if ((await read(name)) !== key) throw new KeychainFailure(`${program.file} does not give the key back`);
		},
		async remove(name) {
			await run(program.remove(name));
			if ((await read(name)) !== undefined) throw new KeychainFailure(`${program.file} has kept the key`);
		},
	};
}

function carryOut(file: string, { words, input = "" }: Call, { env }: Environment, timeout: number): Promise<Outcome> {
	return new Promise((done, reject) => {
		const options = { timeout, env: env as NodeJS.ProcessEnv, maxBuffer: 1 << 20 };
		const child = execFile(file, words, options, (error, output) => {
			const code = error?.code;
			if (!error || typeof code === "number") return done({ code: Number(code ?? 0), output });
			const reason = error.killed ? `did not answer within ${timeout / 1000} s` : `failed (${code ?? error.signal})`;
			reject(new KeychainFailure(`${file} ${reason}`));
		});
		child.stdin?.on("error", () => {}); // a program that ends without reading is judged by its exit code
		child.stdin?.end(input);
	});
}
