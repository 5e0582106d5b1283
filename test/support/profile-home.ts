import {
	chmodSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	realpathSync,
	rmSync,
	statSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import type { Environment } from "../../src/platform/paths.ts";
import { UserError } from "../../src/platform/user-error.ts";
import type { Profile } from "../../src/profile/model/profile.ts";
import type { ResolvedProfile } from "../../src/profile/report.ts";
import { resolveProfile, type Selection } from "../../src/profile/resolve/resolve-profile.ts";

/** A home folder with its own XDG folders and a project in it, removed after the test. */
export interface ProfileHome {
	home: string;
	/** The project's folder, a git root. */
	project: string;
	env: Record<string, string>;
	environment: Environment;
	/** Writes a file below the home folder and returns its path. */
	write(path: string, text: string): string;
	read(path: string): string;
	has(path: string): boolean;
	/** Permission bits, for example 0o600. */
	mode(path: string): number;
	chmod(path: string, mode: number): void;
	resolve(selection?: Partial<Selection>): Promise<Profile>;
	/** The same, with what is reported about the profile. */
	resolveWithReport(selection?: Partial<Selection>): Promise<ResolvedProfile>;
}

export function profileHome(variables: Record<string, string> = {}): ProfileHome {
	// The real path: macOS has a link in that of the temporary folder, Windows a short name (`RUNNER~1`).
	const home = realpathSync.native(mkdtempSync(join(tmpdir(), "cc-any-profile-")));
	onTestFinished(() => rmSync(home, { recursive: true, force: true }));
	const project = join(home, "project");
	mkdirSync(join(project, ".git"), { recursive: true });
	const env: Record<string, string> = { PATH: process.env["PATH"] ?? "", ...variables };
	const environment = { env, home };
	return {
		home,
		project,
		env,
		environment,
		write(path, text) {
			const file = join(home, path);
			mkdirSync(dirname(file), { recursive: true });
			writeFileSync(file, text);
			return file;
		},
		read: (path) => readFileSync(join(home, path), "utf8"),
		has: (path) => existsSync(join(home, path)),
		mode: (path) => statSync(join(home, path)).mode & 0o777,
		chmod: (path, mode) => chmodSync(join(home, path), mode),
		resolve: async (selection = {}) => (await resolveProfile({ cwd: project, ...selection }, environment)).profile,
		resolveWithReport: (selection = {}) => resolveProfile({ cwd: project, ...selection }, environment),
	};
}

/** The error that a promise is rejected with, which has to be one for the user: with a hint, without a stack trace. */
export async function userError(promise: Promise<unknown>): Promise<UserError> {
	const error = await promise.then(
		(value) => new Error(`no error, but ${JSON.stringify(value)}`),
		(reason: unknown) => reason,
	);
	if (!(error instanceof UserError)) throw error;
	if (!error.hint) throw new Error(`no hint: ${error.message}`);
	return error;
}
