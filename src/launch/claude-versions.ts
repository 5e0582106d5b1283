import { readFileSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isObject, tryParseJson } from "../platform/json.ts";
import { UserError } from "../platform/user-error.ts";

/** The oldest and the newest Claude Code that cc-any is tested with. An older one is refused. */
export const TESTED_CLAUDE = ["2.0.76", "2.1.332"] as const;

/** Why the oldest is not older. Source: anthropics/claude-code#15274, measured with 1.0.100. */
const WHY_NOT_OLDER =
	"2.0.55 to 2.0.74 contact Anthropic at their first start whatever the base URL is, and 1.x has no setting for the model of each tier";

/** A fault of some versions that cc-any cannot correct. */
interface KnownProblem {
	/** The first version without it. */
	before: string;
	text: string;
	/** Only with a context window below this one. */
	windowBelow?: number;
	/** Public issue, or how it was measured. */
	source: string;
}

const KNOWN_PROBLEMS: readonly KnownProblem[] = [
	{
		before: "2.1.118",
		windowBelow: 200_000,
		text: "assumes a context window of 200,000 tokens for every model, and may compact too late for a smaller one",
		source: "measured with 2.1.80: /context shows 200k for 65k; 2.1.118 reads CLAUDE_CODE_MAX_CONTEXT_TOKENS",
	},
];

export const UPDATE_FIX = "claude update   or: npm install -g @anthropic-ai/claude-code";

/** Throws a `UserError` for a version that is too old. */
export function assertSupported(version: string): void {
	const [oldest] = TESTED_CLAUDE;
	if (compareVersions(version, oldest) >= 0) return;
	throw new UserError(
		`Claude Code ${version} is too old: cc-any works with ${oldest} and later, because ${WHY_NOT_OLDER}`,
		{
			hint: UPDATE_FIX,
		},
	);
}

/** What is wrong with a version, for a main model with this window. */
export function problemsOf(version: string, window: number | undefined): string[] {
	const found = KNOWN_PROBLEMS.filter(({ before, windowBelow = Infinity }) => {
		const applies = windowBelow === Infinity || (window ?? Infinity) < windowBelow;
		return applies && compareVersions(version, before) < 0;
	});
	return found.map(({ text }) => `Claude Code ${version} ${text}`);
}

/**
 * The version of an installed claude, without starting it, which would take up to 180 ms. Undefined if neither its path nor
 * its package names one.
 */
export function installedVersion(file: string): string | undefined {
	const path = realPathOf(file);
	// The native installer names the program after its version: ~/.local/share/claude/versions/2.1.332.
	if (/^\d+\.\d+\.\d+$/.test(basename(path))) return basename(path);
	const folder = dirname(path);
	// Beside cli.js, above bin/claude.exe, and where npm's claude.cmd finds it.
	const packages = [folder, dirname(folder), join(folder, "node_modules", "@anthropic-ai", "claude-code")];
	for (const each of packages) {
		const { name, version } = readPackage(join(each, "package.json"));
		if (typeof name === "string" && name.startsWith("@anthropic-ai/claude-code") && typeof version === "string") {
			return version;
		}
	}
	return undefined;
}

/** Negative, zero or positive: the order of two versions by their three numbers. */
export function compareVersions(one: string, other: string): number {
	const [a, b] = [one.split(".").map(Number), other.split(".").map(Number)];
	const differing = [0, 1, 2].find((index) => a[index] !== b[index]);
	return differing === undefined ? 0 : (a[differing] ?? 0) - (b[differing] ?? 0);
}

function realPathOf(file: string): string {
	try {
		return realpathSync(file);
	} catch {
		return file; // the start of the program will say what is wrong
	}
}

function readPackage(path: string): Record<string, unknown> {
	try {
		const value = tryParseJson(readFileSync(path, "utf8"));
		return isObject(value) ? value : {};
	} catch {
		return {}; // there is none
	}
}
