import { execFile } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/**
 * Versions that are no dependencies: the oldest that cc-any is tested with, and the newest in which `env` in the user's
 * settings wins over the environment.
 */
export const PINNED_CLAUDES = ["2.0.76", "2.1.80"] as const;

const CACHE = fileURLToPath(new URL("../../node_modules/.cache/claude-code/", import.meta.url));
const INSTALL_TIMEOUT_MS = 90_000;

/** The program of a version, which is installed on its first use; undefined where the registry is not reached. */
export async function installedClaude(version: string): Promise<string | undefined> {
	const folder = `${CACHE}${version}`;
	const program = `${folder}/node_modules/.bin/claude`;
	if (existsSync(program) && version !== "latest") return program;
	mkdirSync(folder, { recursive: true });
	const words = ["install", "--no-audit", "--no-fund", "--prefix", folder, `@anthropic-ai/claude-code@${version}`];
	try {
		await promisify(execFile)("npm", words, { timeout: INSTALL_TIMEOUT_MS });
		return program;
	} catch (error) {
		console.warn(`Claude Code ${version} is not tested: it cannot be installed (${String(error).split("\n")[0]})`);
		return undefined;
	}
}
