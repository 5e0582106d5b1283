import { version } from "../../../package.json";
import { installedVersion } from "../../launch/claude-versions.ts";
import { findClaude } from "../../launch/find-claude.ts";
import { packageRoot } from "../../platform/package-root.ts";
import { UserError } from "../../platform/user-error.ts";
import { print } from "../ui/output.ts";

/** `0.1.0 (Node 20.20.2, Claude Code 2.1.332)`: the version of cc-any is the first word, for scripts. */
export function printVersion(): void {
	print(`${version} (Node ${process.versions.node}, ${describeClaude()})\n`);
}

function describeClaude(): string {
	try {
		const file = findClaude({ variables: process.env, packageRoot: packageRoot() });
		return `Claude Code ${installedVersion(file) ?? `at ${file}`}`;
	} catch (error) {
		if (error instanceof UserError) return "no Claude Code found";
		throw error;
	}
}
